import assert from 'node:assert/strict'
import test from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import { createDestinations } from './destinations.ts'

const own = { identity: 'client1.example.com', pid: 20836 }
const times = { nowMs: 1_795_325_300_123, ttlMs: 60_000 }
const broadcast = { kind: 'broadcast', collective: 'mcollective', agent: 'discovery' } as const
const directed = { kind: 'directed', collective: 'mcollective', identity: 'node1.example.com' } as const

test('createDestinations activemq: names of the reference [wire 1.2]', () => {
  const names = createDestinations({ style: 'activemq', ...own })
  assert.deepEqual(names.source(broadcast), { destination: '/topic/mcollective.discovery.agent' })
  assert.deepEqual(names.source(directed), {
    destination: '/queue/mcollective.nodes',
    selector: "mc_identity = 'node1.example.com'",
  })
  assert.equal(names.replyAddress('mcollective'), '/queue/mcollective.reply.client1.example.com_20836.1')
  assert.equal(names.replyAddress('eu_collective'), '/queue/eu_collective.reply.client1.example.com_20836.2')
})

test('createDestinations activemq: headers of a directed request as captured from the reference [wire 1.4]', () => {
  const names = createDestinations({ style: 'activemq', ...own })
  const replyTo = names.replyAddress('mcollective')
  assert.deepEqual(names.sendHeaders(directed, times, replyTo), [
    'timestamp',
    '1795325300000',
    'expires',
    '1795325370000',
    'reply-to',
    '/queue/mcollective.reply.client1.example.com_20836.1',
    'mc_identity',
    'node1.example.com',
    'mc_sender',
    'client1.example.com',
    'destination',
    '/queue/mcollective.nodes',
  ])
})

test('createDestinations activemq: priority is sent first, and only when set [wire 1.4]', () => {
  const names = createDestinations({ style: 'activemq', ...own, priority: 4 })
  assert.deepEqual(names.sendHeaders(broadcast, times).slice(0, 2), ['priority', '4'])
})

test('createDestinations: agents_multiplex shares one broadcast destination [wire 1.2] [wire 1.3]', () => {
  const active = createDestinations({ style: 'activemq', ...own, agentsMultiplex: true })
  const rabbit = createDestinations({ style: 'rabbitmq', ...own, agentsMultiplex: true })
  assert.equal(active.source(broadcast).destination, '/topic/mcollective.agents')
  assert.equal(rabbit.source(broadcast).destination, '/exchange/mcollective_broadcast')
})

test('createDestinations rabbitmq: names and headers of the reference [wire 1.3] [wire 1.4]', () => {
  const names = createDestinations({ style: 'rabbitmq', ...own })
  assert.deepEqual(names.source(broadcast), { destination: '/exchange/mcollective_broadcast/discovery' })
  assert.deepEqual(names.source(directed), { destination: '/exchange/mcollective_directed/node1.example.com' })
  const reply = names.replyAddress('mcollective')
  assert.deepEqual(names.source({ kind: 'reply', address: reply }), {
    destination: '/temp-queue/mcollective_reply_1',
    implicit: true,
  })
  assert.deepEqual(names.sendHeaders(directed, times, reply), [
    'reply-to',
    '/temp-queue/mcollective_reply_1',
    'expiration',
    '70000',
    'mc_sender',
    'client1.example.com',
    'destination',
    '/exchange/mcollective_directed/node1.example.com',
  ])
})

test('createDestinations rabbitmq: the reply exchange is subscribed to [wire 1.3]', () => {
  const names = createDestinations({ style: 'rabbitmq', ...own, useReplyExchange: true })
  const address = names.replyAddress('mcollective')
  assert.equal(address, '/exchange/mcollective_reply/client1.example.com_20836_1')
  assert.deepEqual(names.source({ kind: 'reply', address }), { destination: address })
})

test('createDestinations: a name outside the alphabet never reaches a destination or a selector', () => {
  for (const style of ['activemq', 'rabbitmq'] as const) {
    const names = createDestinations({ style, ...own })
    for (const bad of ["x' OR '1'='1", '', 'a/b', 'a\nb', 'a b', '>', '*', 'é', 'x'.repeat(257)]) {
      const refused = (fn: () => unknown) =>
        assert.throws(fn, (error) => isTroupeError(error, 'TRANSPORT_BAD_ADDRESS'), `${style} ${bad}`)
      refused(() => names.source({ ...directed, identity: bad }))
      refused(() => names.sendHeaders({ ...broadcast, agent: bad }, times))
      refused(() => names.sendHeaders({ ...directed, collective: bad }, times))
      refused(() => names.replyAddress(bad))
      refused(() => createDestinations({ style, ...own, identity: bad }))
    }
  }
})

test('createDestinations: a reply address is a plain name behind a slash, as brokers make them or an operator gives', () => {
  const names = createDestinations({ style: 'activemq', ...own })
  for (const good of [
    '/queue/a.b_1.2',
    '/remote-temp-queue/ID:host-1-2:3:4',
    '/reply-queue/amq.gen-a_b==',
    '/queue/a%2Fb',
  ]) {
    assert.ok(names.sendHeaders({ kind: 'reply', address: good }, times).includes(good))
  }
  const long = `/queue/${'x'.repeat(600)}`
  const patterns = ['/topic/a*b', '/topic/>', '/queue/a,topic://b', '/queue/a?x=1']
  for (const bad of ['', 'queue/x', '/queue/a\nb:c', '/queue/a b', long, '/queue/\u0000', ...patterns]) {
    const refused = (error: unknown) => isTroupeError(error, 'TRANSPORT_BAD_ADDRESS')
    assert.throws(() => names.sendHeaders({ kind: 'reply', address: bad }, times), refused)
    assert.throws(() => names.sendHeaders(broadcast, times, bad), refused)
  }
})
