import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sparkline, spreadText } from './sparkline.ts'

test('sparkline: equal values show twenty lowest bars', () => {
  assert.equal(sparkline([3, 3, 3]), '▁'.repeat(20))
})

test('sparkline: twenty buckets; what is not empty never shows the lowest bar', () => {
  const bars = sparkline([...new Array(100).fill(0), 1000])
  assert.equal([...bars].length, 20)
  assert.equal(bars, `▇${'▁'.repeat(18)}▂`)
})

test('spreadText: one digit behind the point, k and m, columns of six', () => {
  assert.equal(spreadText([112, 735, 19.7]), 'min: 19.7   avg: 288.9  max: 735.0 ')
  assert.equal(spreadText([0, 2_300_000, 1500]), 'min: 0.0    avg: 767.2k max: 2.3m  ')
})
