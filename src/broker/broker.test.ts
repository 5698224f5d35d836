import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { BROKER_FLUSHES_A_TURN, BROKER_LATE_MS_MAX, BROKER_SILENCE_MS } from '#base/limits.ts'
import { silentLog } from '#base/log.ts'
import { headerOf, type StompFrame } from '#wire/stomp/frame.ts'
import { type Broker, createBroker } from './broker.ts'
import type { Account, BrokerLimits, BrokerOptions } from './options.ts'
import { CLIENT_PERMISSIONS, NODE_PERMISSIONS, UNRESTRICTED_PERMISSIONS } from './roles.ts'
import { connectPeer, type Peer, settle } from './test-peer.ts'

const ACCOUNTS: Account[] = [
  { name: 'any', password: 'pw', permissions: UNRESTRICTED_PERMISSIONS },
  { name: 'node', password: 'pn', permissions: NODE_PERMISSIONS },
  { name: 'client', password: 'pc', permissions: CLIENT_PERMISSIONS },
  {
    name: 'cert',
    password: null,
    certificateNames: ['*'],
    permissions: NODE_PERMISSIONS,
    bindSelectorTo: 'certificate',
  },
]

function make(
  limits: Partial<BrokerLimits> = {},
  more: Partial<BrokerOptions> = {},
): { broker: Broker; clock: ManualClock } {
  const clock = new ManualClock()
  const listen = { host: '127.0.0.1', port: 0 }
  return { clock, broker: createBroker({ listen, accounts: ACCOUNTS, limits, clock, log: silentLog, ...more }) }
}

async function peer(broker: Broker, login = 'any', passcode = 'pw', ...more: string[]): Promise<Peer> {
  const made = connectPeer(broker)
  assert.equal((await made.login(login, passcode, ...more)).command, 'CONNECTED')
  return made
}

const text = (frame: StompFrame): string => Buffer.from(frame.body).toString()
const code = (frame: StompFrame): unknown => [frame.command, headerOf(frame, 'error-code')]

test('broker agrees on the highest common version', async () => {
  const { broker } = make()
  for (const [accept, agreed] of [
    ['1.0', '1.0'],
    ['1.1,1.0', '1.1'],
    ['1.2,1.1,1.0', '1.2'],
    [undefined, '1.0'],
  ]) {
    const p = connectPeer(broker)
    p.send('CONNECT', [...(accept ? ['accept-version', accept] : []), 'login', 'any', 'passcode', 'pw'])
    const frame = await p.next()
    assert.deepEqual([frame.command, headerOf(frame, 'version')], ['CONNECTED', agreed])
  }
  const p = connectPeer(broker)
  p.send('STOMP', ['accept-version', '9.9', 'login', 'any', 'passcode', 'pw'])
  assert.deepEqual(code(await p.next()), ['ERROR', 'BROKER_PROTOCOL'])
  await p.whenClosed()
  await broker.stop({ drainMs: 0 })
})

test('broker refuses wrong logins alike and closes', async () => {
  const { broker } = make()
  const messages = new Set<string | undefined>()
  for (const [login, passcode] of [
    ['any', 'no'],
    ['nobody', 'pw'],
    ['any', ''],
    ['', ''],
    ['cert', ''],
    ['__proto__', 'x'],
  ]) {
    const p = connectPeer(broker)
    const frame = await p.login(login!, passcode!)
    assert.deepEqual(code(frame), ['ERROR', 'BROKER_LOGIN_REFUSED'])
    messages.add(headerOf(frame, 'message'))
    await p.whenClosed()
  }
  assert.equal(messages.size, 1)
  assert.equal(broker.stats().loginsRefused, 6)
  await broker.stop({ drainMs: 0 })
})

test('broker lets anonymous clients in only when an account is named for them', async () => {
  const anyone: Account = { name: 'anyone', password: null, permissions: NODE_PERMISSIONS }
  const { broker } = make({}, { accounts: [anyone], anonymous: 'anyone' })
  const p = connectPeer(broker)
  p.send('CONNECT', ['accept-version', '1.2'])
  assert.equal((await p.next()).command, 'CONNECTED')
  await broker.stop({ drainMs: 0 })
})

