import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import type { Client } from '#client/api.ts'
import { createClients } from './clients.ts'

const MINUTE = 60_000

function setUp() {
  const clock = new ManualClock()
  const opened: string[] = []
  const closed: string[] = []
  const calls: PromiseWithResolvers<unknown>[] = []
  let failing = false
  const clients = createClients({
    clock,
    idleMs: 10 * MINUTE,
    async open(account) {
      if (failing) throw new Error('no key')
      opened.push(account)
      const handle = () => {
        const call = Promise.withResolvers<unknown>()
        calls.push(call)
        return { summary: call.promise, result: call.promise }
      }
      const client = { identity: account, agent: () => ({ call: handle }), text: handle, discover: handle }
      return { ...client, close: async () => void closed.push(account) } as unknown as Client
    },
  })
  return {
    ...{ clock, opened, closed, calls, clients },
    fail: (how: boolean) => {
      failing = how
    },
  }
}

test('clients: one per account, closed when nothing was asked of it for a while', async () => {
  const { clock, opened, closed, clients } = setUp()
  const [one, same, other] = await Promise.all([clients.of('alice'), clients.of('alice'), clients.of('bob')])
  assert.equal(one, same)
  assert.notEqual(one, other)
  assert.deepEqual(opened, ['alice', 'bob'])
  clock.advance(6 * MINUTE)
  await clients.of('alice')
  clock.advance(6 * MINUTE)
  await Promise.resolve()
  assert.deepEqual(closed, ['bob'])
  clock.advance(20 * MINUTE)
  await Promise.resolve()
  assert.deepEqual(closed, ['bob', 'alice'])
  assert.notEqual(await clients.of('alice'), one)
})

test('clients: a call that runs keeps its client open, and for a while afterwards', async () => {
  const { clock, closed, calls, clients } = setUp()
  const client = await clients.of('alice')
  client.agent('rpcutil').call('ping')
  client.discover()
  clock.advance(60 * MINUTE)
  await Promise.resolve()
  assert.deepEqual(closed, [])
  for (const call of calls) call.resolve({})
  await Promise.all(calls.map((call) => call.promise))
  clock.advance(9 * MINUTE)
  assert.equal(await clients.of('alice'), client)
  clock.advance(21 * MINUTE)
  await Promise.resolve()
  assert.deepEqual(closed, ['alice'])
})

test('clients: what could not be opened is tried again, what is closed stays closed', async () => {
  const { clients, closed, fail } = setUp()
  fail(true)
  await assert.rejects(clients.of('alice'), /no key/)
  fail(false)
  await clients.of('alice')
  await clients.close()
  assert.deepEqual(closed, ['alice'])
  await assert.rejects(clients.of('alice'), { code: 'CONSOLE_NO_BUS' })
})
