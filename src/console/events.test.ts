import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ManualClock } from '#base/clock.ts'
import { CONSOLE_EVENTS_WAITING_MAX, CONSOLE_HEARTBEAT_MS, CONSOLE_STREAMS_MAX } from '#base/limits.ts'
import type { ConsoleEvent } from './api/jobs.ts'
import { createConsoleEvents, type EventListener } from './events.ts'

const HOUR = 3_600_000

function setUp() {
  const clock = new ManualClock()
  const events = createConsoleEvents({ clock })
  const listen = (about: Partial<EventListener> = {}) => {
    const gone = new AbortController()
    const stream = events.stream({
      ...{ account: 'alice', role: 'viewer', untilMs: clock.now() + HOUR, signal: gone.signal },
      stillAllowed: async () => true,
      ...about,
    })
    const reader = stream[Symbol.asyncIterator]()
    return { gone, next: async () => (await reader.next()).value as string | undefined }
  }
  return { clock, events, listen }
}

const job = (id: string, revision: number): ConsoleEvent => ({ type: 'job', job: { id, revision } as never })

test('stream: begins with how things are, then what is published, in order', async () => {
  const { events, listen } = setUp()
  const { next } = listen({ first: [{ type: 'bus', connected: false, problem: 'no broker' }] })
  assert.match(
    (await next())!,
    /^retry: 2000\n\nevent: bus\ndata: {"type":"bus","connected":false,"problem":"no broker"}\n\n$/,
  )
  events.publish({ type: 'agents' })
  events.publish({ type: 'nodes', asOfMs: 1 })
  assert.equal(await next(), 'event: agents\ndata: {"type":"agents"}\n\n')
  assert.equal(await next(), 'event: nodes\ndata: {"type":"nodes","asOfMs":1}\n\n')
})

test('publish: to an account or a role, nobody else hears of it', async () => {
  const { clock, events, listen } = setUp()
  const [alice, bob] = [listen(), listen({ account: 'bob', role: 'administrator' })]
  await Promise.all([alice.next(), bob.next()])
  events.publish({ type: 'session', state: 'changed' }, { account: 'bob' })
  events.publish({ type: 'agents' }, { role: 'operator' })
  assert.match((await bob.next())!, /event: session/)
  assert.match((await bob.next())!, /event: agents/)
  const heard = alice.next()
  await nextTurn()
  clock.advance(CONSOLE_HEARTBEAT_MS)
  assert.equal(await heard, ': \n\n')
})

test('publish: a slow reader gets the latest of each job, one that never reads is cut off', async () => {
  const { events, listen } = setUp()
  const { next } = listen()
  await next()
  for (let revision = 1; revision <= 1000; revision++) events.publish(job('a', revision))
  events.publish(job('b', 1))
  assert.match((await next())!, /"id":"a","revision":1000/)
  assert.match((await next())!, /"id":"b"/)
  for (let i = 0; i <= CONSOLE_EVENTS_WAITING_MAX; i++) events.publish(job(`job${i}`, 1))
  assert.equal(await next(), undefined)
  assert.equal(events.count(), 0)
})

test('stream: ends at the end of the session, and when the session is not good any more', async () => {
  const { clock, events, listen } = setUp()
  let allowed = true
  const [short, watched] = [listen({ untilMs: clock.now() + 1000 }), listen({ stillAllowed: async () => allowed })]
  await Promise.all([short.next(), watched.next()])
  const [ended, beat] = [short.next(), watched.next()]
  await nextTurn()
  clock.advance(CONSOLE_HEARTBEAT_MS)
  assert.match((await ended)!, /event: session\ndata: {"type":"session","state":"ended"}/)
  assert.equal(await short.next(), undefined)
  assert.equal(await beat, ': \n\n')
  const out = watched.next()
  await nextTurn()
  allowed = false
  events.recheck('alice')
  assert.match((await out)!, /"state":"ended"/)
  assert.equal(await watched.next(), undefined)
  assert.equal(events.count(), 0)
})

test('stream: at most so many of one account; those that are gone do not count, read or not', async () => {
  const { events, listen } = setUp()
  const streams = Array.from({ length: CONSOLE_STREAMS_MAX }, () => listen())
  assert.throws(() => listen(), { code: 'CONSOLE_TOO_MANY' })
  assert.doesNotThrow(() => listen({ account: 'bob' }))
  await streams[0]!.next()
  streams[0]!.gone.abort()
  streams[1]!.gone.abort()
  listen()
  listen()
  assert.throws(() => listen(), { code: 'CONSOLE_TOO_MANY' })
  events.close()
  assert.equal(events.count(), 0)
})
