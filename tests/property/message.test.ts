// Messages from anything: only MESSAGE_INVALID comes out of the decoders, what they accept survives being sent again, and the
// account of a call always adds up.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTroupeError } from '#base/errors.ts'
import { Account, type Outcome } from '#message/accounting.ts'
import { parseReply, parseRequest } from '#message/decode.ts'

const REQUEST = {
  id: '8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d',
  agent: 'rpcutil',
  collective: 'mcollective',
  sender: 'puppetmaster.example.com',
  caller: 'uid=0',
  filter: { facts: [], classes: [], agents: [], identities: [], compounds: [] },
  sentAtMs: 1795324648123,
  ttlSeconds: 60,
  replyTo: null,
  body: { kind: 'rpc', action: 'ping', data: {}, processResults: true },
}
const REPLY = {
  requestId: '8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d',
  sender: 'agent.example.com',
  agent: 'rpcutil',
  sentAtMs: 1795324648200,
  body: { kind: 'rpc', statusCode: 0, statusMessage: 'OK', data: {} },
}

const anything = fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true, withDate: true })

function onlyInvalid(parse: (value: unknown) => unknown, value: unknown): void {
  try {
    const parsed = parse(value)
    assert.deepEqual(parse(JSON.parse(JSON.stringify(parsed))), JSON.parse(JSON.stringify(parsed)))
  } catch (error) {
    assert.ok(isTroupeError(error, 'MESSAGE_INVALID'), String(error))
  }
}

test('parseRequest and parseReply throw nothing but MESSAGE_INVALID, whatever one field is', () => {
  const keys = (message: object): fc.Arbitrary<string> => fc.constantFrom(...Object.keys(message))
  fc.assert(
    fc.property(keys(REQUEST), anything, (key, value) => onlyInvalid(parseRequest, { ...REQUEST, [key]: value })),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(keys(REPLY), anything, (key, value) => onlyInvalid(parseReply, { ...REPLY, [key]: value })),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(keys(REQUEST.filter), anything, (key, value) =>
      onlyInvalid(parseRequest, { ...REQUEST, filter: { ...REQUEST.filter, [key]: value } }),
    ),
    { numRuns: 2000 },
  )
})

test('parseRequest keeps JSON data as it was sent', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (data) => {
      const sent: unknown = JSON.parse(JSON.stringify(data))
      const body = parseRequest({ ...REQUEST, body: { ...REQUEST.body, data: sent } }).body
      const clean: unknown = JSON.parse(JSON.stringify(data), function (this: unknown, key: string, value: unknown) {
        return key === '__proto__' ? undefined : value
      })
      assert.deepEqual(body.kind === 'rpc' && JSON.parse(JSON.stringify(body.data)), clean)
    }),
  )
})

test('Account: targeted = ok + failed + refused + no response + not addressed, and no node is in two places', () => {
  const node = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const step = fc.oneof(
    fc.record({
      do: fc.constant('reply' as const),
      node,
      outcome: fc.constantFrom<Outcome>('ok', 'failed', 'refused'),
    }),
    fc.record({ do: fc.constantFrom('target' as const, 'notAddressed' as const), nodes: fc.array(node) }),
  )
  fc.assert(
    fc.property(fc.array(node), fc.array(step), (first, steps) => {
      const account = new Account(first)
      let replies = 0
      for (const action of steps) {
        if (action.do === 'reply') {
          replies++
          account.reply(action.node, action.outcome)
        } else account[action.do](action.nodes)
      }
      const s = account.summary()
      assert.equal(s.targeted, s.ok + s.failed + s.refused + s.noResponse + s.notAddressed)
      assert.equal(account.complete, s.noResponse === 0)
      const { unexpected, ...targeted } = s.names
      const all = [...Object.values(targeted).flat(), ...unexpected]
      assert.equal(new Set(all).size, all.length)
      assert.equal(s.targeted + s.unexpected, all.length)
      assert.equal(s.ok + s.failed + s.refused + s.unexpected + s.duplicates, replies)
    }),
  )
})
