// Whatever happens to the connection, in whatever order: the outbox gives each message at most once per connection, in order,
// loses none, and settles each promise once. Checked against a plain list.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ManualClock } from '#base/clock.ts'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import { Outbox } from '#transport/stomp/outbox.ts'

type Step =
  | { readonly do: 'add'; readonly ttlMs: number }
  | { readonly do: 'send' | 'confirm' | 'refuse'; readonly pick: number }
  | { readonly do: 'break' }
  | { readonly do: 'wait'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), ttlMs: fc.integer({ min: 1, max: 50 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('send' as const, 'confirm' as const, 'refuse' as const),
      pick: fc.nat(9),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'break' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }) },
)

interface Held {
  readonly receipt: string
  readonly deadlineMs: number
  sent: boolean
}

test('Outbox: agrees with a plain list, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new ManualClock()
      const outbox = new Outbox(clock, { countMax: 1000, bytesMax: 1000 })
      let held: Held[] = []
      const wanted = new Map<string, string>()
      const settled = new Map<string, string>()
      let count = 0
      const end = (receipt: string, how: string): void => {
        held = held.filter((h) => h.receipt !== receipt)
        wanted.set(receipt, how)
      }
      for (const s of steps) {
        if (s.do === 'add') {
          const receipt = `p${++count}`
          held.push({ receipt, deadlineMs: clock.monotonic() + s.ttlMs, sent: false })
          const settle = (how: string): void => {
            assert.ok(!settled.has(receipt), `${receipt} settled twice`)
            settled.set(receipt, how)
          }
          outbox.add(['destination', '/topic/a'], new Uint8Array(1), s.ttlMs).then(
            () => settle('confirmed'),
            (error) => settle(isTroupeError(error, 'TRANSPORT_EXPIRED') ? 'expired' : 'refused'),
          )
        } else if (s.do === 'send') {
          const next = held.find((h) => !h.sent)
          assert.equal(outbox.next()?.receipt, next?.receipt)
          if (next) next.sent = true
        } else if (s.do === 'break') {
          outbox.rewind()
          for (const h of held) h.sent = false
        } else if (s.do === 'wait') {
          clock.advance(s.ms)
          for (const h of held) if (h.deadlineMs <= clock.monotonic()) end(h.receipt, 'expired')
        } else {
          const target = held.filter((h) => h.sent)[s.pick]
          if (!target) continue
          if (s.do === 'confirm') assert.ok(outbox.confirm(target.receipt))
          else assert.ok(outbox.refuse(target.receipt, new TroupeError('TRANSPORT_REFUSED', 'no')))
          end(target.receipt, s.do === 'confirm' ? 'confirmed' : 'refused')
        }
        assert.equal(outbox.size, held.length)
        assert.equal(outbox.inFlight, held.filter((h) => h.sent).length)
      }
      outbox.close(new TroupeError('TRANSPORT_CLOSED', 'closed'))
      for (const h of [...held]) end(h.receipt, 'refused')
      await new Promise((resolve) => setImmediate(resolve))
      assert.deepEqual([...settled].sort(), [...wanted].sort())
    }),
    { numRuns: 300 },
  )
})