test('broker gives a topic message to every subscriber, with its own subscription id, and the body as it is', async () => {
  const { broker } = make()
  const [a, b, sender] = [await peer(broker), await peer(broker), await peer(broker)]
  await a.subscribe('1', '/topic/t')
  await b.subscribe('two:2', '/topic/t')
  const body = Buffer.from([0, 1, 10, 0, 255])
  sender.send('SEND', ['destination', '/topic/t', 'x', 'a:b\n', 'message-id', 'forged', 'receipt', 'r'], body)
  assert.equal(headerOf(await sender.next(), 'receipt-id'), 'r')
  for (const [p, id] of [
    [a, '1'],
    [b, 'two:2'],
  ] as const) {
    const frame = await p.next()
    assert.deepEqual([...frame.body], [...body])
    assert.equal(headerOf(frame, 'subscription'), id)
    assert.equal(headerOf(frame, 'x'), 'a:b\n')
    assert.equal(headerOf(frame, 'destination'), '/topic/t')
    assert.equal(headerOf(frame, 'receipt'), undefined)
    assert.notEqual(headerOf(frame, 'message-id'), 'forged')
  }
  await broker.stop({ drainMs: 0 })
})

test('broker does not let a header of 1.1 become two on 1.0', async () => {
  const { broker } = make()
  const old = connectPeer(broker)
  old.send('CONNECT', ['login', 'any', 'passcode', 'pw'])
  await old.next()
  old.send('SUBSCRIBE', ['destination', '/topic/t', 'receipt', '1'])
  await old.next()
  const sender = await peer(broker)
  sender.send('SEND', ['destination', '/topic/t', 'a', 'x\nreply-to:/queue/evil', 'b', 'kept'], 'hey')
  const frame = await old.next()
  assert.deepEqual(
    [headerOf(frame, 'a'), headerOf(frame, 'reply-to'), headerOf(frame, 'b')],
    [undefined, undefined, 'kept'],
  )
  assert.equal(headerOf(frame, 'subscription'), undefined)
  await broker.stop({ drainMs: 0 })
})

test('broker lets no subscription id of 1.0 break the sending of others', async () => {
  const { broker } = make()
  const old = connectPeer(broker)
  old.raw('CONNECT\nlogin:any\npasscode:pw\n\n\0SUBSCRIBE\ndestination:/topic/t\nid:a\rb\n\n\0')
  await old.next()
  assert.deepEqual(code(await old.next()), ['ERROR', 'BROKER_PROTOCOL'])
  const sender = await peer(broker)
  sender.send('SEND', ['destination', '/topic/t', 'receipt', '1'])
  assert.equal((await sender.next()).command, 'RECEIPT')
  await broker.stop({ drainMs: 0 })
})

test('broker gives a queue message to one consumer in turn, and keeps it while there is none', async () => {
  const { broker, clock } = make()
  const sender = await peer(broker)
  for (const body of ['1', '2', '3']) sender.send('SEND', ['destination', '/queue/q', 'receipt', body], body)
  for (let i = 0; i < 3; i++) await sender.next()
  assert.equal(broker.stats().storedMessages, 3)
  const a = await peer(broker)
  a.send('SUBSCRIBE', ['id', '1', 'destination', '/queue/q'])
  await settle()
  const got = a.frames.map(text)
  assert.deepEqual(got, ['1', '2', '3'])
  const b = await peer(broker)
  await b.subscribe('1', '/queue/q')
  a.frames.length = 0
  for (const body of ['4', '5', '6', '7']) sender.send('SEND', ['destination', '/queue/q'], body)
  await settle()
  assert.deepEqual([a.frames.length, b.frames.length], [2, 2])
  assert.deepEqual([broker.stats().storedMessages, broker.stats().storedBytes], [0, 0])
  a.send('UNSUBSCRIBE', ['id', '1'])
  b.send('DISCONNECT', ['receipt', 'bye'])
  await b.whenClosed()
  await settle()
  assert.equal(broker.stats().queues, 0)
  clock.advance(1000)
  await broker.stop({ drainMs: 0 })
})

