// The broker's queue against an oracle that keeps a plain list: whatever consumers come, go, fall behind and select, each
// message is delivered once to someone it fits, or waits, or has expired; in order; and the sums are right.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newCounters } from '#broker/counters.ts'
import { Message } from '#broker/message.ts'
import { BROKER_LIMITS } from '#broker/options.ts'
import { Queue } from '#broker/queue.ts'
import type { Session } from '#broker/session.ts'
import { Stored } from '#broker/stored.ts'
import type { Subscription } from '#broker/subscription.ts'

const key = fc.constantFrom('a', 'b', 'c', undefined)
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('send' as const), key, ttl: fc.integer({ min: 0, max: 9 }) }) },
  fc.record({ op: fc.constant('subscribe' as const), key, who: fc.nat(5) }),
  fc.record({ op: fc.constant('unsubscribe' as const), who: fc.nat(5) }),
  fc.record({ op: fc.constant('block' as const), who: fc.nat(5) }),
  fc.record({ op: fc.constant('drain' as const), who: fc.nat(5) }),
  fc.record({ op: fc.constant('wait' as const), ms: fc.nat(4) }),
)

interface Consumer {
  readonly key: string | undefined
  readonly subscription: Subscription
  readonly got: number[]
  room: boolean
}

function consumer(wanted: string | undefined, deliver: (to: Consumer, message: Message) => void): Consumer {
  const session = {
    keepsUp: () => made.room,
    deliver: (_: Subscription, message: Message) => deliver(made, message),
  } as unknown as Session
  const selector = wanted === undefined ? undefined : { header: 'k', value: wanted }
  const subscription = { session, id: '1', destination: '/queue/q', queue: true, selector, behind: false }
  const made: Consumer = { key: wanted, subscription, got: [], room: true }
  return made
}

test('Queue delivers each message once, in order, to a consumer it fits, or keeps it until it expires', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const counters = newCounters()
      const queue = new Queue('/queue/q', new Stored(BROKER_LIMITS, counters))
      const sender = { storedBytes: 0 } as Session
      const consumers = new Map<number, Consumer>()
      const waiting = new Map<number, { key: string | undefined; expiresAt: number }>()
      let now = 1000
      let sequence = 0
      const deliver = (to: Consumer, message: Message): void => {
        const number = Number(message.header('n'))
        assert.ok(waiting.delete(number), `message ${number} is delivered twice or after its time`)
        assert.ok(to.room, 'delivered to a consumer that is behind')
        assert.ok(to.key === undefined || message.header('k') === to.key)
        assert.ok(to.got.length === 0 || number > to.got.at(-1)!, 'out of order')
        to.got.push(number)
      }
      for (const step of operations) {
        const who = 'who' in step ? consumers.get(step.who) : undefined
        if (step.op === 'send') {
          const expiresAt = now + step.ttl
          const headers = ['n', String(++sequence), ...(step.key === undefined ? [] : ['k', step.key])]
          waiting.set(sequence, { key: step.key, expiresAt })
          const frame = { command: 'SEND', headers, body: Buffer.from('x') }
          assert.notEqual(queue.send(new Message('/queue/q', frame, expiresAt, String(sequence), sender), now), 'full')
          if (expiresAt <= now) waiting.delete(sequence)
        } else if (step.op === 'subscribe' && !who) {
          const made = consumer(step.key, deliver)
          consumers.set(step.who, made)
          queue.add(made.subscription)
        } else if (step.op === 'unsubscribe' && who) {
          queue.remove(who.subscription)
          consumers.delete(step.who)
        } else if (step.op === 'block' && who) who.room = false
        else if (step.op === 'drain' && who) {
          who.room = true
          queue.serve(who.subscription)
        } else if (step.op === 'wait') {
          now += step.ms
          queue.expire(now)
          for (const [number, { expiresAt }] of waiting) if (expiresAt <= now) waiting.delete(number)
        }
        assert.equal(queue.waiting, waiting.size)
        assert.equal(counters.storedMessages, waiting.size)
        assert.equal(queue.bytes, counters.storedBytes)
        assert.equal(sender.storedBytes, counters.storedBytes)
        for (const c of consumers.values()) {
          const missed = [...waiting.values()].some((m) => c.room && (c.key === undefined || c.key === m.key))
          assert.equal(missed, false, 'a message waits although a consumer could take it')
        }
      }
      for (const c of consumers.values()) queue.remove(c.subscription)
      queue.expire(now + 100)
      assert.ok(queue.idle)
      assert.deepEqual([counters.storedMessages, counters.storedBytes], [0, 0])
    }),
    { numRuns: 2000 },
  )
})
