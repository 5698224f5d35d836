import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveOf, TypeAhead } from './row-keys.ts'

test('moveOf: arrows, pages and ends, never out of the list', () => {
  assert.equal(moveOf('ArrowDown', -1, 5, 3), 0)
  assert.equal(moveOf('ArrowDown', 4, 5, 3), 4)
  assert.equal(moveOf('ArrowUp', -1, 5, 3), 0)
  assert.equal(moveOf('PageDown', 0, 5, 3), 3)
  assert.equal(moveOf('PageUp', 1, 5, 3), 0)
  assert.equal(moveOf('End', 0, 5, 3), 4)
  assert.equal(moveOf('Home', 3, 5, 3), 0)
  assert.equal(moveOf('x', 3, 5, 3), undefined)
  assert.equal(moveOf('ArrowDown', -1, 0, 3), undefined)
})

test('TypeAhead: letters in quick succession are one word, the same letter again is the next name', () => {
  const names = ['app1', 'db1', 'db2', 'deb1', 'web1']
  const typed = new TypeAhead()
  assert.equal(typed.find('d', 0, names, 0), 1)
  assert.equal(typed.find('e', 100, names, 1), 3)
  assert.equal(typed.going(200), true)
  assert.equal(typed.find('d', 5_000, names, 3), 1, 'after a pause it begins anew, behind where one is')
  assert.equal(typed.find('d', 5_100, names, 1), 2)
  assert.equal(typed.find('d', 5_200, names, 2), 3)
  assert.equal(new TypeAhead().find('z', 0, names, 0), -1)
  assert.equal(new TypeAhead().find('W', 0, names, 0), 4)
})
