// Selectors of subscriptions: one equality of a header with a text, `mc_identity = 'node1.example.com'`, read by hand and
// nothing else. The rest of JMS' selector language is refused: an equality can be looked up, an expression must be run for
// every message. [wire 1.2]

import { TroupeError } from '#base/errors.ts'
import { NAME_LENGTH_MAX } from '#base/limits.ts'

export interface Selector {
  readonly header: string
  readonly value: string
}

/** Reads `NAME = 'TEXT'`; a quote inside TEXT is doubled. Throws BROKER_PROTOCOL. */
export function parseSelector(text: string): Selector {
  if (text.length > 3 * NAME_LENGTH_MAX) throw refused(text)
  let at = skipSpaces(text, 0)
  const from = at
  while (at < text.length && isNamePart(text.charCodeAt(at), at === from)) at++
  const header = text.slice(from, at)
  at = skipSpaces(text, at)
  if (header === '' || text[at] !== '=') throw refused(text)
  at = skipSpaces(text, at + 1)
  if (text[at] !== "'") throw refused(text)
  let value = ''
  for (at++; ; at++) {
    const c = text[at]
    if (c === undefined) throw refused(text)
    if (c === "'") {
      if (text[at + 1] !== "'") break
      at++
    }
    value += c
  }
  if (skipSpaces(text, at + 1) !== text.length) throw refused(text)
  return { header, value }
}

function skipSpaces(text: string, at: number): number {
  let next = at
  while (text[next] === ' ') next++
  return next
}

function isNamePart(c: number, first: boolean): boolean {
  if ((c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f || c === 0x24) return true
  return !first && c >= 0x30 && c <= 0x39
}

function refused(text: string): TroupeError {
  return new TroupeError(
    'BROKER_PROTOCOL',
    `selector ${JSON.stringify(text.slice(0, 80))} is not of the form: header = 'value', the only one there is`,
  )
}
