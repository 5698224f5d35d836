import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import { Outbox } from './outbox.ts'

const headers = ['destination', '/topic/a']
const bytes = (length: number): Uint8Array => new Uint8Array(length)

function outbox(bounds = { countMax: 10, bytesMax: 1000 }) {
  const clock = new ManualClock()
  const box = new Outbox(clock, bounds)
  /** Settled promises by the order of adding: `ok` or the error's code. */
  const ends: (string | undefined)[] = []
  const add = (body = bytes(1), ttlMs = 1000): void => {
    const at = ends.push(undefined) - 1
    box.add(headers, body, ttlMs).then(
      () => {
        ends[at] = 'ok'
      },
      (error) => {
        ends[at] = error.code
      },
    )
  }
  const taken = (): string[] => {
    const receipts: string[] = []
    for (let next = box.next(); next; next = box.next()) receipts.push(next.receipt)
    return receipts
  }
  return { clock, box, ends, add, taken, settled: () => new Promise((resolve) => setImmediate(resolve)) }
}

test('Outbox.next: gives every message once, in order of adding', () => {
  const { box, add, taken } = outbox()
  add()
  add()
  assert.deepEqual(taken(), ['p1', 'p2'])
  add()
  assert.deepEqual(taken(), ['p3'])
  assert.deepEqual([box.size, box.inFlight], [3, 3])
})

test('Outbox.confirm: resolves its message; an unknown receipt is none of ours', async () => {
  const { box, add, ends, taken, settled } = outbox()
  add()
  add()
  taken()
  assert.equal(box.confirm('p2'), true)
  assert.equal(box.confirm('p2'), false)
  assert.equal(box.confirm('constructor'), false)
  await settled()
  assert.deepEqual(ends, [undefined, 'ok'])
  assert.deepEqual([box.size, box.inFlight], [1, 1])
})

test('Outbox.rewind: all that is unconfirmed is given again, in its first order', () => {
  const { box, add, taken } = outbox()
  for (let i = 0; i < 4; i++) add()
  box.next()
  box.next()
  box.confirm('p1')
  box.rewind()
  assert.equal(box.inFlight, 0)
  assert.deepEqual(taken(), ['p2', 'p3', 'p4'])
})

test('Outbox: a ttl that passes rejects with TRANSPORT_EXPIRED, each at its own time, and is not sent any more', async () => {
  const { clock, add, ends, taken, settled } = outbox()
  add(bytes(1), 3000)
  add(bytes(1), 1000)
  add(bytes(1), 2000)
  clock.advance(1000)
  await settled()
  assert.deepEqual(ends, [undefined, 'TRANSPORT_EXPIRED', undefined])
  assert.deepEqual(taken(), ['p1', 'p3'])
  clock.advance(1000)
  await settled()
  assert.deepEqual(ends, [undefined, 'TRANSPORT_EXPIRED', 'TRANSPORT_EXPIRED'])
  clock.advance(1000)
  await settled()
  assert.equal(ends[0], 'TRANSPORT_EXPIRED')
})

test('Outbox.add: over the count TRANSPORT_OVERLOADED, and room again after a confirmation', async () => {
  const { box, add, ends, taken, settled } = outbox({ countMax: 2, bytesMax: 1000 })
  add()
  add()
  add()
  taken()
  box.confirm('p1')
  add()
  await settled()
  assert.deepEqual(ends, ['ok', undefined, 'TRANSPORT_OVERLOADED', undefined])
})

test('Outbox.add: over the bytes TRANSPORT_OVERLOADED; a shared body counts once', async () => {
  const { box, add, ends, taken, settled } = outbox({ countMax: 100, bytesMax: 1000 })
  const shared = bytes(900)
  for (let i = 0; i < 5; i++) add(shared)
  add(bytes(101))
  await settled()
  assert.deepEqual(ends, [undefined, undefined, undefined, undefined, undefined, 'TRANSPORT_OVERLOADED'])
  for (const receipt of taken()) box.confirm(receipt)
  add(bytes(1000))
  await settled()
  assert.equal(ends[6], undefined)
})

test('Outbox.onlyInFlight: the one that was sent, among others that wait', () => {
  const { box, add } = outbox()
  add()
  add()
  assert.equal(box.onlyInFlight(), undefined)
  box.next()
  assert.equal(box.onlyInFlight(), 'p1')
  box.confirm('p1')
  box.next()
  assert.equal(box.onlyInFlight(), 'p2')
})

test('Outbox.close: rejects all that is left and leaves no timer', async () => {
  const { box, clock, add, ends, settled } = outbox()
  add()
  add()
  box.close(new TroupeError('TRANSPORT_CLOSED', 'closed'))
  await settled()
  assert.deepEqual(ends, ['TRANSPORT_CLOSED', 'TRANSPORT_CLOSED'])
  clock.advance(100_000)
  assert.equal(box.size, 0)
})

test('Outbox: the error of an expired message says whether it may have arrived', async () => {
  const { box, clock } = outbox()
  const sent = box.add(headers, bytes(1), 10)
  box.next()
  const unsent = box.add(headers, bytes(1), 10)
  clock.advance(10)
  const reasons = (await Promise.allSettled([sent, unsent])).map((r) => (r as PromiseRejectedResult).reason)
  for (const reason of reasons) assert.ok(isTroupeError(reason, 'TRANSPORT_EXPIRED'))
  assert.match(reasons[0].message, /cannot tell whether \/topic\/a got a message/)
  assert.match(reasons[1].message, /no connection to a broker/)
})
