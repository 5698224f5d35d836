import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { createBackgroundFacts, durationText } from './background-facts.ts'
import type { FactCollector, Facts } from './fact-source.ts'

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A collector whose next results are decided by the test. */
function scripted(name: string) {
  const script = {
    next: { a: '1' } as Facts | Error,
    calls: 0,
    changed: false,
    hang: undefined as Promise<void> | undefined,
  }
  const collector: FactCollector = {
    name,
    async collect() {
      script.calls += 1
      await script.hang
      if (script.next instanceof Error) throw script.next
      return { source: name, facts: script.next }
    },
    changed: async () => script.changed,
  }
  return { script, collector }
}

function setUp(name = 'yaml') {
  const clock = new ManualClock(new Date(2026, 10, 22, 9, 12).getTime())
  const { script, collector } = scripted(name)
  const stop = new AbortController()
  const source = createBackgroundFacts({ collector, cacheSeconds: 300, clock, random: () => 0.5 })
  return { clock, script, source, stop, collector }
}

test('createBackgroundFacts: nothing before start, facts after it, again after the cache time', async () => {
  const { clock, script, source, stop } = setUp()
  assert.deepEqual(Object.keys(source.facts()), [])
  assert.deepEqual(source.state(), { source: 'none', ageSeconds: null })
  await source.start(stop.signal)
  assert.equal(source.facts().a, '1')
  script.next = { a: '2' }
  clock.advance(299_000)
  await settle()
  assert.equal(source.facts().a, '1')
  assert.deepEqual(source.state(), { source: 'yaml', ageSeconds: 299 })
  clock.advance(1_000)
  await settle()
  assert.equal(source.facts().a, '2')
  stop.abort()
})

test('createBackgroundFacts: a change is seen before its time', async () => {
  const { clock, script, source, stop } = setUp()
  await source.start(stop.signal)
  script.next = { a: '2' }
  script.changed = true
  clock.advance(2_000)
  await settle()
  assert.equal(source.facts().a, '2')
  stop.abort()
})

test('createBackgroundFacts: a failure keeps the last good facts and says so, a success ends it', async () => {
  const { clock, script, source, stop } = setUp('facter')
  await source.start(stop.signal)
  assert.deepEqual(source.warnings(), [])
  script.next = new Error('timed out after 30 s')
  clock.advance(300_000)
  await settle()
  clock.advance(180_000)
  assert.equal(source.facts().a, '1')
  assert.equal(source.state().error, 'timed out after 30 s')
  assert.deepEqual(source.warnings(), [
    'facts: facter failed 3 minutes ago (timed out after 30 s); showing facts of 09:12',
  ])
  script.next = { a: '3' }
  clock.advance(120_000)
  await settle()
  assert.equal(source.facts().a, '3')
  assert.deepEqual(source.warnings(), [])
  assert.equal(source.state().error, undefined)
  stop.abort()
})

test('createBackgroundFacts: an empty result does not wipe facts out [wire 6.1]', async () => {
  const { clock, script, source, stop } = setUp()
  await source.start(stop.signal)
  script.next = {}
  clock.advance(300_000)
  await settle()
  assert.equal(source.facts().a, '1')
  assert.match(source.warnings()[0]!, /it gave no facts at all/)
  stop.abort()
})

test('createBackgroundFacts: a collector that hangs is asked once and the facts become stale', async () => {
  const { clock, script, source, stop } = setUp('facter')
  await source.start(stop.signal)
  let release = (): void => {}
  script.hang = new Promise((resolve) => {
    release = resolve
  })
  script.changed = true
  clock.advance(1_500_000)
  await settle()
  clock.advance(1_500_000)
  await settle()
  assert.equal(script.calls, 2)
  assert.match(source.warnings()[0]!, /facter has given nothing for 50 minutes; showing facts of 09:12/)
  release()
  await settle()
  stop.abort()
})

test('createBackgroundFacts: quick facts are shown until the first result', async () => {
  const clock = new ManualClock()
  const slow = scripted('facter')
  const quick = scripted('builtin')
  quick.script.next = { a: 'quick' }
  let release = (): void => {}
  slow.script.hang = new Promise((resolve) => {
    release = resolve
  })
  const stop = new AbortController()
  const source = createBackgroundFacts({
    collector: slow.collector,
    initial: quick.collector,
    cacheSeconds: 300,
    clock,
  })
  await source.start(stop.signal)
  assert.equal(source.facts().a, 'quick')
  assert.equal(source.state().source, 'builtin')
  release()
  await settle()
  assert.equal(source.facts().a, '1')
  assert.equal(source.state().source, 'facter')
  stop.abort()
})

test('createBackgroundFacts: stops when told to', async () => {
  const { clock, script, source, stop } = setUp()
  await source.start(stop.signal)
  stop.abort()
  script.changed = true
  clock.advance(3_000_000)
  await settle()
  assert.equal(script.calls, 1)
})

test('durationText: the largest whole unit', () => {
  const texts = [0, 1_000, 59_999, 60_000, 7_200_000, 86_400_000, 300_000_000].map(durationText)
  assert.deepEqual(texts, ['0 seconds', '1 second', '59 seconds', '1 minute', '2 hours', '1 day', '3 days'])
})