test('broker keeps a directed message for an absent node until expires, and for no other', async () => {
  const { broker, clock } = make()
  const client = await peer(broker, 'client', 'pc')
  const send = (identity: string, ttlMs: number): void => {
    const headers = ['destination', '/queue/mcollective.nodes', 'mc_identity', identity]
    client.send('SEND', [...headers, 'expires', String(clock.now() + ttlMs)], `${identity} ${ttlMs}`)
  }
  send('n1', 5_000)
  send('n1', 60_000)
  send('n2', 60_000)
  await settle()
  assert.equal(broker.stats().storedMessages, 3)
  for (let i = 0; i < 6; i++) clock.advance(1000)
  assert.deepEqual([broker.stats().storedMessages, broker.stats().expired], [2, 1])
  const node = await peer(broker, 'node', 'pn')
  node.send('SUBSCRIBE', ['id', 'd', 'destination', '/queue/mcollective.nodes', 'selector', "mc_identity = 'n1'"])
  await settle()
  assert.deepEqual(node.frames.map(text), ['n1 60000'])
  send('n1', 1)
  send('n3', 1000)
  await settle()
  assert.deepEqual(node.frames.map(text), ['n1 60000', 'n1 1'])
  for (let i = 0; i < 90; i++) clock.advance(1000)
  assert.deepEqual([broker.stats().storedMessages, broker.stats().queues], [0, 1])
  await broker.stop({ drainMs: 0 })
})

test('broker refuses selectors that are anything but one equality', async () => {
  const { broker } = make()
  for (const selector of [
    "mc_identity = 'a' OR 1=1",
    "mc_identity='a",
    'mc_identity = a',
    "'a' = 'a'",
    '',
    "x LIKE '%'",
    "a = 'b''",
  ]) {
    const p = await peer(broker, 'node', 'pn')
    const frame = await p.subscribe('1', '/queue/mcollective.nodes', 'selector', selector)
    assert.deepEqual(code(frame), ['ERROR', 'BROKER_PROTOCOL'], selector)
  }
  const p = await peer(broker)
  await p.subscribe('1', '/queue/q', 'selector', "  k='it''s' ")
  p.send('SEND', ['destination', '/queue/q', 'k', "it's"], 'hey')
  assert.equal(text(await p.next()), 'hey')
  await broker.stop({ drainMs: 0 })
})

test('broker holds nodes and clients to their permissions and lets the connection go on', async () => {
  const { broker } = make()
  const node = await peer(broker, 'node', 'pn')
  const client = await peer(broker, 'client', 'pc')
  const denied = async (p: Peer, command: string, destination: string, ...more: string[]): Promise<void> => {
    p.send(command, ['id', destination + more, 'destination', destination, 'receipt', 'r', ...more])
    const frame = await p.next()
    assert.deepEqual(
      [...(code(frame) as string[]), headerOf(frame, 'receipt-id')],
      ['ERROR', 'BROKER_NOT_PERMITTED', 'r'],
    )
  }
  await denied(node, 'SEND', '/topic/mcollective.rpcutil.agent')
  await denied(node, 'SEND', '/queue/mcollective.nodes')
  await denied(node, 'SUBSCRIBE', '/queue/mcollective.reply.c_1.1')
  await denied(node, 'SUBSCRIBE', '/queue/mcollective.nodes')
  await denied(node, 'SUBSCRIBE', '/queue/mcollective.nodes', 'selector', "other = 'x'")
  await denied(node, 'SUBSCRIBE', '/topic/a.b.c.agent')
  await denied(client, 'SUBSCRIBE', '/topic/mcollective.rpcutil.agent')
  await denied(client, 'SUBSCRIBE', '/queue/mcollective.nodes', 'selector', "mc_identity = 'x'")
  await denied(client, 'SEND', '/queue/mcollective.reply.other_1.1')
  await denied(client, 'SEND', '/topic/mcollective.registration.agent')
  assert.equal((await node.subscribe('t', '/topic/mcollective.rpcutil.agent')).command, 'RECEIPT')
  client.send('SEND', ['destination', '/topic/mcollective.rpcutil.agent'], 'ping')
  assert.equal(text(await node.next()), 'ping')
  assert.equal(broker.stats().notPermitted, 10)
  await broker.stop({ drainMs: 0 })
})

