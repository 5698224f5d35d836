// The text of `-S` to tokens: `(osfamily=Debian and !ntp) or fstat('/etc/hosts').md5=/^ab/`. Where the original's lexer depended on
// blanks and on what came before, this one takes the sane reading; differences are listed in docs/guide/filters.md.
// [cli 4.4, wire 6.5, B-007]

import { TroupeError } from '#base/errors.ts'
import { DATA_QUERY_LENGTH_MAX, FILTER_BYTES_MAX, FILTER_TERMS_MAX } from '#base/limits.ts'
import type { CompoundToken, DataTest, FactOperator } from '#message/filter.ts'
import { translateRegex } from '../ruby-regex.ts'
import { evaluationOrder } from './compound-order.ts'
import { bareRegex } from './fact-test.ts'

type Operator = DataTest['operator']

const PROBLEMS = {
  parse: 'Parse errors',
  parenthesis: 'Missing parenthesis',
  malformed: 'Malformed token(s)',
} as const

/**
 * Reads a compound expression. Throws FILTER_BAD_COMPOUND (`details.offset` and `details.length` tell which characters do not fit),
 * FILTER_BAD_REGEX for a regular expression that cannot be used, FILTER_TOO_LARGE.
 */
export function parseCompound(text: string): CompoundToken[] {
  if (text.length > FILTER_BYTES_MAX) throw tooLarge(`${text.length} characters`, `${FILTER_BYTES_MAX}`)
  const lexer = new Lexer(text)
  const tokens: CompoundToken[] = []
  const places: { offset: number; length: number }[] = []
  for (let token = lexer.next(); token; token = lexer.next()) {
    if (tokens.length === FILTER_TERMS_MAX) throw tooLarge(`more than ${FILTER_TERMS_MAX} terms`, `${FILTER_TERMS_MAX}`)
    tokens.push(token)
    places.push({ offset: lexer.start, length: lexer.at - lexer.start })
  }
  if (tokens.length === 0) throw failure('parse', text, 'it is empty', 0, 0)
  const order = evaluationOrder(tokens)
  if (Array.isArray(order)) return tokens
  const place = places[order.index] ?? { offset: text.length, length: 0 }
  throw failure(order.problem, text, order.why, place.offset, place.length)
}

function failure(problem: keyof typeof PROBLEMS, text: string, why: string, offset: number, length: number) {
  return new TroupeError(
    'FILTER_BAD_COMPOUND',
    `${PROBLEMS[problem]} found while parsing -S input ${text}: ${why} at character ${offset + 1}`,
    { details: { problem, offset, length } },
  )
}

function tooLarge(found: string, most: string): TroupeError {
  return new TroupeError('FILTER_TOO_LARGE', `cannot use the -S input: it has ${found}; at most ${most} are allowed`)
}

class Lexer {
  at = 0
  /** Where the last token began. */
  start = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  next(): CompoundToken | null {
    this.#blanks()
    this.start = this.at
    if (this.at >= this.#text.length) return null
    const character = this.#text[this.at]
    if (character === '(' || character === ')') {
      this.at++
      return { kind: character }
    }
    if (character === '!' && !this.#text.startsWith('!=', this.at)) {
      this.at++
      return { kind: 'not' }
    }
    const keyword = this.#match(/(and|or|not)(?=[\s(])/y)
    if (keyword) return { kind: keyword[1] as 'and' | 'or' | 'not' }
    if (character === '/') return { kind: 'class', class: this.#classRegex() }
    return this.#statement()
  }

  #bad(why: string, offset = this.start): TroupeError {
    return failure('malformed', this.#text, why, offset, Math.max(this.at - offset, 1))
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#text)
    if (found) this.at += found[0].length
    return found
  }

  #blanks(): void {
    while (/\s/.test(this.#text[this.at] ?? '')) this.at++
  }

  #statement(): CompoundToken {
    const call = this.#match(/([A-Za-z_]\w*)\(/y)
    if (call) return this.#data(call[1] ?? '')
    const name = this.#word(/[^\s()=<>!'"]+/y)
    if (name === null) throw this.#bad('a class, a fact or a data function should be here')
    const end = this.at
    this.#blanks()
    const operator = this.#operator()
    if (!operator) {
      this.at = end
      return { kind: 'class', class: this.#plainClass(name) }
    }
    const { kind, value } = this.#value(operator)
    if (kind === '!~')
      throw this.#bad(`a fact cannot be compared with '${operator}' and a /regex/; write !${name}=/.../`)
    return { kind: 'fact', test: { fact: name, operator: kind, value } }
  }

  /** A quoted class that begins with a slash would be taken for a regular expression. */
  #plainClass(name: string): string {
    if (name === '' || name.startsWith('/')) throw this.#bad('this is no name of a class')
    return name
  }

  #operator(): string | null {
    return this.#match(/=>|=<|<=|>=|==|=~|!=|!~|=|<|>/y)?.[0] ?? null
  }

  #value(written: string): { kind: FactOperator | '!~'; value: string } {
    this.#blanks()
    const regex = this.#text[this.at] === '/' ? this.#slashed() : null
    if (regex !== null || written === '=~' || written === '!~') {
      const value = regex ?? this.#plainValue(written)
      const kind = REGEX_OPERATORS.get(written)
      if (!kind) throw this.#bad(`'${written}' cannot compare with a regular expression`)
      const bare = regex === null ? bareRegex(value) : value
      translateRegex(bare)
      return { kind, value: bare }
    }
    return { kind: PLAIN_OPERATORS.get(written) ?? '==', value: this.#plainValue(written) }
  }

  #plainValue(written: string): string {
    const value = this.#word(/[^\s()'"]+/y)
    if (value === null) throw this.#bad(`a value is missing after '${written}'`)
    return value
  }

