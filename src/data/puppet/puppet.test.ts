import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { createPuppetAgent } from '#puppet/agent/puppet-agent.ts'
import { createTestMachine, PATHS, summaryText } from '#puppet/agent/test-machine.ts'
import type { NodeView } from '#rpc/agent.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { createPuppetData } from './puppet.ts'

const clock = new ManualClock(1_795_325_340_000)
const text = readFileSync(new URL('puppet_data.ddl', import.meta.url), 'utf8')
const ddl = parseDdl(text, { kind: 'data', name: 'puppet', file: 'puppet_data.ddl', version: '3.0.0' })
const signal = new AbortController().signal

test('createPuppetData: every output of its DDL, and no query', async () => {
  const machine = createTestMachine({ clock })
  const plugin = createPuppetData(ddl, createPuppetAgent(machine), () => clock.now())
  assert.equal(ddl.query, undefined)
  machine.write(PATHS.summary, summaryText(1_795_325_240))
  machine.write(PATHS.disabled, '{"disabled_message":"why"}')
  const outputs = await plugin.query(null, {} as NodeView, signal)
  assert.deepEqual(outputs, {
    ...{ applying: false, enabled: false, daemon_present: false, lastrun: 1_795_325_240, since_lastrun: 100 },
    ...{ status: 'disabled', disable_message: 'why', idling: false },
  })
  assert.deepEqual(Object.keys(outputs).sort(), ddl.outputs.map(({ name }) => name).sort())
})

test('createPuppetData: a node on which Puppet never ran has not run for long', async () => {
  const plugin = createPuppetData(ddl, createPuppetAgent(createTestMachine({ clock })), () => clock.now())
  const { lastrun, since_lastrun: since } = await plugin.query(null, {} as NodeView, signal)
  assert.deepEqual([lastrun, since], [0, 1_795_325_340])
})

test('createPuppetData: not active without Puppet', async () => {
  const none = createPuppetAgent(createTestMachine({ clock, programs: [] }))
  assert.equal(await createPuppetData(ddl, none, () => 0).activate?.({} as NodeView), false)
})
