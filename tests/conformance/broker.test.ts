// The embedded broker over real sockets, with and without TLS: hostile connections, client certificates, a crowd that never
// logs in, resets, stop and start. What needs no socket is in src/broker/broker.test.ts.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { ManualClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { type Broker, createBroker } from '#broker/broker.ts'
import type { Account, BrokerOptions } from '#broker/options.ts'
import { NODE_PERMISSIONS, UNRESTRICTED_PERMISSIONS } from '#broker/roles.ts'
import { Peer, settle } from '#broker/test-peer.ts'
import { headerOf } from '#wire/stomp/frame.ts'
import { createTestAuthority } from './test-certificates.ts'

const authority = await createTestAuthority('Broker test')
const server = await authority.issue(['127.0.0.1'])
const tls = { ...server, ca: authority.ca, clientCertificate: 'ask' as const }
const accounts: Account[] = [
  { name: 'any', password: 'pw', permissions: UNRESTRICTED_PERMISSIONS },
  {
    name: 'node',
    password: null,
    certificateNames: ['*'],
    permissions: NODE_PERMISSIONS,
    bindSelectorTo: 'certificate',
  },
]
const running: Broker[] = []
after(async () => {
  for (const broker of running) await broker.stop({ drainMs: 0 })
})

async function start(more: Partial<BrokerOptions> = {}): Promise<Broker> {
  const broker = createBroker({ listen: { host: '127.0.0.1', port: 0 }, accounts, log: silentLog, ...more })
  await broker.start()
  running.push(broker)
  return broker
}

async function plain(broker: Broker): Promise<Peer> {
  const socket = connect(broker.address().port, '127.0.0.1')
  await once(socket, 'connect')
  return new Peer(socket)
}

async function secure(broker: Broker, more: ConnectionOptions = {}): Promise<Peer> {
  const socket = connectTls({ host: '127.0.0.1', port: broker.address().port, ca: authority.ca, ...more })
  await once(socket, 'secureConnect')
  return new Peer(socket)
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle()
}

test('broker serves STOMP over TLS and forgets everything of closed connections', async () => {
  const broker = await start({ tls })
  const [a, b] = [await secure(broker), await secure(broker)]
  await a.login('any', 'pw')
  await b.login('any', 'pw')
  await a.subscribe('1', '/topic/t')
  const body = Buffer.alloc(3_000_000, 7)
  b.send('SEND', ['destination', '/topic/t'], body)
  assert.equal(Buffer.compare((await a.next()).body, body), 0)
  a.socket.destroy()
  b.send('DISCONNECT', ['receipt', '1'])
  await b.whenClosed()
  await until(() => broker.stats().connections === 0)
  assert.equal(broker.stats().sessions, 0)
  await broker.stop({ drainMs: 1000 })
})

test('broker takes a verified client certificate as login, and nobody else without password', async () => {
  const broker = await start({ tls })
  const node = await secure(broker, await authority.issue(['n1.example.com']))
  node.send('CONNECT', ['accept-version', '1.2'])
  assert.equal((await node.next()).command, 'CONNECTED')
  const queue = '/queue/mcollective.nodes'
  const frame = await node.subscribe('1', queue, 'selector', "mc_identity = 'n2.example.com'")
  assert.equal(headerOf(frame, 'error-code'), 'BROKER_NOT_PERMITTED')
  assert.equal((await node.subscribe('2', queue, 'selector', "mc_identity = 'n1.example.com'")).command, 'RECEIPT')

  const stranger = await createTestAuthority('Stranger')
  for (const certificate of [{}, await stranger.issue(['n1.example.com'])]) {
    const other = await secure(broker, certificate)
    other.send('CONNECT', ['accept-version', '1.2'])
    assert.equal(headerOf(await other.next(), 'error-code'), 'BROKER_LOGIN_REFUSED')
  }
  await broker.stop({ drainMs: 0 })
})

test('broker drops what speaks no TLS on a TLS port and TLS on a plain port', async () => {
  const broker = await start({ tls })
  const socket = await plain(broker)
  socket.raw('CONNECT\naccept-version:1.2\n\n\0')
  await socket.whenClosed()
  const open = await start()
  const hello = connectTls({ host: '127.0.0.1', port: open.address().port })
  await assert.rejects(once(hello, 'secureConnect'))
  await until(() => broker.stats().connections === 0 && open.stats().connections === 0)
  assert.equal(open.stats().malformed, 1)
  await broker.stop({ drainMs: 0 })
  await open.stop({ drainMs: 0 })
})

test('broker drops handshakes, half CONNECTs and silence after the time to log in', async () => {
  const clock = new ManualClock()
  const broker = await start({ tls, clock })
  const handshaking = await plain(broker)
  handshaking.raw(Buffer.from([0x16, 3, 1, 2, 0, 1]))
  const half = await secure(broker)
  half.raw('CONNECT\naccept-ver')
  await until(() => broker.stats().bytesIn > 0)
  for (let i = 0; i < 13; i++) clock.advance(1000)
  await handshaking.whenClosed()
  await half.whenClosed()
  await until(() => broker.stats().connections === 0)
  assert.equal(broker.stats().loginTimeouts, 2)
  await broker.stop({ drainMs: 0 })
})

