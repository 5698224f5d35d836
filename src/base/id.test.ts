import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sortableIds } from './id.ts'

test('sortableIds: sort by time, within a millisecond and when the clock is set back', () => {
  const times = [1_795_324_648_000, 1_795_324_648_000, 1_795_324_648_000.7, 1_795_324_640_000, 1_795_324_648_001, 5]
  let at = 0
  const newId = sortableIds(() => times[at++]!)
  const ids = times.map(() => newId())
  assert.deepEqual([...ids].sort(), ids)
  assert.equal(new Set(ids).size, times.length)
  assert.ok(ids.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id)))
})

test('sortableIds: the first ten characters are the millisecond in base 32', () => {
  const id = sortableIds(() => 1_795_324_648_123)()
  const digits = [...id.slice(0, 10)].map((character) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(character))
  assert.equal(
    digits.reduce((sum, digit) => sum * 32 + digit, 0),
    1_795_324_648_123,
  )
})

test('sortableIds: two makers do not make the same', () => {
  const [one, two] = [sortableIds(() => 7), sortableIds(() => 7)]
  assert.notEqual(one(), two())
})
