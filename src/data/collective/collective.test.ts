import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { NodeView } from '#rpc/agent.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { createCollectiveData } from './collective.ts'

const file = 'collective_data.ddl'
const text = readFileSync(new URL(file, import.meta.url), 'utf8')
const plugin = createCollectiveData(parseDdl(text, { kind: 'data', name: 'collective', file, version: '3.0.0' }))

test('createCollectiveData: member tells whether the node is in the collective [wire 7.3]', async () => {
  const node = { collectives: ['mcollective', 'eu_collective'] } as Partial<NodeView> as NodeView
  const signal = new AbortController().signal
  assert.deepEqual(
    plugin.ddl.outputs.map((o) => o.name),
    ['member'],
  )
  assert.deepEqual(await plugin.query('eu_collective', node, signal), { member: true })
  for (const name of ['us_collective', 'eu', '', null])
    assert.deepEqual(await plugin.query(name, node, signal), { member: false })
})
