import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ALL, isSelected, NONE, rangeOf, type Selection, selectedOf, shareOf, withNames } from './selection.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']
const only = (...names: string[]): Selection => ({ kind: 'only', names: new Set(names) })

test('selectedOf: only names that match are selected, in the order of the list [live 2]', () => {
  assert.deepEqual(selectedOf(ALL, NAMES), NAMES)
  assert.deepEqual(selectedOf(NONE, NAMES), [])
  assert.deepEqual(selectedOf(only('d', 'a', 'hidden'), NAMES), ['a', 'd'])
  assert.deepEqual(selectedOf({ kind: 'except', names: new Set(['b']) }, NAMES), ['a', 'c', 'd', 'e'])
})

test('withNames: a click clears one of all, and stays open for nodes that come later', () => {
  const next = withNames(ALL, ['b'], false, NAMES)
  assert.deepEqual(next, { kind: 'except', names: new Set(['b']) })
  assert.equal(isSelected(next, 'new'), true)
})

test('withNames: names picked one by one never stand for nodes that come later', () => {
  let picked = NONE
  for (const name of ['a', 'b', 'c', 'd']) picked = withNames(picked, [name], true, NAMES)
  assert.deepEqual(picked, only('a', 'b', 'c', 'd'))
  const left = withNames(withNames(ALL, ['a', 'b'], false, NAMES), ['c'], false, NAMES)
  assert.deepEqual(left, only('d', 'e'))
})

test('withNames: everything and nothing have one form each', () => {
  assert.equal(withNames(only('a'), NAMES, true, NAMES), ALL)
  assert.equal(withNames(ALL, NAMES, false, NAMES), NONE)
})

test('withNames: does to the list exactly what it says, and forgets names that left it', () => {
  const some = fc.subarray([...NAMES, 'x', 'y'])
  const selection: fc.Arbitrary<Selection> = fc.record({
    kind: fc.constantFrom('only' as const, 'except' as const),
    names: some.map((names) => new Set(names)),
  })
  fc.assert(
    fc.property(selection, fc.subarray(NAMES), fc.boolean(), (before, names, selected) => {
      const after = withNames(before, names, selected, NAMES)
      const expected = NAMES.filter((name) => (names.includes(name) ? selected : isSelected(before, name)))
      assert.deepEqual(selectedOf(after, NAMES), expected)
      assert.ok([...after.names].every((name) => NAMES.includes(name)))
    }),
  )
})

test('rangeOf: both ends, in either direction, within the list', () => {
  assert.deepEqual(rangeOf(NAMES, 1, 3), ['b', 'c', 'd'])
  assert.deepEqual(rangeOf(NAMES, 3, 1), ['b', 'c', 'd'])
  assert.deepEqual(rangeOf(NAMES, 3, 9), ['d', 'e'])
  assert.deepEqual(rangeOf(NAMES, -1, 0), ['a'])
})

test('shareOf: one decimal; 0.0 and 100.0 are said of none and of all alone', () => {
  assert.equal(shareOf(5, 446), '1.1')
  assert.equal(shareOf(21, 446), '4.7')
  assert.equal(shareOf(0, 0), '0.0')
  assert.equal(shareOf(446, 446), '100.0')
  assert.equal(shareOf(9_999, 10_000), '99.9')
  assert.equal(shareOf(1, 10_000), '0.1')
})
