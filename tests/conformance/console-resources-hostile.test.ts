// Nodes that answer garbage, too much, or nothing when the console asks for resources; and 300 nodes at once.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TypeFigures } from '../../src/console/api/resources.ts'
import type { PuppetValue } from '../../src/puppet/agent/puppet-value.ts'
import { sampleNodes } from '../../src/setup/sample-nodes.ts'
import { type Asker, previewOf, startConsole, type TestConsole } from './console.ts'
import type { EmulatedNode } from './emulated-nodes.ts'

/** A node whose search answers what it wants. */
function lying(resources: unknown): EmulatedNode['ral'] {
  const resource = {
    type: 'User',
    title: 'x',
    tags: [],
    exported: false,
    parameters: {},
    managed: 'unknown',
    sensitive: [],
  }
  return {
    unavailable: async () => undefined,
    keepReady() {},
    stop: async () => {},
    ral: {
      types: async () => [],
      find: async () => ({ ...resource, parameters: resources as Record<string, PuppetValue> }) as never,
      search: async () => resources as never,
      create: async () => ({ resource, events: [], changed: false }) as never,
    },
  }
}

const user = (title: unknown, parameters: unknown) => ({
  ...{ type: 'User', title, tags: [], exported: false, parameters, managed: 'unknown', sensitive: [] },
})

async function inspected(troupe: TestConsole, as: Asker, type: string, nodes: readonly string[]) {
  const { status, body, text } = await as.post('/api/resources/inspect', { types: [type], nodes })
  assert.equal(status, 200, text)
  await troupe.live.jobs.ended(body.jobs[0].id)
  const summary = (await as.post('/api/resources/summary', { nodes })).body
  const job = (await as.get(`/api/jobs/${body.jobs[0].id}`)).body
  return { figures: summary.types.find((one: TypeFigures) => one.type === type) as TypeFigures, job }
}

describe('resources of hostile nodes', () => {
  test('wrong shapes, hostile names and 10 MB harm nobody else and are told', async () => {
    const names = sampleNodes(5).map(({ identity }) => identity)
    const [good = '', shapes = '', hostile = '', large = '', many = ''] = names
    const lies = new Map<string, unknown>([
      [shapes, [user(1, {}), user('', {}), user({ a: 1 }, {}), user('ok', 'text'), user('fine', { shell: '/bin/sh' })]],
      [
        hostile,
        [
          user('__proto__', JSON.parse('{"__proto__":{"polluted":1},"ensure":"present"}')),
          user('constructor', { ensure: 'present', toString: 'x' }),
          user('twice', { shell: 'a' }),
          user('twice', { shell: 'b' }),
          user('<script>alert(1)</script>\u202e\u001b[31m', { comment: '\ud800' }),
        ],
      ],
      [large, [user('big', { comment: 'x'.repeat(10_000_000) })]],
      [many, Array.from({ length: 20_000 }, (_, i) => user(`u${i}`, { shell: `/bin/${i}` }))],
    ])
    const troupe = await startConsole({
      nodes: 5,
      ral: (identity) => (lies.has(identity) ? lying(lies.get(identity)) : undefined),
    })
    try {
      const victor = await troupe.signedIn('victor', 'viewer')
      const { figures, job } = await inspected(troupe, victor, 'user', names)
      assert.equal(job.state, 'done')
      assert.equal(figures.nodes + figures.failed.length, 5)
      const list = async (node: string) => {
        const { status, body, text } = await victor.post('/api/resources/user/list', { nodes: [node] })
        assert.equal(status, 200, text.slice(0, 300))
        return body.rows.map(({ title }: { title: string }) => title)
      }
      assert.ok((await list(good)).includes('root'))
      assert.deepEqual(await list(hostile), [
        '<script>alert(1)</script>\u202e\u001b[31m',
        '__proto__',
        'constructor',
        'twice',
      ])
      assert.deepEqual(await list(shapes), ['fine', 'ok'])
      assert.ok([0, 20_000].includes((await list(many)).length))
      assert.ok([0, 1].includes((await list(large)).length))
      const shown = await victor.post('/api/resources/user/variants', { title: 'big', nodes: names })
      assert.ok(shown.text.length < 20_000)
      const twice = await victor.post('/api/resources/user/variants', { title: 'twice', nodes: names })
      assert.deepEqual(
        twice.body.variants.map(({ properties }: { properties: object }) => properties),
        [{ shell: 'a' }],
      )
      assert.equal(({} as { polluted?: unknown }).polluted, undefined)
    } finally {
      await troupe.stop()
    }
  })

  test('300 nodes: inspected, previewed, cloned in groups after a canary, and undone; every node is accounted for', async (t) => {
    const troupe = await startConsole({ nodes: 300, config: () => 'plugin.puppetral.reveal_sensitive = yes' })
    try {
      const alice = await troupe.signedIn('alice', 'operator')
      const nodes = troupe.nodes.map(({ identity }) => identity)
      const took = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
        const startMs = performance.now()
        const result = await work()
        t.diagnostic(`${what}: ${Math.round(performance.now() - startMs)} ms`)
        return result
      }
      const { figures } = await took('inspect users of 300 nodes', () => inspected(troupe, alice, 'user', nodes))
      assert.deepEqual([figures.nodes, figures.notInspected], [300, 0])
      const [source = ''] = nodes
      const [dead = ''] = nodes.slice(1)
      await troupe.kill(dead)
      const request = {
        ...{ type: 'user', title: 'gopher', sourceNode: source, nodes, options: {} },
        rollOut: { canary: 5, batch: '25%', batchSleepSeconds: 0, maxFailures: '10%' },
      }
      const shown = await took('preview on 300 nodes, one dead', () => previewOf(alice, request))
      assert.equal(shown.status, 200, shown.text)
      assert.deepEqual(
        [shown.body.counts.create, shown.body.counts.nothing, shown.body.counts.noResponse, shown.body.confirm],
        [199, 100, 1, '199'],
      )
      const before = troupe.nodes.map(({ resources }) => JSON.stringify([...(resources.get('user') ?? [])]))
      const begun = await alice.post('/api/clones', { preview: shown.body.id, confirm: '199' })
      assert.equal(begun.status, 200, begun.text)
      await took('clone', () => troupe.live.jobs.ended(begun.body.id))
      const job = (await alice.get(`/api/jobs/${begun.body.id}`)).body
      assert.deepEqual([job.state, job.counts.ok, job.counts.notAddressed, job.counts.targeted], ['done', 299, 1, 300])
      const undone = await alice.post(`/api/jobs/${job.id}/undo`, {})
      assert.equal(undone.status, 200, undone.text)
      await took('undo', () => troupe.live.jobs.ended(undone.body.id))
      const { counts } = (await alice.get(`/api/jobs/${undone.body.id}`)).body
      assert.deepEqual([counts.ok, counts.targeted], [299, 299])
      assert.deepEqual(
        troupe.nodes.map(({ resources }) => JSON.stringify([...(resources.get('user') ?? [])])),
        before,
      )
    } finally {
      await troupe.stop()
    }
  })
})
