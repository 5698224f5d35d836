import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRemembered, remembering } from './remembered.ts'

describe('createRemembered', () => {
  test('gives back what was set, and what was set last', () => {
    const known = createRemembered<number>(1_000)
    known.set('__proto__', 1)
    known.set('a', 2)
    known.set('a', 3)
    assert.deepEqual([known.get('__proto__'), known.get('a'), known.get('b')], [1, 3, undefined])
  })

  test('takes nothing new beyond its characters, and keeps what it has', () => {
    const known = createRemembered<number>(200)
    for (const text of ['a', 'b', 'c', 'd', 'e']) known.set(text, 1)
    known.set('a', 2)
    assert.deepEqual([known.get('a'), known.get('c'), known.get('d'), known.get('e')], [2, 1, undefined, undefined])
    const small = createRemembered<number>(200)
    small.set('x'.repeat(151), 1)
    assert.equal(small.get('x'.repeat(151)), undefined)
  })
})

test('remembering: asks once for each text, false is an answer', () => {
  const asked: string[] = []
  const known = remembering(1_000, (text) => {
    asked.push(text)
    return text === 'yes'
  })
  assert.deepEqual([known('yes'), known('no'), known('yes'), known('no')], [true, false, true, false])
  assert.deepEqual(asked, ['yes', 'no'])
})