  /** Bare and quoted parts with nothing between them, joined; quotes keep blanks together. Null: no part at all. */
  #word(bare: RegExp): string | null {
    let text: string | null = null
    for (;;) {
      const quote = this.#text[this.at]
      if (quote === "'" || quote === '"') {
        text = (text ?? '') + this.#quoted(quote)
        continue
      }
      const part = this.#match(bare)
      if (!part) return text
      text = (text ?? '') + part[0]
    }
  }

  #quoted(quote: string): string {
    const open = this.at
    const close = this.#text.indexOf(quote, open + 1)
    if (close < 0) throw this.#bad(`the quote ${quote} is never closed`, open)
    this.at = close + 1
    return this.#text.slice(open + 1, close)
  }

  #classRegex(): string {
    const begin = this.at
    const regex = this.#slashed()
    if (regex === null) throw this.#bad("the regular expression is not closed with '/'")
    translateRegex(regex)
    return this.#text.slice(begin, this.at)
  }

  /**
   * What stands between slashes, which must end the statement. Blanks may be inside as long as no further slash is; `/usr/bin` is no
   * regular expression but a path. Null: none here.
   */
  #slashed(): string | null {
    const open = this.at
    const first = /(?:[^\\/]|\\.)*/sy
    first.lastIndex = open + 1
    const inner = first.exec(this.#text)?.[0] ?? ''
    let close = open + 1 + inner.length
    if (this.#text[close] !== '/') return null
    if (!this.#endsAt(close + 1)) {
      if (/\s/.test(inner)) return null
      const word = /[^\s()]*/y
      word.lastIndex = close
      close += (word.exec(this.#text)?.[0] ?? '').length - 1
      if (this.#text[close] !== '/' || !this.#endsAt(close + 1)) return null
    }
    const regex = this.#text.slice(open + 1, close)
    if (regex === '') return null
    this.at = close + 1
    return regex
  }

  #endsAt(at: number): boolean {
    return at >= this.#text.length || /[\s)]/.test(this.#text[at] ?? '')
  }

  /** After `name(`. */
  #data(source: string): CompoundToken {
    this.#blanks()
    const quote = this.#text[this.at]
    let query: string | null = null
    if (quote === "'" || quote === '"') {
      query = this.#quoted(quote)
      this.#blanks()
      if (this.#text[this.at] === ',') throw this.#bad(`${source}() takes at most one argument`, this.at)
    }
    if (this.#text[this.at] !== ')') {
      throw this.#bad(`the argument of ${source}() should be one quoted text, then ')'`, this.at)
    }
    this.at++
    if ((query?.length ?? 0) > DATA_QUERY_LENGTH_MAX) {
      throw tooLarge(`an argument of ${query?.length} characters`, `${DATA_QUERY_LENGTH_MAX}`)
    }
    const output = this.#match(/\.(\w+)/y)?.[1]
    if (!output) throw this.#bad(`${source}() should be followed by '.' and the name of an output`, this.at)
    this.#blanks()
    const operator = this.#operator()
    if (!operator) throw this.#bad(`${source}().${output} should be compared with a value`)
    const { kind, value } = this.#value(operator)
    return { kind: 'data', test: { source, query, output, operator: kind, value } }
  }
}

const REGEX_OPERATORS: ReadonlyMap<string, '=~' | '!~'> = new Map([
  ['=', '=~'],
  ['==', '=~'],
  ['=~', '=~'],
  ['!=', '!~'],
  ['!~', '!~'],
])

const PLAIN_OPERATORS: ReadonlyMap<string, Exclude<Operator, '=~' | '!~'>> = new Map([
  ['=', '=='],
  ['==', '=='],
  ['!=', '!='],
  ['<', '<'],
  ['>', '>'],
  ['<=', '<='],
  ['=<', '<='],
  ['>=', '>='],
  ['=>', '>='],
])
