import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { NodeView } from '#rpc/agent.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { createPackageData } from './package.ts'

const text = readFileSync(new URL('package_data.ddl', import.meta.url), 'utf8')
const ddl = parseDdl(text, { kind: 'data', name: 'package', file: 'package_data.ddl', version: '3.0.0' })

test('createPackageData: version and presence, in the order of the DDL; what cannot be told is an error [agents 5]', async () => {
  const signal = new AbortController().signal
  const plugin = createPackageData(ddl, async (name) => {
    if (name === 'nosuch') return { ensure: 'absent', installed: false }
    if (name === 'broken') throw new Error('the database is locked')
    return { ensure: '5.2.15-2+b8', installed: true }
  })
  const ask = async (name: string) => plugin.query(name, {} as NodeView, signal)
  assert.deepEqual(await ask('bash'), { status: '5.2.15-2+b8', installed: true })
  assert.deepEqual(await ask('nosuch'), { status: 'absent', installed: false })
  assert.deepEqual(
    Object.keys(await ask('bash')),
    ddl.outputs.map((output) => output.name),
  )
  await assert.rejects(ask('broken'), /locked/)
})
