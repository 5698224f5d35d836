import assert from 'node:assert/strict'
import test from 'node:test'
import { jsonDepthWithin } from './json-depth.ts'

const within = (text: string, depth: number): boolean => jsonDepthWithin(Buffer.from(text), depth)

test('jsonDepthWithin counts lists and objects, not brackets inside strings', () => {
  assert.equal(within('{"a":[1]}', 2), true)
  assert.equal(within('{"a":[[1]]}', 2), false)
  assert.equal(within('{"a":"[[[[{{{{"}', 1), true)
  assert.equal(within('["\\"[[[","\\\\",[1]]', 2), true)
  assert.equal(within('["\\\\",[[1]]]', 2), false)
})

test('jsonDepthWithin ends on strings that never end', () => {
  assert.equal(within('"abc\\"', 1), true)
})
