// Whatever a node answers: no line of the screen moves the cursor, hides text or begins where only names stand. [B-008, cli 6.2]

import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJson } from '../../src/base/parse-json.ts'
import { resultJson, resultLines } from '../../src/cli/results.ts'
import { createTerminal } from '../../src/cli/terminal.ts'
import type { CallReply } from '../../src/client/api.ts'
import type { Value, Values } from '../../src/message/request.ts'
import type { ActionDdl } from '../../src/rpc/ddl/ddl.ts'

const streams = () => ({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} })
const terminal = createTerminal(streams(), { color: 'never' })
const action: ActionDdl = {
  name: 'status',
  description: '',
  display: 'always',
  inputs: [],
  outputs: [{ name: 'status', displayAs: 'Service Status', description: '' }],
  aggregates: [],
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\u001b[2J',
    '\r',
    '\n',
    '\u009b31m',
    '\u202e',
    'a\nagent.example.com   time=1 ms',
    '\u0007',
    '\u2028',
  ),
)
const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Value>
const reply: fc.Arbitrary<CallReply> = fc.record({
  sender: fc.oneof(fc.constant('agent.example.com'), text),
  statusCode: fc.integer({ min: 0, max: 6 }),
  statusMessage: fc.oneof(fc.constant('OK'), text),
  data: fc.dictionary(text, fc.oneof(value, text, fc.array(text))) as fc.Arbitrary<Values>,
  outcome: fc.constantFrom('ok' as const, 'failed' as const),
  expected: fc.boolean(),
  elapsedMs: fc.nat(),
})
const view = fc.record({
  agent: fc.constantFrom('lab', 'rpcutil', 'package', 'puppetral'),
  action: fc.constant(action),
  verbose: fc.boolean(),
  display: fc.constantFrom('ok' as const, 'failed' as const, 'always' as const),
  look: fc.constantFrom('classic' as const, 'modern' as const),
})
/** Control characters, and marks that reorder or break lines. */
const HARMFUL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

test('resultLines prints any reply harmlessly, and only the name of the node at the left edge', () => {
  fc.assert(
    fc.property(reply, view, (answer, how) => {
      const lines = resultLines(answer, how, terminal)
      if (lines.length === 0) return
      for (const [i, line] of lines.flatMap((part) => part.split('\n')).entries()) {
        assert.doesNotMatch(line, HARMFUL)
        if (i > 0 && line !== '') assert.ok(line.startsWith('   '), `at the left edge: ${JSON.stringify(line)}`)
      }
      assert.equal(lines.at(-1), '')
    }),
    { numRuns: 1000 },
  )
})

test('json prints any reply as one harmless line that says the same', () => {
  fc.assert(
    fc.property(reply, (answer) => {
      const own = streams()
      const json = resultJson('lab', 'status', answer)
      createTerminal(own, { color: 'never' }).json(json)
      const printed = String(own.stdout.read())
      assert.doesNotMatch(printed.slice(0, -1), HARMFUL)
      assert.deepEqual(parseJson(printed), parseJson(JSON.stringify(json)))
    }),
    { numRuns: 500 },
  )
})
