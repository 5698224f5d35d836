import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_ROLL_OUT, rollOutOf, rollOutProblems } from './roll-out.ts'

test('rollOutOf: fields left empty say nothing; a share stays a share', () => {
  assert.equal(rollOutOf(NO_ROLL_OUT), undefined)
  assert.deepEqual(rollOutOf({ ...NO_ROLL_OUT, batch: '10%', batchSleep: '2.5', maxFailures: '1', canary: '1' }), {
    ...{ batch: '10%', batchSleepSeconds: 2.5, maxFailures: 1, canary: 1 },
  })
  assert.equal(rollOutOf({ ...NO_ROLL_OUT, batchSleep: '2' }), undefined)
})

test('rollOutProblems: says what each field takes', () => {
  assert.deepEqual(rollOutProblems(NO_ROLL_OUT, 5), {})
  const wrong = rollOutProblems({ batch: '0', batchSleep: '-1', maxFailures: '1', canary: '5', timeout: 'x' }, 5)
  assert.deepEqual(Object.keys(wrong).sort(), ['batch', 'batchSleep', 'canary', 'timeout'])
  assert.match(rollOutProblems({ ...NO_ROLL_OUT, maxFailures: '1' }, 5).maxFailures ?? '', /needs groups/)
  assert.equal(rollOutProblems({ ...NO_ROLL_OUT, batch: '101%' }, 5).batch?.length === 0, false)
})