test('broker refuses destinations that are patterns, composite or have options, and lets the connection go on', async () => {
  const { broker } = make()
  const p = await peer(broker)
  for (const destination of [
    '/topic/>',
    '/topic/a.*',
    '/queue/a,/queue/b',
    '/queue/a?x=1',
    '/queue/',
    '/temp-queue/a',
    'a',
    '/topic/a b',
  ]) {
    assert.deepEqual(code(await p.subscribe('1', destination)), ['ERROR', 'BROKER_BAD_DESTINATION'], destination)
    p.send('SEND', ['destination', destination, 'receipt', 'r'])
    const frame = await p.next()
    assert.deepEqual(
      [...(code(frame) as string[]), headerOf(frame, 'receipt-id')],
      ['ERROR', 'BROKER_BAD_DESTINATION', 'r'],
      destination,
    )
  }
  assert.equal((await p.subscribe('2', '/topic/a')).command, 'RECEIPT')
  await broker.stop({ drainMs: 0 })
})

test('broker binds selectors to the name of the client certificate', async () => {
  const { broker } = make()
  const node = connectPeer(broker, 'n1')
  node.send('CONNECT', ['accept-version', '1.2'])
  assert.equal((await node.next()).command, 'CONNECTED')
  const other = await node.subscribe('1', '/queue/mcollective.nodes', 'selector', "mc_identity = 'n2'")
  assert.deepEqual(code(other), ['ERROR', 'BROKER_NOT_PERMITTED'])
  const own = await node.subscribe('2', '/queue/mcollective.nodes', 'selector', "mc_identity = 'n1'")
  assert.equal(own.command, 'RECEIPT')
  await broker.stop({ drainMs: 0 })
})

test('broker keeps a reply queue for its first subscriber, who may take it over with its token', async () => {
  const { broker } = make()
  const queue = '/queue/mcollective.reply.c_1.1'
  const first = await peer(broker, 'client', 'pc')
  assert.equal((await first.subscribe('1', queue, 'exclusive-token', 'secret')).command, 'RECEIPT')
  const thief = await peer(broker, 'client', 'pc')
  assert.deepEqual(code(await thief.subscribe('1', queue)), ['ERROR', 'BROKER_NOT_PERMITTED'])
  assert.deepEqual(code(await thief.subscribe('2', queue, 'exclusive-token', 'guess')), [
    'ERROR',
    'BROKER_NOT_PERMITTED',
  ])
  const again = await peer(broker, 'client', 'pc')
  assert.equal((await again.subscribe('1', queue, 'exclusive-token', 'secret')).command, 'RECEIPT')
  const node = await peer(broker, 'node', 'pn')
  node.send('SEND', ['destination', queue], 'pong')
  assert.equal(text(await again.next()), 'pong')
  again.socket.end()
  await settle()
  assert.equal((await thief.subscribe('3', queue)).command, 'RECEIPT')
  await broker.stop({ drainMs: 0 })
})

