// Tests of names: classes, agents and identities (`-C`, `-A`, `-I`). Text must be equal; `/regex/` is searched. [cli 4.1, wire 6.3]

import { TroupeError } from '#base/errors.ts'
import { FILTER_BYTES_MAX } from '#base/limits.ts'
import type { NameTest } from '#message/filter.ts'
import { translateRegex } from '../ruby-regex.ts'

/**
 * Checks the value of `-C`, `-A` or `-I`, e.g. `parseNameTest('/^web\\d+/', '-I')`, and gives it back. Throws FILTER_BAD_NAME when
 * it is empty or too long or holds a line end, FILTER_BAD_REGEX when its regular expression cannot be used.
 */
export function parseNameTest(text: string, option: string): NameTest {
  const bad = (why: string): TroupeError =>
    new TroupeError('FILTER_BAD_NAME', `cannot use ${option} '${text.slice(0, 60)}': ${why}`, { details: { option } })
  if (text.trim() === '') throw bad('it is empty; give a name, or /regex/')
  if (text.length > FILTER_BYTES_MAX) throw bad(`it has ${text.length} characters`)
  if (/[\r\n]/.test(text)) throw bad('it contains a line end')
  const regex = nameRegex(text)
  if (regex === '') throw bad('its regular expression is empty and would match everything')
  if (regex !== null) translateRegex(regex)
  return text
}

/**
 * The regular expression of a test, or null for plain text. `/a/b/` is `a/b`: only the first and the last slash go (the original
 * deletes every one). A missing closing slash is forgiven, as in the original.
 */
export function nameRegex(test: NameTest): string | null {
  if (!test.startsWith('/')) return null
  return test.slice(1, test.length > 1 && test.endsWith('/') ? -1 : undefined)
}
