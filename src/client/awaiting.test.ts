import assert from 'node:assert/strict'
import test from 'node:test'
import { Awaiting } from './awaiting.ts'

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
  assert.equal(awaiting.waitMs(1010), 1990)
  assert.equal(awaiting.waitMs(3000), 0)
  assert.deepEqual(awaiting.missing(), ['dead'])
})

test('Awaiting gives nobody up at the discovery deadline while others are still answering', () => {
  const awaiting = new Awaiting(options)
  awaiting.expect(['a', 'b', 'dead'])
  awaiting.answer('a', 2500)
  assert.equal(awaiting.waitMs(3000), 500)
  awaiting.sign('b', 3400)
  awaiting.answer('b', 3450)
  assert.equal(awaiting.waitMs(3450), 1000)
  assert.equal(awaiting.waitMs(4450), 0)
  assert.deepEqual(awaiting.missing(), ['dead'])
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
  awaiting.notMatching('changed')
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
