// The connector's rules for the in-memory bus and for STOMP over TLS on the embedded broker, with the permissions it gives to
// nodes and clients; and what only connector and broker together can show.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { silentLog } from '#base/log.ts'
import { type Broker, createBroker } from '#broker/broker.ts'
import type { Permissions } from '#broker/options.ts'
import { CLIENT_PERMISSIONS, NODE_PERMISSIONS } from '#broker/roles.ts'
import { createMemoryBus } from '#transport/memory.ts'
import { createStompConnector, type StompConnectorOptions } from '#transport/stomp/stomp-connector.ts'
import type { TlsSettings } from '#transport/stomp/tls.ts'
import { connectorConformance } from './connector.ts'
import { Deliveries } from './deliveries.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { createTestAuthority } from './test-certificates.ts'

connectorConformance('memory', {
  async start() {
    const bus = createMemoryBus()
    return {
      connector: (identity) => bus.connector({ identity }),
      interrupt: () => bus.break(),
      restore: () => bus.restore(),
      async stop() {},
    }
  },
})

const BOTH: Permissions = {
  subscribe: [...NODE_PERMISSIONS.subscribe, ...CLIENT_PERMISSIONS.subscribe],
  publish: [...NODE_PERMISSIONS.publish, ...CLIENT_PERMISSIONS.publish],
}
const ACCOUNTS = [
  { name: 'both', password: 'both', permissions: BOTH },
  { name: 'node', password: 'node', permissions: NODE_PERMISSIONS },
  { name: 'client', password: 'client', permissions: CLIENT_PERMISSIONS },
] as const
type AccountName = (typeof ACCOUNTS)[number]['name']

interface Stage {
  readonly broker: Broker
  readonly proxy: TcpProxy
  connector(
    identity: string,
    account: AccountName,
    options?: Partial<StompConnectorOptions>,
  ): ReturnType<typeof createStompConnector>
  stop(): Promise<void>
}

async function startStage(): Promise<Stage> {
  const authority = await createTestAuthority('authority')
  const tls: TlsSettings = { ca: [authority.ca] }
  const broker = createBroker({
    listen: { host: '127.0.0.1', port: 0 },
    tls: await authority.issue(['127.0.0.1']),
    accounts: ACCOUNTS,
    log: silentLog,
  })
  await broker.start()
  const proxy = await startTcpProxy(broker.address().port)
  let pids = 0
  return {
    broker,
    proxy,
    connector: (identity, account, options) =>
      createStompConnector({
        pool: [{ host: '127.0.0.1', port: proxy.port, user: account, password: account, tls }],
        identity,
        pid: ++pids,
        backoff: { maxMs: 50 },
        ...options,
      }),
    async stop() {
      await proxy.close()
      await broker.stop({ drainMs: 1_000 })
    },
  }
}

const harness = (options?: Partial<StompConnectorOptions>) => async () => {
  const { proxy, connector, stop } = await startStage()
  return {
    connector: (identity: string) => connector(identity, 'both', options),
    interrupt() {
      proxy.refusing = true
      proxy.cut()
    },
    restore() {
      proxy.refusing = false
    },
    stop,
  }
}

connectorConformance('stomp on the embedded broker', { start: harness() })
connectorConformance('stomp 1.0 on the embedded broker', { start: harness({ versions: ['1.0'] }) })
connectorConformance('stomp 1.1 on the embedded broker', { start: harness({ versions: ['1.1'] }) })

describe('createStompConnector and the embedded broker', () => {
  const ttl = { ttlMs: 20_000 }
  const broadcast = { kind: 'broadcast', collective: 'mcollective', agent: 'rpcutil' } as const
  let stage: Stage
  before(async () => {
    stage = await startStage()
  })
  after(() => stage?.stop())

  test('a node that publishes a request is refused, and stays connected', async () => {
    const node = stage.connector('node1', 'node')
    await node.connect()
    await assert.rejects(
      node.publish(broadcast, Buffer.from('x'), ttl),
      (error) => isTroupeError(error, 'TRANSPORT_REFUSED') && /may not send/.test(error.message),
    )
    const address = '/queue/mcollective.reply.client_1.1'
    await node.publish({ kind: 'reply', address }, Buffer.from('x'), ttl)
    assert.equal(stage.broker.stats().connections, 1)
    await node.disconnect()
  })

  test('a client that subscribes as a node is refused: onRefused tells, and it stays connected', async () => {
    const client = stage.connector('client1', 'client')
    const refused = new Promise((resolve) => {
      client.onRefused = (source, error) => resolve([source, error.code])
    })
    client.subscribe(broadcast, () => {})
    await client.connect()
    assert.deepEqual(await refused, [broadcast, 'TRANSPORT_REFUSED'])
    await client.publish(broadcast, Buffer.from('x'), ttl)
    await client.disconnect()
  })

  test('a wrong password is TRANSPORT_LOGIN_REFUSED', async () => {
    const connector = createStompConnector({
      pool: [{ host: '127.0.0.1', port: stage.proxy.port, user: 'node', password: 'client', tls: { verify: 'none' } }],
      identity: 'node1',
      pid: 1,
      giveUpOnRefusal: true,
    })
    await assert.rejects(connector.connect(), (error) => isTroupeError(error, 'TRANSPORT_LOGIN_REFUSED'))
    await connector.disconnect()
  })

  test('a client gets its reply queue back while the broker still holds its broken connection', async () => {
    const client = stage.connector('client1', 'client')
    const node = stage.connector('node1', 'node')
    const address = client.replyAddress('mcollective')
    const got = new Deliveries()
    let refusals = 0
    client.onRefused = () => {
      refusals += 1
    }
    client.subscribe({ kind: 'reply', address }, got.take)
    await client.connect()
    await client.publish(broadcast, Buffer.from('the subscription is there'), ttl)
    stage.proxy.abandon()
    await client.publish(broadcast, Buffer.from('now on the second connection'), ttl)
    await node.connect()
    await node.publish({ kind: 'reply', address }, Buffer.from('answer'), ttl)
    await got.reachText('answer')
    assert.equal(refusals, 0)
    await Promise.all([client.disconnect(), node.disconnect()])
  })
})
