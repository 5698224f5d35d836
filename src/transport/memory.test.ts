import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { isTroupeError } from '#base/errors.ts'
import { createMemoryBus } from './memory.ts'

const directed = { kind: 'directed', collective: 'mcollective', identity: 'node1' } as const
const broadcast = { kind: 'broadcast', collective: 'mcollective', agent: 'rpcutil' } as const
const text = (value: string): Uint8Array => Buffer.from(value)
const settled = () => new Promise((resolve) => setImmediate(resolve))

async function stage() {
  const clock = new ManualClock()
  const bus = createMemoryBus({ clock })
  const [client, node] = [bus.connector({ identity: 'client' }), bus.connector({ identity: 'node1' })]
  await Promise.all([client.connect(), node.connect()])
  const got: string[] = []
  const take = ({ bytes }: { bytes: Uint8Array }): void => void got.push(Buffer.from(bytes).toString())
  return { clock, bus, client, node, got, take }
}

test('createMemoryBus: a directed message waits for its node until its ttl has passed', async () => {
  const { clock, client, node, got, take } = await stage()
  await client.publish(directed, text('short'), { ttlMs: 1_000 })
  await client.publish(directed, text('long'), { ttlMs: 5_000 })
  clock.advance(1_000)
  node.subscribe(directed, take)
  await settled()
  assert.deepEqual(got, ['long'])
})

test('createMemoryBus.break: broadcasts pass a broken connection by, directed messages wait for it', async () => {
  const { bus, client, node, got, take } = await stage()
  node.subscribe(directed, take)
  node.subscribe(broadcast, take)
  bus.break('node1')
  await client.publish(broadcast, text('lost'), { ttlMs: 1_000 })
  await client.publish(directed, text('kept'), { ttlMs: 1_000 })
  bus.restore('node1')
  await settled()
  assert.deepEqual(got, ['kept'])
})

test('createMemoryBus.break: a directed message under way when the connection breaks is not lost', async () => {
  const { bus, client, node, got, take } = await stage()
  node.subscribe(directed, take)
  const published = client.publish(directed, text('kept'), { ttlMs: 1_000 })
  bus.break('node1')
  await published
  await settled()
  bus.restore('node1')
  await settled()
  assert.deepEqual(got, ['kept'])
})

test('createMemoryBus.break: publishing on a broken connection waits until the ttl, then TRANSPORT_EXPIRED', async () => {
  const { bus, clock, client } = await stage()
  bus.break('client')
  const [early, late] = [1_000, 2_000].map((ttlMs) => client.publish(broadcast, text('x'), { ttlMs }))
  clock.advance(1_000)
  await assert.rejects(early!, (error) => isTroupeError(error, 'TRANSPORT_EXPIRED'))
  bus.restore()
  await late
  assert.equal(bus.published.length, 1)
})

test('createMemoryBus.drop: loses what it decides to lose, until undone', async () => {
  const { bus, client, node, got, take } = await stage()
  node.subscribe(broadcast, take)
  const undo = bus.drop(({ identity, bytes }) => identity === 'node1' && bytes[0] === text('b')[0])
  for (const body of ['a', 'b']) await client.publish(broadcast, text(body), { ttlMs: 1_000 })
  undo()
  await client.publish(broadcast, text('b2'), { ttlMs: 1_000 })
  await settled()
  assert.deepEqual(got, ['a', 'b2'])
})

test('createMemoryBus.delay: deliveries take their time by the clock', async () => {
  const { bus, clock, client, node, got, take } = await stage()
  node.subscribe(broadcast, take)
  bus.delay(300)
  await client.publish(broadcast, text('x'), { ttlMs: 1_000 })
  clock.advance(299)
  assert.deepEqual(got, [])
  clock.advance(1)
  assert.deepEqual(got, ['x'])
})