test('broker sends a receipt marked receipt-late with the next frame, or by and by', async () => {
  const { broker, clock } = make()
  const [sender, other] = [await peer(broker), await peer(broker)]
  await sender.subscribe('1', '/topic/t')
  sender.send('SEND', ['destination', '/queue/q', 'receipt', 'a', 'receipt-late', 'true'])
  await settle()
  assert.deepEqual(sender.frames, [])
  other.send('SEND', ['destination', '/topic/t', 'receipt-late', 'true', 'x', 'y'])
  assert.equal(headerOf(await sender.next(), 'receipt-id'), 'a')
  const message = await sender.next()
  assert.deepEqual([headerOf(message, 'x'), headerOf(message, 'receipt-late')], ['y', undefined])

  sender.send('SEND', ['destination', '/queue/q', 'receipt', 'b', 'receipt-late', 'true'])
  for (let waited = 0; waited < BROKER_LATE_MS_MAX; waited += BROKER_SILENCE_MS) {
    other.send('SEND', ['destination', '/queue/q'])
    await settle()
    assert.deepEqual(sender.frames, [], `after ${waited} ms`)
    clock.advance(BROKER_SILENCE_MS)
  }
  assert.equal(headerOf(await sender.next(), 'receipt-id'), 'b')

  sender.send('SEND', ['destination', '/queue/q', 'receipt', 'c', 'receipt-late', 'true'])
  await settle()
  clock.advance(2 * BROKER_SILENCE_MS)
  assert.equal(headerOf(await sender.next(), 'receipt-id'), 'c')
  await broker.stop({ drainMs: 0 })
})

test('broker gives a message to more subscribers than it writes to in a turn, in order', async () => {
  const { broker } = make()
  const peers: Peer[] = []
  for (let i = 0; i < 2 * BROKER_FLUSHES_A_TURN + 1; i++) peers.push(await peer(broker))
  for (const p of peers) await p.subscribe('1', '/topic/t')
  for (const body of ['1', '2']) peers[0]!.send('SEND', ['destination', '/topic/t'], body)
  for (const p of peers) assert.deepEqual([text(await p.next()), text(await p.next())], ['1', '2'])
  await broker.stop({ drainMs: 0 })
})

