import assert from 'node:assert/strict'
import test from 'node:test'
import { exitCodeOf, type Outcome } from './exit-codes.ts'

const none: Outcome = {
  targeted: 0,
  ok: 0,
  failed: 0,
  refused: 0,
  noResponse: [],
  notAddressed: [],
  discovery: 'mc',
}

for (const [what, outcome, code, how] of [
  ['no node found', {}, 1],
  ['no node in a list', { discovery: 'named' }, 1, { listed: true }],
  ['every reply good', { targeted: 2, ok: 2 }, 0],
  ['one failed', { targeted: 2, ok: 1, failed: 1 }, 2],
  ['one refused', { targeted: 2, ok: 1, refused: 1 }, 2],
  ['found, none answered', { targeted: 2, noResponse: ['a', 'b'] }, 3],
  ['listed, none answered', { targeted: 1, noResponse: ['a'], discovery: 'named' }, 3, { listed: true }],
  ['named by -I alone, none answered', { targeted: 1, noResponse: ['a'], discovery: 'named' }, 4],
  ['one silent', { targeted: 2, ok: 1, noResponse: ['a'] }, 0],
  ['one silent, strict', { targeted: 2, ok: 1, noResponse: ['a'] }, 3, { strict: true }],
  ['one not addressed, strict', { targeted: 2, ok: 1, notAddressed: ['a'] }, 3, { strict: true }],
  ['one silent and one failed, strict', { targeted: 3, ok: 1, failed: 1, noResponse: ['a'] }, 2, { strict: true }],
  ['no answer wanted', { discovery: 'none' }, 0],
] as const satisfies readonly (readonly [string, Partial<Outcome>, number, object?])[]) {
  test(`exitCodeOf: ${what} is ${code} [cli 7, B-004]`, () => {
    assert.equal(exitCodeOf({ ...none, ...outcome }, { strict: false, ...how }), code)
  })
}
