// The connector against the real ActiveMQ: the suite of every connector, and what ActiveMQ answers when it refuses.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { createStompConnector, type StompConnectorOptions } from '#transport/stomp/stomp-connector.ts'
import { connectorConformance } from '../conformance/connector.ts'
import { Deliveries } from '../conformance/deliveries.ts'
import { startActiveMq } from './activemq.ts'
import { type RealBroker, stompHarness } from './real-broker.ts'

describe('ActiveMQ', () => {
  let broker: RealBroker
  before(async () => {
    broker = await startActiveMq()
  })
  after(() => broker?.stop())
  const stays = (): RealBroker => ({ ...broker, stop: async () => {} })

  connectorConformance('stomp on ActiveMQ', { start: () => stompHarness(stays()) })
  connectorConformance('stomp 1.0 on ActiveMQ', { start: () => stompHarness(stays(), { versions: ['1.0'] }) })

  const open = (more: Partial<StompConnectorOptions> = {}, password = broker.password) =>
    createStompConnector({
      pool: [{ host: '127.0.0.1', port: broker.port, user: broker.user, password }],
      identity: 'client1.example.com',
      pid: process.pid,
      ...more,
    })

  test('ActiveMQ refuses a wrong password: connect rejects with its reason and without the password [wire 1.5]', async () => {
    const connector = open({ giveUpOnRefusal: true }, 'not-marionette')
    await assert.rejects(connector.connect(), (error) => {
      assert.ok(isTroupeError(error, 'TRANSPORT_LOGIN_REFUSED'))
      assert.match(error.message, /User name \[mcollective\] or password is invalid/)
      assert.doesNotMatch(error.message, /not-marionette/)
      return true
    })
    await connector.disconnect()
  })

  test('ActiveMQ refuses a destination: that publish alone rejects, others go on', async () => {
    const connector = open()
    await connector.connect()
    const publish = (collective: string) =>
      connector.publish({ kind: 'broadcast', collective, agent: 'x' }, Buffer.from('x'), { ttlMs: 10_000 })
    const results = await Promise.allSettled([publish('mcollective'), publish('forbidden'), publish('mcollective')])
    assert.deepEqual(
      results.map((r) => r.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.ok(isTroupeError((results[1] as PromiseRejectedResult).reason, 'TRANSPORT_REFUSED'))
    await connector.disconnect()
  })

  test('ActiveMQ refuses a subscription: onRefused names it, the others stay', async () => {
    const connector = open()
    const refused = new Promise((resolve) => {
      connector.onRefused = (source, error) => resolve([source, error.code])
    })
    const source = { kind: 'broadcast', collective: 'forbidden', agent: 'x' } as const
    const allowed = { ...source, collective: 'mcollective' } as const
    const got = new Deliveries()
    connector.subscribe(source, got.take)
    connector.subscribe(allowed, got.take)
    await connector.connect()
    assert.deepEqual(await refused, [source, 'TRANSPORT_REFUSED'])
    await connector.publish(allowed, Buffer.from('x'), { ttlMs: 10_000 })
    await got.reach(1)
    await connector.disconnect()
  })
})
