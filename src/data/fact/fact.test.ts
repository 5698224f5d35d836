import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Values } from '#message/request.ts'
import type { NodeView } from '#rpc/agent.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { createFactData } from './fact.ts'

const file = 'fact_data.ddl'
const text = readFileSync(new URL(file, import.meta.url), 'utf8')
const plugin = createFactData(parseDdl(text, { kind: 'data', name: 'fact', file, version: '3.0.0' }))

const facts: Values = {
  kernel: 'Linux',
  os: { release: { major: '12' } },
  disks: [{ name: 'vda' }, { name: 'vdb' }],
  'a.b': 'literal',
  a: { b: 'path' },
  empty: '',
}
const ask = (path: string | null) =>
  plugin.query(path, { facts: () => facts } as Partial<NodeView> as NodeView, new AbortController().signal)
const plain = (value: unknown) => ({ exists: true, value, value_encoding: 'text/plain' })
const json = (value: unknown) => ({ exists: true, value: JSON.stringify(value), value_encoding: 'application/json' })
const absent = { exists: false, value: false, value_encoding: false }

test('createFactData: paths through maps and lists [wire 7.3]', () => {
  assert.deepEqual(
    plugin.ddl.outputs.map((o) => o.name),
    ['exists', 'value', 'value_encoding'],
  )
  assert.deepEqual(ask('kernel'), plain('Linux'))
  assert.deepEqual(ask('os.release.major'), plain('12'))
  assert.deepEqual(ask('disks.1.name'), plain('vdb'))
  assert.deepEqual(ask('disks.-1.name'), plain('vdb'))
  assert.deepEqual(ask('empty'), plain(''))
  assert.deepEqual(ask('os.release'), json({ major: '12' }))
  assert.deepEqual(ask('disks'), json([{ name: 'vda' }, { name: 'vdb' }]))
})

test('createFactData: a name with dots comes before the path', () => {
  assert.deepEqual(ask('a.b'), plain('literal'))
})

test('createFactData: what is not there does not exist', () => {
  const paths = [
    'nothing',
    'kernel.x',
    'os.family',
    'disks.2',
    'os..major',
    '',
    'constructor',
    '__proto__',
    'os.toString',
    'kernel.length',
    null,
  ]
  for (const path of paths) assert.deepEqual(ask(path), absent, String(path))
})

test('createFactData: a word on a list is an error', () => {
  for (const path of ['disks.length', 'disks.first', 'disks.1x', 'disks.'])
    assert.throws(() => ask(path), /not the number of an item/)
})
