import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf } from './client.ts'

test('addressOf: fills parameters, escapes them, leaves out what is not asked', () => {
  assert.equal(addressOf('/api/jobs/:id', { id: 'a b/c' }), '/api/jobs/a%20b%2Fc')
  assert.equal(addressOf('/api/jobs/:id/groups/:key/nodes', { id: '1', key: '2' }), '/api/jobs/1/groups/2/nodes')
  assert.equal(
    addressOf('/api/jobs', {}, { kind: 'call', node: undefined, text: '', limit: 5 }),
    '/api/jobs?kind=call&limit=5',
  )
})
