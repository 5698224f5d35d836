// Texts of `-F` and `-W` to fact tests. [cli 4.2, 4.3, wire 2.4]

import { TroupeError } from '#base/errors.ts'
import { FILTER_BYTES_MAX } from '#base/limits.ts'
import type { FactOperator, FactTest, NameTest } from '#message/filter.ts'
import { translateRegex } from '../ruby-regex.ts'
import { parseNameTest } from './name-test.ts'

/**
 * `parseFactTest('osfamily=/^Red/')` is `{ fact: 'osfamily', operator: '=~', value: '^Red' }`. Throws FILTER_BAD_FACT when it is none of
 * the forms of [cli 4.2], FILTER_BAD_REGEX when its regular expression cannot be used.
 */
export function parseFactTest(text: string): FactTest {
  const test = readFactTest(text)
  if (test) return test
  throw new TroupeError(
    'FILTER_BAD_FACT',
    `Could not parse fact ${text.slice(0, 200)} it does not appear to be in a valid format`,
    { details: { text } },
  )
}

/** `-W`: words apart by blanks; those that are fact tests are facts, all others classes. */
export function parseWith(text: string): { readonly facts: FactTest[]; readonly classes: NameTest[] } {
  const facts: FactTest[] = []
  const classes: NameTest[] = []
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const test = readFactTest(word)
    if (test) facts.push(test)
    else classes.push(parseNameTest(word, '-W'))
  }
  if (facts.length + classes.length === 0) parseNameTest(text, '-W')
  return { facts, classes }
}

const FORMS: readonly (readonly [RegExp, FactOperator | null])[] = [
  [/^([^ ]+?)() *=> *(.+)/s, '>='],
  [/^([^ ]+?)() *=< *(.+)/s, '<='],
  [/^([^ ]+?) *(<=|>=|<|>|!=|==|=~) *(.+)/s, null],
]

/** The first form that fits, in the original's order, which is why `foo>=<1` is `foo>` `<=` `1`. Null: none. */
function readFactTest(text: string): FactTest | null {
  if (text.length > FILTER_BYTES_MAX) return null
  for (const [form, operator] of FORMS) {
    const found = form.exec(text)
    if (found) return made(found[1], operator ?? (found[2] as FactOperator), found[3])
  }
  const regex = readRegexForm(text)
  if (regex) return made(regex.fact, '=~', regex.value)
  const plain = /^([^= ]+?) *= *(.+)/s.exec(text)
  return plain ? made(plain[1], '==', plain[2]) : null
}

/** `name = /regex/`: here the name may hold blanks. By hand, for a pattern would take quadratic time over blanks. */
function readRegexForm(text: string): { fact: string; value: string } | null {
  if (!text.endsWith('/')) return null
  for (let at = text.indexOf('=', 1); at > 0; at = text.indexOf('=', at + 1)) {
    let start = at + 1
    while (text[start] === ' ') start++
    if (text[start] !== '/' || start + 2 >= text.length) continue
    return { fact: text.slice(0, at).trimEnd() || ' ', value: text.slice(start) }
  }
  return null
}

function made(fact = '', operator: FactOperator, written = ''): FactTest {
  if (operator !== '=~') return { fact, operator, value: written }
  const value = bareRegex(written)
  translateRegex(value)
  return { fact, operator, value }
}

/** `/^Red/` is `^Red`; without both slashes the text is the expression already. */
export function bareRegex(written: string): string {
  return written.length > 2 && written.startsWith('/') && written.endsWith('/') ? written.slice(1, -1) : written
}
