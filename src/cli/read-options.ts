// Words of a command line to options and the words between them, as Ruby's optparse does it and operators are used to: any order,
// unambiguous prefixes of long names, `--opt=value` and `--opt value`, `-t5` and `-vt5`, values that begin with a dash. [cli 2.1]

import { TroupeError } from '#base/errors.ts'
import type { OptionSpec } from './options.ts'

/** One thing read: an option with its value, if it takes one, or a word. `at` is its place in the words. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'option'; readonly spec: OptionSpec; readonly typed: string; readonly value?: string }

/** Values by canonical name. */
export interface OptionValues {
  flag(name: string): boolean
  text(name: string): string | undefined
  list(name: string): readonly string[]
  number(name: string): number | undefined
}

/**
 * Reads words. Throws USAGE_BAD_OPTION: `invalid option: --bogus`, `missing argument: --ttl`, `ambiguous option: --dis`,
 * `needless argument: --sort=x`, `invalid argument: -t x`, `--look has to be one of 'classic' or 'modern'`.
 */
export function readOptions(specs: readonly OptionSpec[], argv: readonly string[]) {
  return valuesOf(scanOptions(specs, argv))
}

/** The words and options of tokens. */
export function valuesOf(tokens: readonly Token[]): {
  readonly words: readonly string[]
  readonly options: OptionValues
} {
  const flags = new Set<string>()
  const values = new Map<string, string[]>()
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'word') words.push(token.text)
    else if (token.value === undefined) flags.add(token.spec.name)
    else values.set(token.spec.name, [...(values.get(token.spec.name) ?? []), token.value])
  }
  const text = (name: string): string | undefined => values.get(name)?.at(-1)
  return {
    words,
    options: {
      flag: (name) => flags.has(name),
      text,
      list: (name) => values.get(name) ?? [],
      number: (name) => (text(name) === undefined ? undefined : Number(text(name))),
    },
  }
}

/** Throws USAGE_BAD_OPTION, see readOptions. */
export function scanOptions(specs: readonly OptionSpec[], argv: readonly string[]): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string
    if (word === '--') {
      for (let rest = at + 1; rest < argv.length; rest++)
        tokens.push({ kind: 'word', text: argv[rest] as string, at: rest })
      break
    }
    if (!word.startsWith('-') || word === '-') {
      tokens.push({ kind: 'word', text: word, at })
      continue
    }
    for (const { spec, typed, attached } of optionsIn(specs, word)) {
      if (!spec.value) {
        if (attached !== undefined) throw bad(`needless argument: ${typed}=${attached}`)
        tokens.push({ kind: 'option', spec, typed })
        continue
      }
      const value = attached ?? argv[++at]
      if (value === undefined) throw bad(`missing argument: ${typed}`)
      check(spec, typed, value)
      tokens.push({ kind: 'option', spec, typed, value })
    }
  }
  return tokens
}

/** Where the first word that is neither an option nor the value of one stands; -1: there is none. Unknown options count as switches. */
export function firstWordAt(specs: readonly OptionSpec[], argv: readonly string[]): number {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string
    if (!word.startsWith('-') || word === '-') return at
    try {
      const last = optionsIn(specs, word).at(-1)
      if (last?.spec.value && last.attached === undefined) at++
    } catch {
      // Whoever reads the options says what is wrong with it.
    }
  }
  return -1
}

interface Found {
  readonly spec: OptionSpec
  readonly typed: string
  readonly attached?: string
}

/** The options in one word: one long, or any number of short ones of which the last may have a value attached. */
function optionsIn(specs: readonly OptionSpec[], word: string): Found[] {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=')
    const typed = equals < 0 ? word : word.slice(0, equals)
    const spec = findLong(specs, typed)
    return [equals < 0 ? { spec, typed } : { spec, typed, attached: word.slice(equals + 1) }]
  }
  const found: Found[] = []
  for (let i = 1; i < word.length; i++) {
    const typed = `-${word[i]}`
    const spec = specs.find(({ short }) => short === word[i])
    if (!spec) throw bad(`invalid option: ${typed}`)
    const rest = word.slice(i + 1)
    if (spec.value && rest !== '') return [...found, { spec, typed, attached: rest }]
    found.push({ spec, typed })
  }
  return found
}

function findLong(specs: readonly OptionSpec[], typed: string): OptionSpec {
  const name = typed.slice(2)
  const namesOf = (spec: OptionSpec): readonly string[] => [spec.name, ...(spec.aliases ?? [])]
  const exact = specs.find((spec) => namesOf(spec).includes(name))
  if (exact) return exact
  const found = name === '' ? [] : specs.filter((spec) => namesOf(spec).some((long) => long.startsWith(name)))
  if (found.length === 1) return found[0] as OptionSpec
  if (found.length === 0) throw bad(`invalid option: ${typed}`)
  throw bad(`ambiguous option: ${typed} (${found.map((spec) => `--${spec.name}`).join(', ')})`)
}

const NUMBERS = { integer: /^\d{1,9}$/, seconds: /^\d{1,9}(\.\d{1,6})?$/ }

function check({ name, type, choices }: OptionSpec, typed: string, value: string): void {
  if (type && !NUMBERS[type].test(value)) throw bad(`invalid argument: ${typed} ${value}`)
  if (choices && !choices.includes(value)) {
    const allowed = choices.map((choice) => `'${choice}'`)
    throw bad(`--${name} has to be one of ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`)
  }
}

/** Splits as a shell does: blanks, quotes and back-slashes count, nothing is expanded. Throws USAGE_BAD_OPTION for an open quote. */
export function splitWords(text: string, source: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string
    if (quote !== '' && char === quote) quote = ''
    else if (quote === "'") word += char
    else if (char === '\\' && i + 1 < text.length && (quote === '' || '"\\$`'.includes(text[i + 1] as string)))
      word = (word ?? '') + text[++i]
    else if (quote === '"') word += char
    else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (!/\s/.test(char)) word = (word ?? '') + char
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  if (quote !== '') throw bad(`cannot read ${source}: a ${quote} is opened and not closed`)
  return word === undefined ? words : [...words, word]
}

function bad(message: string): TroupeError {
  return new TroupeError('USAGE_BAD_OPTION', message)
}
