import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { createPuppetAgent } from '#puppet/agent/puppet-agent.ts'
import { createTestMachine, PATHS, summaryText } from '#puppet/agent/test-machine.ts'
import type { NodeView } from '#rpc/agent.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { createResourceData } from './resource.ts'

const clock = new ManualClock(1_795_325_340_000)
const text = readFileSync(new URL('resource_data.ddl', import.meta.url), 'utf8')
const ddl = parseDdl(text, { kind: 'data', name: 'resource', file: 'resource_data.ddl', version: '3.0.0' })
const machine = createTestMachine({ clock })
const plugin = createResourceData(ddl, createPuppetAgent(machine), () => clock.now())
const ask = async (query: string | null) => plugin.query(query, {} as NodeView, new AbortController().signal)
machine.write(PATHS.summary, summaryText(1_795_325_240, 'failed: 2\n  total: 8'))

test('createResourceData: counts of the last run, every output of its DDL', async () => {
  const outputs = await ask(null)
  assert.deepEqual(outputs, {
    ...{ managed: false, out_of_sync_resources: 0, failed_resources: 2, corrected_resources: 0, changed_resources: 0 },
    ...{ total_resources: 8, total_time: 4, config_retrieval_time: 0.5, lastrun: 1_795_325_240, since_lastrun: 100 },
    config_version: 1_795_324_648,
  })
  assert.deepEqual(Object.keys(outputs).sort(), ddl.outputs.map(({ name }) => name).sort())
})

test('createResourceData: managed, in any case of letters, also with brackets in the title', async () => {
  machine.write(PATHS.resources, "file[/tmp/hello]\nexec[test [ -f x ]]\nfile[/tmp/it's ünïcode]\n")
  for (const [query, managed] of [
    ['file[/tmp/hello]', true],
    ['File[/tmp/Hello]', true],
    ['file[/tmp/hell]', false],
    ['exec[test [ -f x ]]', true],
    ["file[/tmp/it's ünïcode]", true],
    ['file', false],
  ] as const)
    assert.equal((await ask(query)).managed, managed, query)
})

test('createResourceData: a new catalogue is seen at once', async () => {
  machine.write(PATHS.resources, 'user[bob]\n')
  assert.deepEqual([(await ask('user[bob]')).managed, (await ask('file[/tmp/hello]')).managed], [true, false])
})
