import assert from 'node:assert/strict'
import test from 'node:test'
import { sparkLine } from './ping.ts'

test('sparkLine counts replies per 50 ms, empty buckets included, scaled to the fullest [M-004]', () => {
  assert.equal(sparkLine([10, 20, 30, 40, 160]), '▇▁▁▃')
  assert.equal(sparkLine([50]), '▇')
  assert.equal(sparkLine([]), '')
})
