import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { Registration, Request, Values } from '#message/request.ts'
import { createRegistration, type RegistrationOptions } from './registration.ts'

function sender(change: Partial<RegistrationOptions> = {}) {
  const clock = new ManualClock()
  const node = {
    agents: ['discovery'] as string[],
    collectives: ['mcollective'],
    classes: ['ntp'],
    facts: { osfamily: 'Debian', uptime_seconds: '5' } as Values,
    version: '3.0.0',
  }
  const requests: Request[] = []
  const registration = createRegistration({
    identity: 'node1',
    collective: 'mcollective',
    intervalSeconds: 600,
    splay: false,
    ttlSeconds: 60,
    clock,
    log: silentLog,
    random: () => 0.5,
    caller: () => 'uid=0',
    content: () => node,
    send: async (request) => void requests.push(request),
    ...change,
  })
  const bodies = (): Registration[] => requests.map(({ body }) => (body as { registration: Registration }).registration)
  return { clock, node, requests, bodies, registration }
}

describe('createRegistration', () => {
  test('speaks a random moment after connecting, then every interval', () => {
    const { clock, requests, registration } = sender()
    registration.start()
    clock.advance(999)
    assert.equal(requests.length, 0)
    clock.advance(1)
    assert.equal(requests.length, 1)
    clock.advance(599_999)
    assert.equal(requests.length, 1)
    clock.advance(1)
    assert.equal(requests.length, 2)
    clock.advance(6_000_000)
    assert.equal(requests.length, 12)
  })

  test('says what a keeper of the roster needs, as a request that asks for no answer', () => {
    const { clock, requests, registration } = sender()
    registration.start()
    clock.advance(1000)
    const { id, body, ...rest } = requests[0]!
    assert.match(id, /^[0-9a-f]{32}$/)
    assert.deepEqual(rest, {
      agent: 'registration',
      collective: 'mcollective',
      sender: 'node1',
      caller: 'uid=0',
      filter: { facts: [], classes: [], agents: ['registration'], identities: [], compounds: [] },
      sentAtMs: clock.now(),
      ttlSeconds: 60,
      replyTo: null,
    })
    assert.deepEqual(JSON.parse(JSON.stringify(body)), {
      kind: 'registration',
      registration: {
        agents: ['discovery'],
        collectives: ['mcollective'],
        classes: ['ntp'],
        facts: { osfamily: 'Debian' },
        version: '3.0.0',
        intervalSeconds: 600,
        leaving: false,
      },
    })
  })

  test('speaks again within a minute when facts or classes have changed, not for those that change by themselves', () => {
    const { clock, node, requests, bodies, registration } = sender()
    registration.start()
    clock.advance(1000)
    node.facts = { osfamily: 'Debian', uptime_seconds: '77' }
    clock.advance(120_000)
    assert.equal(requests.length, 1)
    node.classes = ['ntp', 'mysql']
    clock.advance(60_000)
    assert.deepEqual(
      bodies().map(({ classes }) => classes),
      [['ntp'], ['ntp', 'mysql']],
    )
  })

  test('speaks soon when told of a change, and not when nothing has changed', () => {
    const { clock, node, bodies, registration } = sender()
    registration.start()
    clock.advance(1000)
    registration.changed()
    clock.advance(10_000)
    assert.equal(bodies().length, 1)
    node.agents = ['discovery', 'new']
    registration.changed()
    clock.advance(1000)
    assert.deepEqual(bodies().at(-1)?.agents, ['discovery', 'new'])
  })

  test('speaks again some seconds after a reconnection', () => {
    const { clock, requests, registration } = sender()
    registration.start()
    clock.advance(1000)
    registration.reconnected()
    clock.advance(2499)
    assert.equal(requests.length, 1)
    clock.advance(1)
    assert.equal(requests.length, 2)
  })

  test('spreads the first one over the interval when asked to', () => {
    const { clock, requests, registration } = sender({ splay: true })
    registration.start()
    clock.advance(299_999)
    assert.equal(requests.length, 0)
    clock.advance(1)
    assert.equal(requests.length, 1)
  })

  test('leaves out facts that are too large to send', () => {
    const { clock, node, bodies, registration } = sender()
    node.facts = { big: 'x'.repeat(65_536) }
    registration.start()
    clock.advance(1000)
    assert.equal(bodies()[0]?.facts, null)
  })

  test('says good-bye when it stops, and then nothing', async () => {
    const { clock, bodies, registration } = sender()
    registration.start()
    clock.advance(1000)
    await registration.stop()
    assert.equal(bodies().at(-1)?.leaving, true)
    clock.advance(6_000_000)
    assert.equal(bodies().length, 2)
  })

  test('does not wait for ever with its good-bye', async () => {
    const { clock, registration } = sender({ send: () => new Promise(() => {}) })
    registration.start()
    const stopped = registration.stop()
    clock.advance(1000)
    await stopped
  })

  test('is silent without an interval, also at the end', async () => {
    const { clock, requests, registration } = sender({ intervalSeconds: 0 })
    registration.start()
    registration.changed()
    registration.reconnected()
    clock.advance(6_000_000)
    await registration.stop()
    assert.equal(requests.length, 0)
  })
})
