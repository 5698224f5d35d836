// Configuration text: whatever it says, the answer is settings or one error that names lines.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTroupeError } from '../../src/base/errors.ts'
import { DEFINITIONS } from '../../src/config/definitions.ts'
import { parseLines } from '../../src/config/lines.ts'
import { parseConfig } from '../../src/config/load.ts'
import { parseInteger } from '../../src/config/value.ts'
import type { Problem } from '../../src/config/values.ts'

const key = fc.oneof(
  fc.constantFrom(...DEFINITIONS.map((d) => d.key.replace('CONNECTOR', 'activemq').replace(/\bN\b/, '1'))),
  fc.string(),
)
const value = fc.oneof(fc.constantFrom('1', 'no', '0x10', 'a, b', '/x:/y', 'host', '[::]:1'), fc.string())
const config = fc.array(fc.tuple(key, value)).map((pairs) => pairs.map(([k, v]) => `${k} = ${v}`).join('\n'))

test('parseConfig: any text gives settings or CONFIG_INVALID whose problems are in the text', () => {
  fc.assert(
    fc.property(config, fc.constantFrom('client', 'server', 'broker'), (text, kind) => {
      try {
        parseConfig(text, 'x.cfg', kind)
      } catch (error) {
        assert.ok(isTroupeError(error, 'CONFIG_INVALID'), String(error))
        const lines = text.split('\n').length
        for (const problem of error.details.problems as Problem[]) assert.ok(problem.line <= lines)
      }
    }),
  )
})

/** MCollective's own expression; ours must find the same in linear time. */
const REFERENCE = /^(.+?)\s*=\s*(.+)$/

test('parseLines: splits as the expression of MCollective does [wire 9.1]', () => {
  const part = fc.string({ unit: fc.constantFrom('=', ' ', '\t', 'a', '#', '.') })
  fc.assert(
    fc.property(part, (text) => {
      const line = text.trimEnd()
      const expected = line === '' || line.startsWith('#') ? null : REFERENCE.exec(line)
      const [entry] = parseLines(text, 'x.cfg').entries
      assert.deepEqual(entry && [entry.key, entry.text], expected ? [expected[1]!.trim(), expected[2]] : undefined)
    }),
  )
})

test('parseInteger: reads back every notation of a whole number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), (n) => {
      const written = [
        String(n),
        `0x${n.toString(16)}`,
        `0b${n.toString(2)}`,
        `0o${n.toString(8)}`,
        `0${n.toString(8)}`,
        `+${n}`,
      ]
      for (const text of written) assert.equal(parseInteger(text), n, text)
      assert.equal(parseInteger(`-${n}`), n === 0 ? 0 : -n)
    }),
  )
})
