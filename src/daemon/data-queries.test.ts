import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { NodeView } from '#rpc/agent.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import { createDataQueries } from './data-queries.ts'

function plugin(query: DataPlugin['query'], more: Partial<DataPlugin> = {}): DataPlugin {
  const metadata = { name: 'x', description: '', author: '', license: '', version: '', url: '', timeoutSeconds: 1 }
  const output = (name: string) => ({ name, description: '', displayAs: name })
  const input = { name: 'query', prompt: '', description: '', type: 'string', optional: true, maxlength: 5 } as const
  return {
    ddl: {
      kind: 'data',
      name: 'x',
      metadata,
      description: '',
      query: input,
      outputs: [output('a'), { ...output('b'), default: 7 }],
    },
    query,
    ...more,
  }
}

async function queries(plugins: Record<string, DataPlugin>) {
  const clock = new ManualClock()
  const data = createDataQueries({ plugins: new Map(Object.entries(plugins)), clock, log: silentLog })
  await data.start({} as NodeView)
  return { data, clock }
}

describe('createDataQueries', () => {
  test('fills in the outputs a plugin leaves out', async () => {
    const { data } = await queries({ x: plugin((query) => ({ a: query })) })
    assert.deepEqual(await data.query('x', 'q'), { a: 'q', b: 7 })
    assert.deepEqual(await data.query('x', null), { a: null, b: 7 })
  })

  test('refuses unknown plugins and queries that do not fit', async () => {
    const { data } = await queries({ x: plugin(() => ({})), off: plugin(() => ({}), { activate: () => false }) })
    assert.deepEqual(data.names(), ['x'])
    await assert.rejects(data.query('nope', null), {
      code: 'RPC_DATA_REFUSED',
      message: "Can't find DDL for data plugin 'nope_data'",
    })
    await assert.rejects(data.query('off', null), { code: 'RPC_DATA_REFUSED' })
    await assert.rejects(data.query('x', 'too long'), { code: 'RPC_DATA_REFUSED', message: /longer than 5/ })
  })

  test('a plugin of no use here is looked at again when somebody asks for it, now and then', async () => {
    let installed = false
    let looks = 0
    const activate = () => {
      looks++
      return installed
    }
    const { data, clock } = await queries({ x: plugin(() => ({})), late: plugin(() => ({ a: 1 }), { activate }) })
    const refused = { code: 'RPC_DATA_REFUSED' }
    for (let i = 0; i < 5; i++) await assert.rejects(data.query('late', null), refused)
    assert.equal(looks, 1)
    clock.advance(10_000)
    for (let i = 0; i < 5; i++) await assert.rejects(data.query('late', null), refused)
    assert.equal(looks, 2)
    installed = true
    clock.advance(10_000)
    assert.deepEqual(await data.query('late', null), { a: 1, b: 7 })
    assert.deepEqual(data.names(), ['late', 'x'])
    await data.wake()
    assert.equal(looks, 3, 'what is active is not looked at')
  })

  test('keeps the time limit and tells the plugin', async () => {
    let aborted = false
    const hang = plugin((_query, _node, signal) => {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      return new Promise(() => {})
    })
    const { data, clock } = await queries({ x: hang })
    const asked = data.query('x', 'y')
    clock.advance(1000)
    await assert.rejects(asked, { message: "Data plugin x_data timed out on query 'y'" })
    assert.equal(aborted, true)
  })
})
