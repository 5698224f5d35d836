import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cutText, visibleText } from './visible-text.ts'

test('visibleText: escape sequences and marks that turn writing are pieces that can be seen', () => {
  assert.deepEqual(visibleText('a\u001b[1mb'), [{ text: 'a' }, { text: '␛', hidden: 'U+001B' }, { text: '[1mb' }])
  assert.deepEqual(visibleText('x\u202egpj.exe'), [
    { text: 'x' },
    { text: 'U+202E', hidden: 'U+202E' },
    { text: 'gpj.exe' },
  ])
  assert.deepEqual(visibleText('\u{e0041}'), [{ text: 'U+E0041', hidden: 'U+E0041' }])
  assert.deepEqual(visibleText('\ud800x'), [{ text: 'U+D800', hidden: 'U+D800' }, { text: 'x' }])
})

test('visibleText: lines, tabs and every script stay as they are', () => {
  const text = 'one\ttwo\nдва 三 😀 é'
  assert.deepEqual(visibleText(text), [{ text }])
  assert.deepEqual(visibleText('a\r\nb'), [{ text: 'a\nb' }])
  assert.deepEqual(visibleText(''), [])
})

test('visibleText: nothing that cannot be seen is left in any piece', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const piece of visibleText(text))
        assert.doesNotMatch(
          piece.text,
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/,
        )
    }),
  )
})

test('cutText: never leaves half of a pair', () => {
  assert.equal(cutText('ab😀', 3), 'ab')
  assert.equal(cutText('ab😀', 4), 'ab😀')
  assert.equal(cutText('abc', 2), 'ab')
})
