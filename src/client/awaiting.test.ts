import assert from 'node:assert/strict'
import test from 'node:test'
import { Awaiting, SILENT_NODE_MS } from './awaiting.ts'

const options = { startMs: 1000, replyTimeoutMs: 12_000, discoveryTimeoutMs: 2000, quietMs: 500 }

test('Awaiting ends as soon as every expected node has answered', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['a', 'b'])
  awaiting.answer('a', 1010)
  assert.notEqual(awaiting.waitMs(1010), 0)
  awaiting.answer('b', 1020)
  assert.equal(awaiting.waitMs(1020), 0)
  assert.deepEqual(awaiting.missing(), [])
})

test('Awaiting stops waiting for a node without sign of life at the discovery deadline and names it', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['a', 'dead'])
  awaiting.answer('a', 1010)
  assert.equal(awaiting.waitMs(1010), 1990 + SILENT_NODE_MS)
  assert.equal(awaiting.waitMs(3000 + SILENT_NODE_MS), 0)
  assert.deepEqual(awaiting.missing(), ['dead'])
})

test('Awaiting gives nobody up at the discovery deadline while others are still answering', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['a', 'b', 'dead'])
  awaiting.answer('a', 2500)
  assert.equal(awaiting.waitMs(3000), 500 + 2 * SILENT_NODE_MS)
  awaiting.sign('b', 3400)
  awaiting.answer('b', 3450)
  assert.equal(awaiting.waitMs(3450), 950 + SILENT_NODE_MS)
  assert.equal(awaiting.waitMs(4400 + SILENT_NODE_MS), 0)
  assert.deepEqual(awaiting.missing(), ['dead'])
})

test('Awaiting does not wait longer for the dead because a node it knew at work has answered', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['busy', 'dead'])
  awaiting.sign('busy', 1300)
  awaiting.answer('busy', 9000)
  assert.equal(awaiting.waitMs(9000), 0)
  assert.deepEqual(awaiting.missing(), ['dead'])
})

const fleet = (count: number): string[] => Array.from({ length: count }, (_, i) => `node${i}`)

test('Awaiting gives thousands of which nobody has been heard longer than one node', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(fleet(5000))
  assert.equal(awaiting.waitMs(3000), 2000 + 5000, 'twice the discovery time, and a millisecond each')
  for (const node of fleet(4999)) awaiting.answer(node, 5500)
  assert.equal(awaiting.waitMs(5500), 1000 + SILENT_NODE_MS, 'one is left')
})

test('Awaiting bounds the time for a whole silent fleet by the reply deadline', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(fleet(50_000))
  assert.equal(awaiting.waitMs(12_990), 10)
  assert.equal(awaiting.waitMs(13_000), 0)
  assert.equal(awaiting.missing().length, 50_000)
})

test('Awaiting gives up a few dead nodes of thousands at the discovery deadline when the others have answered', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect([...fleet(2000), 'dead1', 'dead2'])
  for (const node of fleet(2000)) awaiting.answer(node, 1400)
  assert.equal(awaiting.waitMs(1400), 1600 + 2 * SILENT_NODE_MS)
})

test('Awaiting gives two nodes twice the discovery time when neither has been heard, and one node once', () => {
  const two = new Awaiting(options)
  two.expect(['a', 'b'])
  assert.equal(two.waitMs(1000), 4000 + 2 * SILENT_NODE_MS)
  two.notMatching('a', 1100)
  assert.equal(two.waitMs(1100), 1900 + SILENT_NODE_MS, 'the way to them is fine')
  const one = new Awaiting(options)
  one.expect(['a'])
  assert.equal(one.waitMs(1000), 2000 + SILENT_NODE_MS)
})

