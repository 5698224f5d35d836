import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, canonical, createAnswerKeys, normalised } from './answer-key.ts'

const isNode = (word: string): boolean => ['web1', 'web2', 'web1.example.com', 'web2.example.com'].includes(word)
const keys = createAnswerKeys({ agent: 'puppet', action: 'status', isNode })
const answer = (data: unknown, more: Partial<Answer> = {}): Answer => ({
  node: 'web1.example.com',
  outcome: 'ok',
  statusCode: 0,
  data,
  ...more,
})
const same = (a: Answer, b: Answer): string =>
  `${keys(a).group === keys(b).group ? 'exact' : keys(a).normalisedGroup === keys(b).normalisedGroup ? 'normalised' : 'different'}`

describe('createAnswerKeys [live 7]', () => {
  test('equal data, status and message are equal, whatever the order of members', () => {
    assert.equal(same(answer({ a: 1, b: [1, { c: 2 }] }), answer({ b: [1, { c: 2 }], a: 1 })), 'exact')
    assert.equal(same(answer({ a: '1' }), answer({ a: 1 })), 'different')
    assert.equal(same(answer({ a: 'x' }), answer({ a: 'x' }, { outcome: 'failed' })), 'different')
    assert.equal(same(answer({ a: 'x' }), answer({ a: 'x' }, { statusCode: 1 })), 'different')
    assert.equal(same(answer({}), answer({}, { message: 'why' })), 'different')
    assert.equal(same(answer([1, 2]), answer([2, 1])), 'normalised')
    assert.equal(same(answer({ a: ['x', 'y'] }), answer({ a: ['y', 'x'] })), 'different')
  })

  test('volatile outputs and members do not count', () => {
    const one = {
      enabled: true,
      since_lastrun: 4,
      message: 'Currently idling; last completed run 4 seconds ago',
      x: { pid: 1 },
    }
    const two = {
      enabled: true,
      since_lastrun: 9,
      message: 'Currently idling; last completed run 9 seconds ago',
      x: { pid: 2 },
    }
    assert.equal(same(answer(one), answer(two)), 'exact')
    assert.equal(same(answer(one), answer({ ...one, enabled: false })), 'different')
  })

  test('normalised, names of nodes, addresses and numbers do not count', () => {
    const of = (text: string, node = 'web1.example.com'): Answer => answer({ out: text }, { node })
    assert.equal(same(of('hello from web1'), of('hello from web2', 'web2.example.com')), 'normalised')
    assert.equal(same(of('peer web2.example.com:443'), of('peer web1.example.com:443')), 'normalised')
    assert.equal(same(of('at 10.0.0.1'), of('at 192.0.2.77')), 'normalised')
    assert.equal(same(of('fe80::1%eth0'), of('fe80::aaaa:2%eth0')), 'normalised')
    assert.equal(same(of('took 1.5 s'), of('took 22 s')), 'normalised')
    assert.equal(same(of('nginx.service'), of('sshd.service')), 'different')
    assert.equal(same(of('ok'), of('not ok')), 'different')
  })

  test('names of members such as __proto__ are only names', () => {
    assert.equal(canonical(JSON.parse('{"__proto__": {"a": 1}, "b": 2}')), '{"__proto__":{"a":1},"b":2}')
  })

  test('normalised takes hostile text in its stride', () => {
    for (const text of [
      '.'.repeat(600_000),
      ':'.repeat(600_000),
      'a.'.repeat(300_000),
      '1'.repeat(600_000),
      'f:'.repeat(300_000),
    ])
      assert.equal(typeof normalised(text, 'web1', isNode), 'string')
  })
})
