// The connector against the real RabbitMQ: the suite of every connector with both kinds of reply destinations, and what
// RabbitMQ does when it refuses: an ERROR that names no culprit, and the end of the connection.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { createStompConnector, type StompConnectorOptions } from '#transport/stomp/stomp-connector.ts'
import { type ConnectorSuite, connectorConformance } from '../conformance/connector.ts'
import { Deliveries } from '../conformance/deliveries.ts'
import { startRabbitMq } from './rabbitmq.ts'
import { stompHarness } from './real-broker.ts'

const deviations: NonNullable<ConnectorSuite['deviations']> = {
  'directed messages wait': 'nothing is bound to the exchange for a node that is away [wire 2.6]',
}

describe('RabbitMQ', () => {
  let broker: Awaited<ReturnType<typeof startRabbitMq>>
  before(async () => {
    broker = await startRabbitMq()
  })
  after(() => broker?.stop())
  const start = (more: Partial<StompConnectorOptions>) => () =>
    stompHarness({ ...broker, stop: async () => {} }, { style: 'rabbitmq', vhost: broker.vhost, ...more })

  connectorConformance('stomp on RabbitMQ', { start: start({}), deviations })
  connectorConformance('stomp on RabbitMQ with reply exchange', {
    start: start({ useReplyExchange: true }),
    deviations,
  })

  const open = (more: Partial<StompConnectorOptions> = {}, password = broker.password) =>
    createStompConnector({
      pool: [{ host: '127.0.0.1', port: broker.port, user: broker.user, password }],
      style: 'rabbitmq',
      vhost: broker.vhost,
      identity: 'client1.example.com',
      pid: process.pid,
      backoff: { maxMs: 50 },
      ...more,
    })

  test('RabbitMQ refuses a wrong password: connect rejects with its reason and without the password [wire 1.5]', async () => {
    const connector = open({ giveUpOnRefusal: true }, 'not-marionette')
    await assert.rejects(connector.connect(), (error) => {
      assert.ok(isTroupeError(error, 'TRANSPORT_LOGIN_REFUSED'))
      assert.match(error.message, /Access refused for user 'mcollective'/)
      assert.doesNotMatch(error.message, /not-marionette/)
      return true
    })
    await connector.disconnect()
  })

  test('RabbitMQ lacks an exchange: the culprit is found, that publish alone rejects, others go on', async () => {
    const connector = open()
    await connector.connect()
    const publish = (collective: string) =>
      connector.publish({ kind: 'broadcast', collective, agent: 'x' }, Buffer.from('x'), { ttlMs: 20_000 })
    const results = await Promise.allSettled([publish('mcollective'), publish('missing'), publish('mcollective')])
    assert.deepEqual(
      results.map((r) => r.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    const { reason } = results[1] as PromiseRejectedResult
    assert.ok(isTroupeError(reason, 'TRANSPORT_REFUSED'))
    assert.match(reason.message, /missing_broadcast/)
    await connector.disconnect()
  })

  test('RabbitMQ lacks the exchange of a subscription: onRefused names it, the others stay', async () => {
    const connector = open()
    const refused = new Promise((resolve) => {
      connector.onRefused = (source, error) => resolve([source, error.code])
    })
    const source = { kind: 'broadcast', collective: 'missing', agent: 'x' } as const
    const allowed = { ...source, collective: 'mcollective' } as const
    const got = new Deliveries()
    connector.subscribe(source, got.take)
    connector.subscribe(allowed, got.take)
    await connector.connect()
    assert.deepEqual(await refused, [source, 'TRANSPORT_REFUSED'])
    await connector.publish(allowed, Buffer.from('x'), { ttlMs: 20_000 })
    await got.reach(1)
    await connector.disconnect()
  })
})
