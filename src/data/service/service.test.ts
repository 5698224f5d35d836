import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { NodeView } from '#rpc/agent.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { createServiceData } from './service.ts'

const text = readFileSync(new URL('service_data.ddl', import.meta.url), 'utf8')
const ddl = parseDdl(text, { kind: 'data', name: 'service', file: 'service_data.ddl', version: '3.0.0' })

test('createServiceData: state and existence, in the order of the DDL; what cannot be told is an error [agents 5]', async () => {
  const signal = new AbortController().signal
  const plugin = createServiceData(ddl, async (name) => {
    if (name === '-x') throw new Error("'-x' is not a valid service name")
    return { running: name === 'sshd', known: name !== 'nosuch' }
  })
  const ask = async (name: string) => plugin.query(name, {} as NodeView, signal)
  assert.deepEqual(await ask('sshd'), { status: 'running', known: true })
  assert.deepEqual(await ask('nosuch'), { status: 'stopped', known: false })
  assert.deepEqual(
    Object.keys(await ask('ntp')),
    ddl.outputs.map((output) => output.name),
  )
  await assert.rejects(ask('-x'), /not a valid service name/)
})