test('broker serves a client, and lets another in, while 500 connections never log in', async () => {
  const broker = await start({ tls, limits: { unauthenticatedMax: 100, connectionsMax: 150 } })
  const before = await secure(broker)
  await before.login('any', 'pw')
  await before.subscribe('1', '/topic/t')
  const crowd: Socket[] = []
  for (let i = 0; i < 500; i++) {
    const socket = connect(broker.address().port, '127.0.0.1')
    socket.on('error', () => {})
    crowd.push(socket)
  }
  await until(() => broker.stats().connectionsTotal >= 501)
  const later = await secure(broker)
  assert.equal((await later.login('any', 'pw')).command, 'CONNECTED')
  later.send('SEND', ['destination', '/topic/t'], 'hey')
  assert.equal(Buffer.from((await before.next()).body).toString(), 'hey')
  await until(() => broker.stats().connections <= 102)
  for (const socket of crowd) socket.destroy()
  await broker.stop({ drainMs: 0 })
})

test('broker outlives connections that are reset in the middle of frames and handshakes', async () => {
  const broker = await start({ tls })
  const open = await start()
  for (let i = 0; i < 20; i++) {
    const handshaking = await plain(broker)
    handshaking.raw(Buffer.from([0x16, 3, 1, 2]))
    ;(handshaking.socket as Socket).resetAndDestroy()
    const sender = await plain(open)
    await sender.login('any', 'pw')
    sender.raw('SEND\ndestination:/queue/q\ncontent-length:1000\n\nhalf')
    ;(sender.socket as Socket).resetAndDestroy()
  }
  await until(() => broker.stats().connections === 0 && open.stats().connections === 0)
  assert.deepEqual([open.stats().sessions, open.stats().storedMessages], [0, 0])
  await broker.stop({ drainMs: 0 })
  await open.stop({ drainMs: 0 })
})

test('broker stores for an absent consumer over a reconnect and serves 2000 selectors on one queue', async () => {
  const broker = await start()
  const [nodes, client] = [await plain(broker), await plain(broker)]
  await nodes.login('any', 'pw')
  await client.login('any', 'pw')
  const queue = '/queue/mcollective.nodes'
  for (let i = 0; i < 2000; i++) client.send('SEND', ['destination', queue, 'mc_identity', `n${i}`], String(i))
  client.send('SEND', ['destination', '/topic/x', 'receipt', 'all'])
  await client.next()
  assert.equal(broker.stats().storedMessages, 2000)
  for (let i = 0; i < 500; i++)
    nodes.send('SUBSCRIBE', ['id', `${i}`, 'destination', queue, 'selector', `mc_identity = 'n${i}'`])
  await until(() => nodes.frames.length === 500)
  assert.deepEqual(
    nodes.frames.map((f) => [headerOf(f, 'subscription'), Buffer.from(f.body).toString()]),
    Array.from({ length: 500 }, (_, i) => [String(i), String(i)]),
  )
  assert.equal(broker.stats().storedMessages, 1500)
  nodes.socket.destroy()
  await broker.stop({ drainMs: 0 })
})

test('broker.start names a port in use and a key that does not fit', async () => {
  const broker = await start()
  const second = createBroker({ listen: broker.address(), accounts, log: silentLog })
  await assert.rejects(second.start(), { code: 'BROKER_CANNOT_LISTEN', message: /EADDRINUSE/ })
  const other = await authority.issue(['other'])
  const listen = { host: '127.0.0.1', port: 0 }
  const wrong = createBroker({ listen, accounts, log: silentLog, tls: { key: other.key, cert: server.cert } })
  await assert.rejects(wrong.start(), { code: 'BROKER_CONFIG_INVALID' })
  await broker.stop({ drainMs: 0 })
})

test('broker.stop closes real connections after what was pending', async () => {
  const broker = await start({ tls })
  const [a, b] = [await secure(broker), await secure(broker)]
  await a.login('any', 'pw')
  await b.login('any', 'pw')
  await a.subscribe('1', '/queue/q')
  for (let i = 0; i < 200; i++) b.send('SEND', ['destination', '/queue/q'], Buffer.alloc(10_000))
  b.send('SEND', ['destination', '/queue/q', 'receipt', 'last'])
  await b.next()
  await broker.stop({ drainMs: 5000 })
  await a.whenClosed()
  assert.equal(a.frames.filter((f) => f.command === 'MESSAGE').length, 201)
  assert.equal(headerOf(a.frames.at(-1)!, 'error-code'), 'BROKER_STOPPING')
  await assert.rejects(once(connect(broker.address().port, '127.0.0.1'), 'connect'))
})
