import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { createAgentData } from './agent.ts'

const file = 'agent_data.ddl'
const text = readFileSync(new URL(file, import.meta.url), 'utf8')
const plugin = createAgentData(parseDdl(text, { kind: 'data', name: 'agent', file, version: '3.0.0' }))
const signal = new AbortController().signal

const probe: AgentDdl = {
  kind: 'agent',
  name: 'probe',
  metadata: {
    name: 'Probe Agent',
    description: 'Wire format probe agent',
    author: 'spec',
    license: 'none',
    version: '0.1',
    url: 'http://example.com/',
    timeoutSeconds: 3,
  },
  actions: [],
}
const node = { agents: () => [probe] } as Partial<NodeView> as NodeView

test('createAgentData: outputs and their order [wire 7.3]', async () => {
  assert.deepEqual(
    plugin.ddl.outputs.map((o) => o.name),
    ['license', 'timeout', 'description', 'url', 'version', 'author'],
  )
  const outputs = await plugin.query('probe', node, signal)
  assert.deepEqual(outputs, {
    license: 'none',
    timeout: 3,
    description: 'Wire format probe agent',
    url: 'http://example.com/',
    version: '0.1',
    author: 'spec',
    agent: 'probe',
  })
  assert.deepEqual(Object.keys(outputs), [...plugin.ddl.outputs.map((o) => o.name), 'agent'])
})

test('createAgentData: an agent the node does not have is an error, the free text name as well', () => {
  for (const name of ['other', 'Probe Agent', null])
    assert.throws(() => plugin.query(name, node, signal), /No agent called/)
})
