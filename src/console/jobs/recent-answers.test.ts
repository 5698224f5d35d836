import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { RECENT_ANSWERS_PER_SHAPE, RECENT_SHAPES } from '#base/limits.ts'
import { type Answer, createAnswerKeys } from './answer-key.ts'
import { createRecentAnswers } from './recent-answers.ts'

const answer = (data: unknown, more: Partial<Answer> = {}): Answer => ({
  ...{ node: 'web1', outcome: 'ok', statusCode: 0, message: undefined, data },
  ...more,
})

describe('createRecentAnswers', () => {
  const kept = (data: unknown, skips = (name: string): boolean => name === 'pid') => {
    const recent = createRecentAnswers<string>(skips)
    recent.keep(answer(data), 'known')
    return recent
  }

  test('finds an answer with the same members, outcome, status and message; members that do not count may differ', () => {
    const recent = kept({ pid: 1, status: 'running' })
    assert.equal(recent.find(answer({ pid: 2, status: 'running' })), 'known')
    assert.equal(recent.find(answer({ pid: { a: 1 }, status: 'running' })), 'known')
    for (const other of [
      answer({ pid: 1, status: 'stopped' }),
      answer({ pid: 1 }),
      answer({ pid: 1, status: 'running', more: 1 }),
      answer({ pid: 1, status: 'running' }, { outcome: 'failed' }),
      answer({ pid: 1, status: 'running' }, { statusCode: 1 }),
      answer({ pid: 1, status: 'running' }, { message: 'why' }),
    ])
      assert.equal(recent.find(other), undefined)
  })

  test('1 and "1", and what is no map, are not mixed up', () => {
    assert.equal(kept({ a: 1 }).find(answer({ a: '1' })), undefined)
    for (const data of [undefined, null, 'text', ['text']]) assert.equal(kept(data).find(answer(data)), undefined)
  })

  test('answers with maps or lists that count are left to their text', () => {
    assert.equal(kept({ a: [1] }).find(answer({ a: [1] })), undefined)
    const list = [1]
    assert.equal(kept({ a: list }).find(answer({ a: list })), undefined)
  })

  test('the oldest go: answers of a list of members, and lists', () => {
    const recent = createRecentAnswers<number>(() => false)
    for (let a = 0; a <= RECENT_ANSWERS_PER_SHAPE; a++) recent.keep(answer({ a }), a)
    assert.equal(recent.find(answer({ a: 0 })), undefined)
    assert.equal(recent.find(answer({ a: RECENT_ANSWERS_PER_SHAPE })), RECENT_ANSWERS_PER_SHAPE)
    for (let i = 0; i < RECENT_SHAPES; i++) recent.keep(answer({ [`b${i}`]: i }), i)
    assert.equal(recent.find(answer({ a: RECENT_ANSWERS_PER_SHAPE })), undefined)
  })
})

test('createAnswerKeys: an answer has the same keys whatever was answered before', () => {
  const isNode = (word: string): boolean => word === 'web1' || word === 'web2'
  const made = () => createAnswerKeys({ agent: 'x', action: 'y', isNode })
  const value = fc.constantFrom<unknown>(
    1,
    '1',
    'web1',
    'WEB3',
    'web3',
    true,
    null,
    undefined,
    -0,
    0,
    [1],
    { b: 1 },
    { pid: 2 },
  )
  const data = fc.oneof(
    fc.dictionary(fc.constantFrom('a', 'b', 'pid', 'now', '__proto__'), value, { maxKeys: 4, noNullPrototype: false }),
    value,
  )
  const one = fc.record({
    node: fc.constantFrom('web1', 'web2', 'web3', 'web3.example.com'),
    outcome: fc.constantFrom('ok' as const, 'failed' as const),
    statusCode: fc.constantFrom(undefined, 0, 1),
    message: fc.constantFrom(undefined, 'web3 said', 'web1 said'),
    data,
  })
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 40 }), (answers) => {
      const together = made()
      for (const given of answers) assert.deepEqual(together(given), made()(given))
    }),
  )
})
