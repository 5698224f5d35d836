// Lists of nodes that come from outside: a flat file, or standard input as text or JSON (`mco rpc -j`, PuppetDB). Reading them is the
// caller's work. [cli 5, wire 6.7, M-029]

import { TroupeError } from '#base/errors.ts'
import { IDENTITY_PATTERN } from '#base/id.ts'
import { NODE_LIST_MAX } from '#base/limits.ts'
import { parseJson } from '#base/parse-json.ts'
import type { Filter } from '#message/filter.ts'
import { compileRegex } from '#rpc/regex.ts'

/** One identity a line; blank lines and lines beginning with `#` do not count. Throws USAGE_BAD_NODE_LIST. */
export function parseFlatfile(text: string): string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  const names = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  return checked(names)
}

/**
 * What was piped in: `auto` takes JSON when it begins with `[`. JSON is a list of objects with `sender` or `certname`, or of names
 * (as `mco find -j` prints). Throws USAGE_BAD_NODE_LIST.
 */
export function parseStdinNodes(text: string, format: 'auto' | 'json' | 'text'): string[] {
  if (text.trim() === '') throw bad('data piped on STDIN contained only whitespace - could not discover hosts from it.')
  const json = format === 'json' || (format === 'auto' && text.trimStart().startsWith('['))
  return json ? parseJsonNodes(text) : parseFlatfile(text)
}

function parseJsonNodes(text: string): string[] {
  let parsed: unknown
  try {
    parsed = parseJson(text)
  } catch (cause) {
    throw new TroupeError('USAGE_BAD_NODE_LIST', 'cannot read the piped list of hosts: it is not JSON', { cause })
  }
  if (!Array.isArray(parsed)) throw bad('JSON hosts list is not an array')
  return checked([...new Set(parsed.map(nameOf))])
}

function nameOf(entry: unknown): string {
  if (typeof entry === 'string') return entry
  const { sender, certname } = (entry ?? {}) as { sender?: unknown; certname?: unknown }
  const name = sender ?? certname
  if (typeof name !== 'string') throw bad('JSON host list does not have senders in it')
  return name
}

function checked(names: readonly string[]): string[] {
  if (names.length > NODE_LIST_MAX)
    throw bad(`cannot address ${names.length} hosts of a list: at most ${NODE_LIST_MAX} are allowed`)
  for (const name of names) {
    if (!IDENTITY_PATTERN.test(name))
      throw bad(`Identities can only match ${String(IDENTITY_PATTERN)}: ${JSON.stringify(name.slice(0, 80))}`)
  }
  return [...new Set(names)]
}

/** The part of a list that the identity filters select; other filters cannot be applied to a list. Throws USAGE_CONFLICT. */
export function selectFromList(nodes: readonly string[], filter: Partial<Filter>, method: string): string[] {
  const impossible: [string, readonly unknown[] | undefined][] = [
    ['class', filter.classes],
    ['fact', filter.facts],
    ['agent', filter.agents],
    ['compound', filter.compounds],
  ]
  for (const [kind, tests] of impossible) {
    if (tests && tests.length > 0) {
      throw new TroupeError('USAGE_CONFLICT', `Cannot use ${kind} filters while using the '${method}' discovery method`)
    }
  }
  const identities = filter.identities ?? []
  if (identities.length === 0) return [...nodes]
  const tests = identities.map((identity) => {
    const source = /^\/(.*?)\/?$/.exec(identity)?.[1]
    if (source === undefined) return (node: string) => node === identity
    const regex = compileRegex(source)
    return (node: string) => regex.test(node)
  })
  return nodes.filter((node) => tests.some((test) => test(node)))
}

function bad(message: string): TroupeError {
  return new TroupeError('USAGE_BAD_NODE_LIST', message)
}
