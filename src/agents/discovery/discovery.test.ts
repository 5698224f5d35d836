import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ddlOf, sayText } from '../test-view.ts'
import { createDiscoveryAgent } from './discovery.ts'

const agent = createDiscoveryAgent(ddlOf('discovery'))

test('discovery answers ping with pong and names what it does not know [wire 5.1]', async () => {
  assert.equal(await sayText(agent, 'ping'), 'pong')
  assert.equal(await sayText(agent, 'inventory'), 'Unknown Request: inventory')
})

test('discovery has a time-out of 5 s and no actions', () => {
  assert.equal(agent.ddl.metadata.timeoutSeconds, 5)
  assert.deepEqual(agent.ddl.actions, [])
})