test('broker answers malformed, oversized and senseless frames with ERROR, the receipt-id, and closes', async () => {
  const { broker } = make({ frameBytesMax: 2000 })
  const cases: [string, string][] = [
    ['send\n\n\0', 'WIRE_STOMP_MALFORMED'],
    ['SEND\nx\n\n\0', 'WIRE_STOMP_MALFORMED'],
    ['SEND\ndestination:/topic/t\ncontent-length:2001\n\n', 'WIRE_STOMP_TOO_LARGE'],
    [`SEND\ndestination:/topic/t\n\n${'x'.repeat(2000)}`, 'WIRE_STOMP_TOO_LARGE'],
    [`SEND\n${'a:b\n'.repeat(65)}\n\0`, 'WIRE_STOMP_TOO_LARGE'],
    ['SEND\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
    ['SEND\ndestination:/topic/t\nexpires:soon\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
    ['SEND\ndestination:/topic/t\ntransaction:1\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
    ['SUBSCRIBE\nid:1\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
    ['SUBSCRIBE\ndestination:/topic/t\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
    ['SUBSCRIBE\nid:1\ndestination:/topic/t\nack:client\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
    ['BEGIN\ntransaction:1\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
    ['ACK\nid:1\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
    ['MESSAGE\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
    ['CONNECT\nreceipt:7\n\n\0', 'BROKER_PROTOCOL'],
  ]
  for (const [bytes, expected] of cases) {
    const p = await peer(broker)
    p.raw(bytes)
    const frame = await p.next()
    assert.deepEqual(code(frame), ['ERROR', expected], bytes.slice(0, 80))
    if (expected === 'BROKER_PROTOCOL') assert.equal(headerOf(frame, 'receipt-id'), '7')
    await p.whenClosed()
  }
  await settle()
  assert.deepEqual([broker.stats().connections, broker.stats().sessions, broker.stats().malformed], [0, 0, 5])
  await broker.stop({ drainMs: 0 })
})

test('broker takes only small frames, and CONNECT first, before login', async () => {
  const { broker } = make()
  for (const [bytes, expected] of [
    ['SEND\ndestination:/topic/t\n\n\0', 'BROKER_PROTOCOL'],
    [`CONNECT\n${`a:${'x'.repeat(4000)}\n`.repeat(3)}\n\0`, 'WIRE_STOMP_TOO_LARGE'],
    ['CONNECT\nheart-beat:1,b\n\n\0', 'BROKER_PROTOCOL'],
  ]) {
    const p = connectPeer(broker)
    p.raw(bytes!)
    assert.deepEqual(code(await p.next()), ['ERROR', expected])
    await p.whenClosed()
  }
  await broker.stop({ drainMs: 0 })
})

test('broker drops connections that do not log in in time, however slowly they talk', async () => {
  const { broker, clock } = make()
  const silent = connectPeer(broker)
  const slow = connectPeer(broker)
  for (let i = 0; i < 12; i++) {
    slow.raw('C')
    await settle()
    clock.advance(1000)
  }
  await silent.whenClosed()
  await slow.whenClosed()
  await settle()
  assert.equal(broker.stats().connections, 0)
  assert.equal(broker.stats().loginTimeouts, 2)
  await broker.stop({ drainMs: 0 })
})

test('broker lets a client in and serves another while a crowd never logs in', async () => {
  const { broker } = make({ unauthenticatedMax: 100, connectionsMax: 120 })
  const before = await peer(broker)
  await before.subscribe('1', '/topic/t')
  const crowd = Array.from({ length: 500 }, () => connectPeer(broker))
  const after = await peer(broker)
  after.send('SEND', ['destination', '/topic/t'], 'hey')
  assert.equal(text(await before.next()), 'hey')
  await settle()
  assert.equal(crowd.filter((p) => !p.closed).length <= 100, true)
  assert.ok(broker.stats().connections <= 102)
  await broker.stop({ drainMs: 0 })
})

test('broker ends a frame that never comes to its end', async () => {
  const { broker, clock } = make({ frameMs: 5000, heartbeatMs: 0 })
  const p = await peer(broker)
  p.raw('SEND\ndestination:/topic/t\ncontent-length:100\n\n')
  for (let i = 0; i < 8; i++) {
    p.raw('x')
    await settle()
    clock.advance(1000)
  }
  assert.deepEqual(code(await p.next()), ['ERROR', 'BROKER_PROTOCOL'])
  await broker.stop({ drainMs: 0 })
})

test('broker bounds subscriptions of a connection and refuses an id twice', async () => {
  const { broker } = make({ subscriptionsMax: 2 })
  const p = await peer(broker)
  await p.subscribe('1', '/topic/a')
  await p.subscribe('2', '/topic/b')
  assert.deepEqual(code(await p.subscribe('3', '/topic/c')), ['ERROR', 'BROKER_LIMIT'])
  assert.deepEqual(code(await p.subscribe('2', '/topic/c')), ['ERROR', 'BROKER_PROTOCOL'])
  await broker.stop({ drainMs: 0 })
})

test('broker refuses what a full queue cannot take, and takes it again when there is room', async () => {
  const { broker } = make({ queueMessagesMax: 2, senderBytesMax: 5000 })
  const p = await peer(broker)
  const send = async (destination: string, body: string): Promise<unknown> => {
    p.send('SEND', ['destination', destination, 'receipt', 'r'], body)
    return (await p.next()).command
  }
  assert.deepEqual(await send('/queue/a', '1'), 'RECEIPT')
  assert.deepEqual(await send('/queue/a', '2'), 'RECEIPT')
  assert.deepEqual(await send('/queue/a', '3'), 'ERROR')
  assert.deepEqual(await send('/queue/b', 'x'.repeat(4000)), 'ERROR')
  const consumer = await peer(broker)
  await consumer.subscribe('1', '/queue/a')
  await settle()
  consumer.send('UNSUBSCRIBE', ['id', '1'])
  await settle()
  assert.deepEqual(await send('/queue/a', '4'), 'RECEIPT')
  assert.equal(broker.stats().refused, 2)
  await broker.stop({ drainMs: 0 })
})

test('broker disconnects a slow subscriber and delivers everything to the others', async () => {
  const { broker } = make({ outgoingBytesMax: 200_000 })
  const [slow, quick, sender] = [await peer(broker), await peer(broker), await peer(broker)]
  await slow.subscribe('1', '/topic/t')
  await quick.subscribe('1', '/topic/t')
  slow.socket.pause()
  const body = Buffer.alloc(20_000, 1)
  for (let i = 0; i < 40; i++) {
    sender.send('SEND', ['destination', '/topic/t', 'receipt', String(i)], body)
    await sender.next()
  }
  while (quick.frames.length < 40) await settle()
  assert.equal(broker.stats().slowConsumers, 1)
  assert.equal(broker.stats().sessions, 2)
  await broker.stop({ drainMs: 0 })
})

test('broker disconnects who asks for more answers than it reads', async () => {
  const { broker } = make({ outgoingBytesMax: 100_000 })
  const p = await peer(broker, 'node', 'pn')
  p.socket.pause()
  for (let i = 0; i < 5000; i++)
    p.send('SEND', ['destination', '/topic/mcollective.rpcutil.agent', 'receipt', String(i)])
  await settle()
  assert.deepEqual([broker.stats().slowConsumers, broker.stats().sessions], [1, 0])
  assert.ok(broker.stats().framesOut < 1500)
  await broker.stop({ drainMs: 0 })
})

test('broker logs a bounded number of refusals a second', async () => {
  const lines: string[] = []
  const keep = (line: string): void => void lines.push(line)
  const { broker, clock } = make({}, { log: { ...silentLog, info: keep, warn: keep } })
  const p = await peer(broker, 'node', 'pn')
  for (let i = 0; i < 500; i++) p.send('SEND', ['destination', '/topic/mcollective.rpcutil.agent'])
  await settle()
  clock.advance(1000)
  assert.ok(lines.length < 50)
  assert.equal(lines.at(-1), 'refused more frames than are logged')
  await broker.stop({ drainMs: 0 })
})

test('broker does not slow publishers down for what waits for somebody absent', async () => {
  const { broker } = make({ queueSoftBytes: 10_000 })
  const [node, client] = [await peer(broker, 'node', 'pn'), await peer(broker, 'client', 'pc')]
  const queue = '/queue/mcollective.nodes'
  await node.subscribe('1', queue, 'selector', "mc_identity = 'here'")
  for (let i = 0; i < 50; i++)
    client.send('SEND', ['destination', queue, 'mc_identity', `absent${i}`], 'x'.repeat(1000))
  client.send('SEND', ['destination', queue, 'mc_identity', 'here'], 'soon')
  assert.equal(text(await node.next()), 'soon')
  assert.deepEqual([broker.stats().publisherPauses, broker.stats().storedMessages], [0, 50])
  await broker.stop({ drainMs: 0 })
})

test('broker holds a queue back for a consumer that is behind, loses nothing and keeps the order', async () => {
  const { broker, clock } = make({ windowBytes: 80_000, queueSoftBytes: 100_000 })
  const [consumer, sender] = [await peer(broker), await peer(broker)]
  await consumer.subscribe('1', '/queue/q')
  consumer.socket.pause()
  for (let i = 0; i < 40; i++) sender.send('SEND', ['destination', '/queue/q'], String(i).padStart(10_000, '0'))
  await settle()
  assert.ok(broker.stats().storedMessages > 5)
  assert.ok(broker.stats().storedMessages < 15, 'the publisher is not read meanwhile')
  assert.equal(broker.stats().publisherPauses, 1)
  consumer.socket.resume()
  while (consumer.frames.length < 40) {
    clock.advance(1000)
    await settle()
  }
  assert.deepEqual(
    consumer.frames.map((f) => Number(text(f))),
    Array.from({ length: 40 }, (_, i) => i),
  )
  assert.equal(broker.stats().storedBytes, 0)
  await broker.stop({ drainMs: 0 })
})

test('broker disconnects a consumer that takes nothing for too long', async () => {
  const { broker, clock } = make({ stallMs: 3000, heartbeatMs: 0 })
  const [consumer, sender] = [await peer(broker), await peer(broker)]
  await consumer.subscribe('1', '/topic/t')
  consumer.socket.pause()
  sender.send('SEND', ['destination', '/topic/t', 'receipt', '1'], Buffer.alloc(200_000))
  await sender.next()
  await settle()
  for (let i = 0; i < 6; i++) clock.advance(1000)
  await settle()
  assert.equal(broker.stats().slowConsumers, 1)
  assert.equal(broker.stats().sessions, 1)
  await broker.stop({ drainMs: 0 })
})

test('broker sends heart-beats and closes when the client sends none', async () => {
  const { broker, clock } = make({ heartbeatMs: 2000 })
  const p = await peer(broker, 'any', 'pw', 'heart-beat', '3000,4000')
  const quiet = await peer(broker, 'any', 'pw', 'heart-beat', '0,0')
  const before = [p.bytes, quiet.bytes]
  for (let i = 0; i < 5; i++) clock.advance(1000)
  await settle()
  assert.deepEqual([p.bytes - before[0]!, quiet.bytes - before[1]!], [1, 0])
  p.raw('\n')
  await settle()
  for (let i = 0; i < 7; i++) clock.advance(1000)
  await settle()
  assert.equal(p.closed, false)
  clock.advance(1000)
  await p.whenClosed()
  assert.deepEqual([broker.stats().heartbeatTimeouts, broker.stats().sessions], [1, 1])
  await broker.stop({ drainMs: 0 })
})

test('broker.stop delivers what is pending, says goodbye and refuses new connections', async () => {
  const { broker } = make()
  const [consumer, sender, silent] = [await peer(broker), await peer(broker), connectPeer(broker)]
  await consumer.subscribe('1', '/topic/t')
  sender.send('SEND', ['destination', '/topic/t', 'receipt', '1'], 'last')
  await sender.next()
  const stopped = broker.stop({ drainMs: 10_000 })
  assert.equal(text(await consumer.next()), 'last')
  assert.deepEqual(code(await consumer.next()), ['ERROR', 'BROKER_STOPPING'])
  await consumer.whenClosed()
  await silent.whenClosed()
  await stopped
  const late = connectPeer(broker)
  await late.whenClosed()
  assert.equal(broker.stats().connectionsRefused >= 1, true)
})

test('broker.stop does not wait longer than drainMs for a peer that reads nothing', async () => {
  const { broker, clock } = make()
  const consumer = await peer(broker)
  await consumer.subscribe('1', '/topic/t')
  consumer.socket.pause()
  consumer.send('SEND', ['destination', '/topic/t'], Buffer.alloc(500_000))
  await settle()
  const stopped = broker.stop({ drainMs: 3000 })
  clock.advance(3000)
  await stopped
  await settle()
  assert.equal(broker.stats().connections, 0)
})

test('broker gives receipts for every frame and treats DISCONNECT as the last', async () => {
  const { broker } = make()
  const p = await peer(broker)
  p.send('SUBSCRIBE', ['id', '1', 'destination', '/queue/q', 'receipt', 'a'])
  p.send('UNSUBSCRIBE', ['id', '1', 'receipt', 'b'])
  p.send('SEND', ['destination', '/queue/q', 'receipt', 'c:d'])
  p.send('DISCONNECT', ['receipt', 'e'])
  p.send('SEND', ['destination', '/queue/q', 'receipt', 'f'])
  await p.whenClosed()
  assert.deepEqual(
    p.frames.map((f) => headerOf(f, 'receipt-id')),
    ['a', 'b', 'c:d', 'e'],
  )
  await broker.stop({ drainMs: 0 })
})

test('createBroker refuses accounts and patterns that make no sense', () => {
  const bad: Partial<Account>[] = [
    { password: '' },
    { password: null },
    { permissions: { subscribe: [], publish: ['/topic/a*'] } },
    { permissions: { subscribe: [{ pattern: '/topic/>.a' }], publish: [] } },
    { permissions: { subscribe: [], publish: ['topic.a'] } },
  ]
  for (const change of bad) {
    assert.throws(() => make({}, { accounts: [{ ...ACCOUNTS[0]!, ...change }] }), { code: 'BROKER_CONFIG_INVALID' })
  }
})
