import assert from 'node:assert/strict'
import test from 'node:test'
import { Subscriptions } from './subscriptions.ts'

const source = { kind: 'reply', address: '/queue/a' } as const
const a = { destination: '/queue/a' }
const b = { destination: '/queue/b' }
const none = (): void => {}

test('Subscriptions.next: each new one once, in order; all again after rewind', () => {
  const held = new Subscriptions()
  held.add(source, a, none)
  held.add(source, b, none)
  assert.deepEqual([held.next()?.id, held.next()?.id, held.next()], ['1', '2', undefined])
  held.confirm('1')
  assert.equal(held.inFlight, 1)
  held.rewind()
  assert.deepEqual([held.next()?.id, held.next()?.id, held.next()], ['1', '2', undefined])
})

test('Subscriptions.add: one on the wire per destination and selector, whoever asks [wire 1.2]', () => {
  const held = new Subscriptions()
  const first = held.add(source, a, none)
  assert.equal(
    held.add(source, { ...a }, () => {}),
    first,
  )
  assert.notEqual(held.add(source, { ...a, selector: "mc_identity = 'x'" }, none), first)
})

test('Subscriptions.remove: only the last receiver takes the wire subscription with it', () => {
  const held = new Subscriptions()
  const [one, two] = [() => {}, () => {}]
  const subscription = held.add(source, a, one)
  held.add(source, a, two)
  assert.equal(held.remove(subscription, one), false)
  assert.equal(held.receiverOf('1', undefined), two)
  assert.equal(held.remove(subscription, one), false)
  assert.equal(held.remove(subscription, two), true)
  assert.equal(held.next(), undefined)
  assert.equal(held.receiverOf('1', '/queue/a'), undefined)
})

test('Subscriptions.refuse: left out of rewind until retry', () => {
  const held = new Subscriptions()
  held.add(source, a, none)
  held.add(source, b, none)
  held.next()
  held.next()
  assert.equal(held.refuse('1')?.address, a)
  assert.equal(held.refuse('1'), undefined)
  assert.equal(held.refuse('9'), undefined)
  held.rewind()
  assert.deepEqual([held.next()?.id, held.next()], ['2', undefined])
  assert.equal(held.retry(), 1)
  assert.equal(held.next()?.id, '1')
})

test('Subscriptions.receiverOf: by id, and on STOMP 1.0 by destination [wire 1.5]', () => {
  const held = new Subscriptions()
  const [one, two] = [() => {}, () => {}]
  held.add(source, a, one)
  held.add(source, b, two)
  assert.equal(held.receiverOf('2', '/queue/a'), two)
  assert.equal(held.receiverOf(undefined, '/queue/a'), one)
  assert.equal(held.receiverOf('7', '/queue/a'), undefined)
})

test('Subscriptions: an implicit one is never sent and is found by its own name [wire 1.3]', () => {
  const held = new Subscriptions()
  held.add(source, { destination: '/temp-queue/r1', implicit: true }, none)
  held.rewind()
  assert.equal(held.next(), undefined)
  assert.equal(held.receiverOf('/temp-queue/r1', '/queue/amq.gen-x'), none)
})
