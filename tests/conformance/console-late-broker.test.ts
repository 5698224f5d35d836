// A console that starts before its broker is reached: it says nothing of a fleet it cannot see yet, and looks at once when the broker is there.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Log, silentLog } from '../../src/base/log.ts'
import type { BusState } from '../../src/console/parts.ts'
import { startConsole, type TestConsole } from './console.ts'

const warnings: string[] = []
const log: Log = { ...silentLog, warn: (text) => void warnings.push(text) }
let state: BusState = { connected: false, problem: 'connecting to the broker' }
let troupe: TestConsole
before(async () => {
  troupe = await startConsole({ nodes: 3, log, busState: () => state, live: { puppetSeconds: 0 } })
})
after(() => troupe.stop())

test('while the broker is away the list says so and the log does not repeat it', async () => {
  const alice = await troupe.signedIn('alice', 'viewer')
  await troupe.live.nodes.refresh()
  await troupe.live.runs.round()
  assert.equal((await alice.get('/api/nodes')).body.problem, 'connecting to the broker')
  const { status, body } = await alice.get('/api/facts')
  assert.deepEqual([status, body.code], [503, 'CONSOLE_NO_BUS'])
  assert.match(body.message, /connecting to the broker/)
  assert.deepEqual(warnings, [])
})

test('as soon as it is there the nodes are looked at, without anybody asking', async () => {
  state = { connected: true }
  troupe.busChanged()
  for (let tries = 0; troupe.live.nodes.list().nodes.length < 3; tries++) {
    assert.ok(tries < 200, 'the nodes are not found')
    await wait(50)
    if (tries % 20 === 19) await troupe.live.nodes.refresh()
  }
  assert.equal(troupe.live.nodes.list().problem, undefined)
  assert.deepEqual(warnings, [])
})
