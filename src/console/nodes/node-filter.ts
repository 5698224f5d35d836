// What the node filter of the console means: one reading of it, from which both come, who matches and the options of `mco` that say the
// same. Names are decided here; classes, facts, agents and compound expressions are a filter for whoever knows the nodes (the keeper of
// the roster, or nodes-known.ts). [live 2, 11 O4, O6] [cli 4]

import { messageOf, TroupeError } from '#base/errors.ts'
import type { Filter } from '#message/filter.ts'
import { parseCompound } from '#rpc/match/compound.ts'
import { parseFactTest } from '#rpc/match/fact-test.ts'
import { nameRegex, parseNameTest } from '#rpc/match/name-test.ts'
import { compileRegex } from '#rpc/regex.ts'
import { globTest, hasWildcard } from '../api/glob.ts'
import type { NodeFilter } from '../api/nodes.ts'

/** Names a node goes by: identity, and its facts hostname and fqdn where they are known. */
export interface NodeNames {
  readonly name: string
  readonly hostname?: string | undefined
  readonly fqdn?: string | undefined
}

export interface ReadNodeFilter {
  /** Everything but the name, as nodes and rosters evaluate it. */
  readonly filter: Filter
  /** true: `filter` selects by nothing. */
  readonly namesOnly: boolean
  /** How the name of a node fits: by its identity, or only by what it calls itself (or in another case); undefined: it does not. */
  nameFits(node: NodeNames): 'identity' | 'fact' | undefined
  /**
   * The options of `mco`, e.g. `['-F', 'osfamily=Debian', '-I', '/^(?i:web.*)$/']`. `alsoNamed`: identities of nodes that fit only by what
   * they call themselves, which no option can say.
   */
  words(alsoNamed: readonly string[]): string[]
}

/** Throws CONSOLE_INVALID with a sentence per field of the filter, e.g. `{ 'facts.0': 'Could not parse fact ...' }`. */
export function readNodeFilter(filter: NodeFilter): ReadNodeFilter {
  const problems: Record<string, string> = {}
  const read = <T>(field: string, make: () => T): T | undefined => {
    try {
      return make()
    } catch (error) {
      problems[field] = messageOf(error)
      return undefined
    }
  }
  const each = <T>(field: string, texts: readonly string[] = [], make: (text: string) => T): T[] =>
    texts.map((text, i) => read(`${field}.${i}`, () => make(text.trim()))).filter((one) => one !== undefined)

  const name = filter.name?.trim() ?? ''
  const nameTest = name === '' ? undefined : read('name', () => nameTestOf(name))
  const facts = each('facts', filter.facts, parseFactTest)
  const classes = each('classes', filter.classes, (text) => parseNameTest(text, '-C'))
  const agents = each('agents', filter.agents, (text) => parseNameTest(text, '-A'))
  const compound = filter.compound?.trim() ?? ''
  const compounds = compound === '' ? [] : [read('compound', () => parseCompound(compound)) ?? []]
  if (Object.keys(problems).length > 0) {
    const [field, why] = Object.entries(problems)[0] ?? []
    throw new TroupeError('CONSOLE_INVALID', `cannot use the node filter: ${field}: ${why}`, {
      details: { fields: problems },
    })
  }
  const rest = [
    ...classes.flatMap((test) => ['-C', test]),
    ...(filter.facts ?? []).flatMap((text) => ['-F', text.trim()]),
    ...agents.flatMap((test) => ['-A', test]),
    ...(compound === '' ? [] : ['-S', compound]),
  ]
  return {
    filter: { facts, classes, agents, identities: [], compounds },
    namesOnly: facts.length + classes.length + agents.length + compounds.length === 0,
    nameFits(node) {
      if (!nameTest || nameTest.says(node.name)) return 'identity'
      const names = [node.name, node.hostname, node.fqdn]
      return names.some((text) => text !== undefined && nameTest.fits(text)) ? 'fact' : undefined
    },
    words: (alsoNamed) => [
      ...rest,
      ...(nameTest ? ['-I', nameTest.option] : []),
      ...(nameTest ? alsoNamed.flatMap((identity) => ['-I', identity]) : []),
    ],
  }
}

interface NameTestOf {
  readonly option: string
  fits(name: string): boolean
  /** Whether the option alone selects this identity. */
  says(identity: string): boolean
}

function nameTestOf(text: string): NameTestOf {
  const regex = nameRegex(text)
  if (regex === null) return globTestOf(text)
  parseNameTest(text, 'name')
  const compiled = compileRegex(regex)
  const fits = (name: string): boolean => compiled.test(name)
  return { option: text, fits, says: fits }
}

function globTestOf(glob: string): NameTestOf {
  const wanted = glob.toLowerCase()
  const source = [...wanted].map((char) => (char === '*' ? '.*' : char === '?' ? '.' : escaped(char))).join('')
  const plain = !hasWildcard(glob)
  const option = plain && !glob.startsWith('/') ? glob : `/^(?i:${source})$/`
  parseNameTest(option, 'name')
  const fits = globTest(glob)
  return { option, fits, says: plain ? (identity) => identity === glob : fits }
}

function escaped(char: string): string {
  return /[\w\s-]/.test(char) || char > '\x7f' ? char : `\\${char}`
}
