// What Puppet did on the nodes, the overview made of it, and groups people keep: over real nodes with a made Puppet.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { NodeGroup } from '../../src/console/api/fleet.ts'
import type { LastRun } from '../../src/console/api/puppet.ts'
import { PATHS } from '../../src/puppet/agent/test-machine.ts'
import { type Asker, startConsole, type TestConsole } from './console.ts'

let troupe: TestConsole
let alice: Asker
let victor: Asker
before(async () => {
  troupe = await startConsole({ nodes: 13, live: { puppetSeconds: 0 } })
  alice = await troupe.signedIn('alice', 'operator')
  victor = await troupe.signedIn('victor', 'viewer')
  for (let tries = 0; troupe.live.nodes.countOf('rpcutil') !== 13 && tries < 200; tries++) {
    await wait(50)
    await troupe.live.nodes.refresh()
  }
})
after(() => troupe.stop())

describe('puppet', () => {
  test('before anybody was asked nothing is known; a refresh asks all and tells outcomes', async () => {
    const none = await victor.get('/api/puppet/runs')
    assert.deepEqual([...new Set(none.body.runs.map(({ outcome }: LastRun) => outcome))], ['unknown'])
    const { body: job, status, text } = await victor.post('/api/puppet/refresh', {})
    assert.equal(status, 200, text)
    await troupe.live.jobs.ended(job.id)
    await troupe.live.runs.round()
    const { body } = await victor.get('/api/puppet/runs')
    const outcomes = new Map<string, number>()
    for (const { outcome } of body.runs as LastRun[]) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    assert.deepEqual([outcomes.get('never'), outcomes.get('failed'), outcomes.get('unknown')], [1, 1, undefined])
    assert.equal(body.runs.filter(({ enabled }: LastRun) => enabled === false).length, 1)
    assert.ok(body.asOfMs > 0)
  })

  test('nodes that never ran or are disabled say so in the list', async () => {
    const { body } = await victor.get('/api/nodes')
    const marked = body.nodes.filter((row: { neverRan?: boolean }) => row.neverRan)
    assert.equal(marked.length, 1)
    const disabled = body.nodes.find(({ state }: { state: string }) => state === 'disabled')
    assert.match(disabled.disabledReason, /database migration/)
  })

  test('the reports of a node: the last from itself, older ones kept, one with its events', async () => {
    const [node] = troupe.nodes
    assert.ok(node)
    node.puppet.write(
      PATHS.report,
      'status: changed\nenvironment: production\nlogs:\n- level: notice\n  message: "<script>alert(1)</script>"\n  source: Puppet\nresource_statuses:\n  File[/a]:\n    changed: true\n    events:\n    - property: mode\n      status: success\n      message: mode changed\n',
    )
    const older = {
      node: node.identity,
      atMs: 1_700_000_000_000,
      outcome: 'unchanged',
      changed: 0,
      failed: 0,
      outOfSync: 0,
      total: 9,
      seconds: 3,
    }
    await troupe.store.reports.add([older as never])
    const { body, status, text } = await victor.get(`/api/nodes/${node.identity}/runs`)
    assert.equal(status, 200, text)
    assert.deepEqual([body.reports[0].id, body.reports[0].source, body.reports[0].events.length], ['latest', 'node', 1])
    assert.equal(body.reports[0].logs[0].message, '<script>alert(1)</script>')
    assert.equal(body.reports.at(-1).id, '1700000000000')
    const kept = await victor.get(`/api/nodes/${node.identity}/runs/${body.reports[0].run.atMs}`)
    assert.deepEqual([kept.body.source, kept.body.events[0].resource], ['history', 'File[/a]'])
    assert.equal((await victor.get(`/api/nodes/${node.identity}/runs/1`)).status, 404)
    assert.equal((await victor.get(`/api/nodes/${node.identity}/runs/abc`)).status, 404)
  })

  test('a disabled node is known as disabled soon after the job', async () => {
    const name = troupe.nodes[1]?.identity ?? ''
    const disable = { kind: 'call', agent: 'puppet', action: 'disable', inputs: { message: 'mending' }, nodes: [name] }
    const { body } = await alice.post('/api/jobs', disable)
    await troupe.live.jobs.ended(body.id)
    for (let tries = 0; troupe.live.nodes.row(name)?.state !== 'disabled' && tries < 100; tries++) await wait(50)
    assert.equal(troupe.live.nodes.row(name)?.state, 'disabled')
    assert.match(troupe.live.nodes.row(name)?.disabledReason ?? '', /mending/)
    const enable = await alice.post('/api/jobs', { ...disable, action: 'enable', inputs: {} })
    await troupe.live.jobs.ended(enable.body.id)
    assert.equal(troupe.live.nodes.row(name)?.state, 'answering')
  })
})

describe('overview', () => {
  test('counts states, systems, versions and runs; a ping gives latencies', async () => {
    const { body: job } = await victor.post('/api/overview/ping', {})
    await troupe.live.jobs.ended(job.id)
    const { body, status, text } = await victor.get('/api/overview')
    assert.equal(status, 200, text)
    const sum = (all: { nodes: number }[]): number => all.reduce((total, { nodes }) => total + nodes, 0)
    assert.deepEqual([sum(body.operatingSystems), sum(body.versions), sum(body.latency.steps)], [13, 13, 13])
    assert.deepEqual(body.states, { answering: 12, silent: 0, lost: 0, disabled: 1 })
    assert.equal(body.lastRuns.never, 1)
    assert.ok(body.runsPerHour.length > 0)
    assert.equal(body.recentJobs[0].id, job.id)
    assert.equal(job.command, 'mco rpc rpcutil ping')
  })

  test('a node that owes an answer is missing from then on, and there again when it answers', async () => {
    const name = troupe.nodes[5]?.identity ?? ''
    troupe.live.nodes.missed(name)
    const { body } = await victor.get('/api/overview')
    assert.deepEqual(
      body.missing.map((row: { name: string }) => row.name),
      [name],
    )
    const ping = await victor.post('/api/overview/ping', {})
    await troupe.live.jobs.ended(ping.body.id)
    assert.deepEqual((await victor.get('/api/overview')).body.missing, [])
  })
})

describe('groups', () => {
  test('people keep groups and searches; shared ones are seen by all and changed by their owner', async () => {
    const group = { name: 'web', description: '', shared: true, filter: { name: 'web*' } }
    assert.equal((await victor.post('/api/groups', group)).status, 403)
    const made = await alice.post('/api/groups', group)
    assert.equal(made.status, 200, made.text)
    const own = await victor.post('/api/groups', {
      name: 'mine',
      description: 'x',
      shared: false,
      nodes: ['b', 'a', 'a'],
    })
    assert.deepEqual(own.body.nodes, ['a', 'b'])
    const seen = async (as: Asker) => (await as.get('/api/groups')).body.groups.map(({ name }: NodeGroup) => name)
    assert.deepEqual([await seen(alice), await seen(victor)], [['web'], ['mine', 'web']])
    assert.equal((await victor.put(`/api/groups/${made.body.id}`, group)).status, 403)
    assert.equal((await alice.put(`/api/groups/${own.body.id}`, group)).status, 404)
    assert.equal((await alice.post('/api/groups', group)).status, 409)
    assert.equal((await alice.post('/api/groups', { ...group, name: 'bad', filter: { facts: ['x'] } })).status, 422)
    assert.equal((await alice.post('/api/groups', { ...group, name: 'both', nodes: [] })).status, 422)
    assert.equal((await alice.delete(`/api/groups/${made.body.id}`)).status, 200)
    assert.deepEqual(await seen(victor), ['mine'])
  })
})
