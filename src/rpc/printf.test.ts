import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { PRINTF_WIDTH_MAX } from '#base/limits.ts'
import type { Value } from '#message/request.ts'
import { formatPrintf } from './printf.ts'

const file = new URL('../../tests/fixtures/printf/cases.json', import.meta.url)

describe('formatPrintf [agents 4]', () => {
  it('formatPrintf formats as Ruby does', () => {
    const cases = JSON.parse(readFileSync(file, 'utf8')) as { format: string; value: Value; result: string | null }[]
    assert.ok(cases.length > 1000)
    for (const { format, value, result } of cases) {
      // Ruby writes negative numbers of other bases as two's complement, `..f9`.
      if (result?.includes('..')) continue
      const named = { name: value }
      if (result === null) assert.throws(() => formatPrintf(format, [value, 'second'], named), refused, format)
      else assert.equal(formatPrintf(format, [value, 'second'], named), result, `${format} of ${JSON.stringify(value)}`)
    }
  })

  it('formatPrintf refuses missing values, unknown names, huge widths and *', () => {
    for (const [format, values] of [
      ['%s %s', ['a']],
      ['%2$s', ['a']],
      ['%<x>s', []],
      ['%{toString}', []],
      [`%${PRINTF_WIDTH_MAX + 1}s`, ['a']],
      [`%.${PRINTF_WIDTH_MAX + 1}f`, [1]],
      ['%.101f', [1]],
      ['%*s', [1, 'a']],
      ['%1000s'.repeat(100), Array.from({ length: 100 }, () => 'a')],
      ['%c', ['a']],
    ] as const)
      assert.throws(() => formatPrintf(format, values), refused, format.slice(0, 20))
  })

  it('formatPrintf escapes control characters of values', () => {
    assert.equal(formatPrintf('%s|%{x}', ['\x1b[2J'], { x: '\u202e' }), '\\e[2J|\\u202E')
  })
})

function refused(error: unknown): boolean {
  return isTroupeError(error, 'DDL_BAD_FORMAT')
}
