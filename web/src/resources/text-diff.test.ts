import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { markDifferences } from './text-diff.ts'

const shown = (texts: readonly string[]): string[] =>
  markDifferences(texts).map((segments) => segments.map(({ text, differs }) => (differs ? `[${text}]` : text)).join(''))

test('markDifferences: marks the number of a version that differs, on both sides', () => {
  assert.deepEqual(shown(['3.0.17-1', '3.0.9-1']), ['3.0.[17]-1', '3.0.[9]-1'])
  assert.deepEqual(shown(['/bin/bash', '/bin/zsh']), ['/bin/[ba]sh', '/bin/[z]sh'])
})

test('markDifferences: of three texts the first is marked where any other differs; equal ones look equal', () => {
  assert.deepEqual(shown(['a.1.x', 'a.2.x', 'a.1.x', 'a.1.y']), ['a.[1].[x]', 'a.[2].x', 'a.[1].[x]', 'a.1.[y]'])
})

test('markDifferences: what differs as a whole, or not at all, has no marks', () => {
  assert.deepEqual(shown(['present', '42']), ['present', '42'])
  assert.deepEqual(shown(['same', 'same']), ['same', 'same'])
  assert.deepEqual(shown(['', 'x']), ['', 'x'])
})

test('markDifferences: nothing is lost, added or cut within a pair, whatever the texts', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.stringMatching(/^[ab.1-3 ]{0,40}$/))
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
      const marked = markDifferences(texts)
      assert.deepEqual(
        marked.map((segments) => segments.map((segment) => segment.text).join('')),
        texts,
      )
      for (const segment of marked.flat())
        assert.ok(segment.text.isWellFormed() || !texts.every((one) => one.isWellFormed()))
    }),
  )
})

test('markDifferences: long texts are compared at their ends', () => {
  const middle = 'word '.repeat(5_000)
  assert.deepEqual(
    markDifferences([`a${middle}z`, `b${middle}z`]).map((segments) => segments.filter(({ differs }) => differs)),
    [[{ text: 'a', differs: true }], [{ text: 'b', differs: true }]],
  )
})
