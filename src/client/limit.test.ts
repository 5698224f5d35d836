import assert from 'node:assert/strict'
import test from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { chooseNodes, groupSizeOf, limitOf } from './limit.ts'

test('limitOf takes numbers as they are and rounds percentages down to at least 1', () => {
  assert.equal(limitOf(2, 5), 2)
  assert.equal(limitOf(9, 5), 5)
  assert.equal(limitOf('50%', 3), 1)
  assert.equal(limitOf('1%', 3), 1)
})

test('groupSizeOf rounds percentages up', () => {
  assert.equal(groupSizeOf('50%', 3), 2)
  assert.equal(groupSizeOf('1%', 1000), 10)
})

test('limitOf refuses zero, negatives and text', () => {
  for (const bad of [0, -1, 1.5, 'x%', '0%'] as never[]) {
    assert.throws(
      () => limitOf(bad, 5),
      (e) => isTroupeError(e, 'USAGE_BAD_LIMIT'),
    )
  }
})

test('chooseNodes repeats a random choice with the same seed, whatever the order of discovery', () => {
  const nodes = ['e', 'd', 'c', 'b', 'a']
  const one = chooseNodes(nodes, 3, { method: 'random', seed: 7 })
  const two = chooseNodes([...nodes].reverse(), 3, { method: 'random', seed: 7 })
  assert.deepEqual(one, two)
  assert.equal(new Set(one).size, 3)
})

test('chooseNodes first keeps the order of answering', () => {
  assert.deepEqual(chooseNodes(['b', 'a', 'c'], 2, { method: 'first' }), ['b', 'a'])
})
