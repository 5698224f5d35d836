// What stands in the files of the pre-shared key: `credentials` and, while a fleet changes over, `credentials.previous`. Texts in and out;
// the files are read by main and written by setup. [R-014, R-015, R-016, B-018]
//
//   credentials             the first line that is neither blank nor a comment (#) is the key; people edit it
//   credentials.previous    the same with the former key, and a line `until = 2026-12-01T00:00:00.000Z`

import { TroupeError } from '#base/errors.ts'

export interface PreviousCredentials {
  readonly psk: string
  /** Milliseconds since 1970 until which it is accepted. */
  readonly untilMs: number
}

/** The key of a credentials file. Throws SECURITY_WEAK_KEY when there is none in it. */
export function readCredentials(text: string): string {
  const [psk] = contentLines(text)
  if (psk !== undefined) return psk
  throw new TroupeError('SECURITY_WEAK_KEY', 'it holds no password: its first line that is no comment must be one')
}

/** The key and end of a credentials.previous. Throws SECURITY_BAD_KEY when it has no end. */
export function readPreviousCredentials(text: string): PreviousCredentials {
  const psk = readCredentials(text)
  const until = contentLines(text)
    .slice(1)
    .map((line) => /^until\s*=\s*(\S+)$/.exec(line)?.[1])
    .find((value) => value !== undefined)
  const untilMs = until === undefined || !/^\d{4}-\d\d-\d\dT/.test(until) ? Number.NaN : Date.parse(until)
  if (!Number.isNaN(untilMs)) return { psk, untilMs }
  const message =
    'the former password has no end: its second line must be until = TIME, e.g. until = 2026-12-01T00:00:00Z'
  throw new TroupeError('SECURITY_BAD_KEY', message)
}

/** The text of a credentials file with another key; comments stay. */
export function replaceCredentials(text: string, psk: string): string {
  const lines = text.split('\n')
  const at = lines.findIndex(isContent)
  if (at < 0) return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${psk}\n`
  return lines.with(at, psk).join('\n')
}

export function previousCredentialsText({ psk, untilMs }: PreviousCredentials): string {
  return `${psk}\nuntil = ${new Date(untilMs).toISOString()}\n`
}

function contentLines(text: string): string[] {
  return text
    .split('\n')
    .filter(isContent)
    .map((line) => line.trim())
}

function isContent(line: string): boolean {
  const text = line.trim()
  return text !== '' && !text.startsWith('#')
}