test('Awaiting adds the slowness of the broker, and none for a thousand requests a second', () => {
  const slow = new Awaiting(options)
  slow.expect(['a'])
  slow.begin(2500, 1500)
  assert.equal(slow.waitMs(2500), 5000 - SILENT_NODE_MS, 'the discovery time, and twice what the broker took')
  const many = new Awaiting(options)
  many.expect(fleet(5000))
  many.begin(5000, 4000)
  for (const node of fleet(4999)) many.answer(node, 5100)
  assert.equal(many.waitMs(5100), 1900 + SILENT_NODE_MS)
})

test('Awaiting does not count the time in which the client could not listen', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['a', 'b'])
  awaiting.answer('a', 1010)
  awaiting.deaf(60_000)
  assert.equal(awaiting.waitMs(62_000), 1000 + SILENT_NODE_MS)
  awaiting.sign('b', 62_100)
  assert.equal(awaiting.waitMs(62_100), 10_900)
})

test('Awaiting a ping waits no longer for a node that is alive than for a silent one', () => {
  const awaiting = new Awaiting({ ...options, answersAtOnce: true })
  awaiting.expect(['a', 'mute'])
  awaiting.answer('a', 1010)
  awaiting.sign('mute', 1320)
  assert.equal(awaiting.waitMs(1320), 1680)
  assert.equal(awaiting.waitMs(3000), 0)
})

test('Awaiting ends at the reply deadline even while answers are coming', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['a', 'dead'])
  awaiting.answer('a', 12_900)
  assert.equal(awaiting.waitMs(12_900), 100)
  assert.equal(awaiting.waitMs(13_000), 0)
})

test('Awaiting waits for a node that is alive but busy until the reply deadline', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['busy'])
  awaiting.sign('busy', 1300)
  assert.equal(awaiting.waitMs(3000), 10_000)
  assert.equal(awaiting.waitMs(13_000), 0)
  assert.deepEqual(awaiting.missing(), ['busy'])
})

test('Awaiting without expectation ends when signs of life have been quiet for long enough', () => {
  const awaiting = new Awaiting(options)
  awaiting.answer('a', 1010)
  assert.equal(awaiting.waitMs(1010), 500)
  awaiting.answer('b', 1400)
  assert.equal(awaiting.settled(2199), false, 'a fleet that took 400 ms gets twice that as quiet')
  assert.equal(awaiting.waitMs(2200), 0)
})

test('Awaiting without expectation and without any sign of life waits for the whole discovery time', () => {
  const awaiting = new Awaiting(options)
  assert.equal(awaiting.waitMs(1000), 2000)
  assert.equal(awaiting.waitMs(3000), 0)
})

test('Awaiting without expectation waits on for nodes that only gave a sign of life', () => {
  const awaiting = new Awaiting(options)
  awaiting.sign('slow', 1010)
  assert.equal(awaiting.waitMs(2000), 11_000)
})

test('Awaiting does not target a node that says the filter does not fit it', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['a', 'changed'])
  awaiting.answer('a', 1010)
  awaiting.notMatching('changed', 1020)
  assert.equal(awaiting.waitMs(1300), 0)
  assert.deepEqual(awaiting.targeted(), ['a'])
})

test('Awaiting listens on for a moment when nodes answered that were not expected', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['a'])
  awaiting.answer('new', 1010)
  awaiting.answer('a', 1020)
  assert.equal(awaiting.waitMs(1020), 100)
  assert.equal(awaiting.waitMs(1120), 0)
  assert.deepEqual(awaiting.targeted().sort(), ['a', 'new'])
})

test('Awaiting with an incomplete expectation ends only when signs of life have fallen quiet as well', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['a'], false)
  awaiting.answer('a', 1010)
  assert.equal(awaiting.waitMs(1010), 100)
  awaiting.answer('unknown to the roster', 1100)
  assert.equal(awaiting.waitMs(1110), 190, 'a fleet that takes 100 ms gets twice that as quiet')
  assert.equal(awaiting.waitMs(1300), 0)
  assert.equal(awaiting.targetedCount, 2)
})
