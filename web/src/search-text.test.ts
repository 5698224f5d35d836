import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatSearch, parseSearch } from './search-text.ts'

test('parseSearch: repeated words are lists, names of the prototype are words like others', () => {
  assert.deepEqual(parseSearch('?a=1&b=2&b=3'), { a: '1', b: ['2', '3'] })
  const words = parseSearch('?__proto__=x&constructor=y')
  assert.deepEqual(Object.entries(words), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
  assert.equal(Object.getPrototypeOf(words), Object.prototype)
})

test('formatSearch: leaves nothing of what is empty, and reads back the same', () => {
  assert.equal(formatSearch({ a: undefined, b: '', c: [] }), '')
  const name = fc.stringMatching(/^[a-z]{1,5}$/)
  const value = fc.string({ minLength: 1, unit: 'grapheme' })
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 2 })), { noNullPrototype: true }),
      (words) => {
        assert.deepEqual(parseSearch(formatSearch(words)), words)
      },
    ),
  )
})
