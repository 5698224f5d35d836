// The node list, forms and jobs of the console as a browser sees them, over real nodes.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Job } from '../../src/console/api/jobs.ts'
import type { NodeRow } from '../../src/console/api/nodes.ts'
import type { TaskAgent } from '../../src/console/api/tasks.ts'
import { type Asker, startConsole, type TestConsole } from './console.ts'

/** Its facts are too many for a registration: the roster cannot decide about it by facts. */
const TALKATIVE = 8
const HUGE = { huge: 'x'.repeat(1_500_000) }

let troupe: TestConsole
let alice: Asker
let victor: Asker
before(async () => {
  troupe = await startConsole({
    ...{ nodes: 9, live: { puppetSeconds: 0 } },
    facts: (index) => (index === 0 ? { ipmi_password: 'hunter2-of-the-bmc' } : index === TALKATIVE ? HUGE : {}),
  })
  alice = await troupe.signedIn('alice', 'operator')
  victor = await troupe.signedIn('victor', 'viewer')
  await registered(9)
})
after(() => troupe.stop())

async function registered(count: number): Promise<void> {
  for (let tries = 0; troupe.live.nodes.countOf('rpcutil') !== count; tries++) {
    if (tries > 200) throw new Error('the nodes do not register')
    await wait(50)
    await troupe.live.nodes.refresh()
  }
  // Once more: the last one may have registered between the list and the count.
  await troupe.live.nodes.refresh()
}

const names = (): string[] => troupe.nodes.map(({ identity }) => identity).sort()

async function ended(id: string): Promise<Job> {
  await troupe.live.jobs.ended(id)
  return (await alice.get(`/api/jobs/${id}`)).body
}

async function run(job: object, as: Asker = alice): Promise<Job> {
  const { status, body, text } = await as.post('/api/jobs', { kind: 'call', inputs: {}, nodes: names(), ...job })
  assert.equal(status, 200, text)
  return ended(body.id)
}

describe('nodes', () => {
  test('the list comes from the roster, sorted, every node answering', async () => {
    const { body } = await victor.get('/api/nodes')
    assert.equal(body.source, 'roster')
    assert.equal(body.problem, undefined)
    assert.deepEqual(
      body.nodes.map(({ name }: NodeRow) => name),
      names(),
    )
    assert.deepEqual([...new Set(body.nodes.map(({ state }: NodeRow) => state))], ['answering'])
  })

  test('a filter finds by glob in any case, by fact and class, and says the same in options of mco', async () => {
    const [first = ''] = names()
    const short = first.split('.')[0] ?? ''
    const match = async (filter: object) => (await victor.post('/api/nodes/match', filter)).body
    assert.deepEqual((await match({ name: `${short.toUpperCase()}.*` })).nodes, [first])
    assert.deepEqual(await match({ name: short }), {
      nodes: [first],
      undecided: [],
      options: `-I ${short} -I ${first}`,
    })
    assert.deepEqual((await match({})).nodes, names())
    const facts = troupe.nodes.map((node) => String(node.facts.osfamily ?? ''))
    const family = facts[0] ?? ''
    const wanted = troupe.nodes.filter((_, i) => i !== TALKATIVE && facts[i] === family).map(({ identity }) => identity)
    const undecided = [troupe.nodes[TALKATIVE]?.identity]
    const found = await match({ facts: [`osfamily=${family}`], agents: ['rpcutil'] })
    assert.deepEqual(found, { nodes: wanted.sort(), undecided, options: `-F osfamily=${family} -A rpcutil` })
    const bad = await victor.post('/api/nodes/match', { facts: ['ok=1', 'nonsense'] })
    assert.deepEqual([bad.status, Object.keys(bad.body.fields)], [422, ['facts.1']])
    const checked = await victor.post('/api/nodes/check', { compound: 'a and' })
    assert.deepEqual([checked.body.ok, Object.keys(checked.body.fields)], [false, ['compound']])
  })

  test('facts, their values and classes are counted', async () => {
    const { body } = await victor.get('/api/facts')
    const [first] = body.names
    assert.equal(first.common, true)
    const { body: values } = await victor.get('/api/facts/osfamily')
    const sum = values.values.reduce((total: number, one: { nodes: number }) => total + one.nodes, 0)
    assert.equal(sum, names().length - 1)
    const secret = await victor.get('/api/facts/ipmi_password')
    assert.deepEqual(secret.body.values, [{ value: '*****', nodes: 1 }])
    const { body: classes } = await victor.get('/api/classes')
    assert.ok(classes.names.length > 0)
  })

  test('the value of a fact with a secret name is in no job, export or event', async () => {
    const secret = String(troupe.nodes[0]?.facts.ipmi_password)
    const questions = [
      { agent: 'rpcutil', action: 'get_fact', inputs: { fact: 'ipmi_password' } },
      { agent: 'rpcutil', action: 'get_facts', inputs: { facts: 'ipmi_password' } },
      { agent: 'rpcutil', action: 'inventory' },
      { agent: 'roster', action: 'values', inputs: { fact: 'ipmi_password' } },
      { agent: 'roster', action: 'list', inputs: { facts: 'ipmi_password' } },
    ]
    for (const question of questions) {
      const { id, counts } = await run(question, victor)
      assert.ok(counts.ok > 0, question.action)
      for (const part of ['', '/groups', '/results', '/export?format=csv', '/export?format=json']) {
        const { text } = await victor.get(`/api/jobs/${id}${part}`)
        assert.ok(!text.includes(secret), `${question.agent} ${question.action} ${part}`)
      }
    }
  })

  test('one node is asked as the person who looks, and an unknown one is not found', async () => {
    const [first = ''] = names()
    const { body } = await victor.get(`/api/nodes/${first}`)
    assert.equal(body.row.name, first)
    assert.ok(body.live.agents.includes('rpcutil'))
    assert.equal(body.command, `mco rpc rpcutil inventory -I ${first}`)
    assert.equal((await victor.get('/api/nodes/nobody')).status, 404)
  })
})

describe('tasks', () => {
  test('every agent is a form; what acts says so; create of puppetral is not among them', async () => {
    const { body } = await victor.get('/api/agents')
    const agents = new Map<string, TaskAgent>(body.agents.map((agent: TaskAgent) => [agent.name, agent]))
    const service = agents.get('service')
    assert.equal(service?.nodes, names().length)
    const acts = service?.actions.map(({ name, acts }) => `${name} ${acts}`)
    assert.deepEqual(acts, ['restart true', 'start true', 'status false', 'stop true'])
    assert.deepEqual(
      agents.get('puppetral')?.actions.map(({ name }) => name),
      ['find', 'search'],
    )
    assert.equal(body.advanced.includes('puppet'), false)
    const status = agents.get('puppet')?.actions.find(({ name }) => name === 'status')
    const volatile = status?.outputs.filter((output) => output.volatile).map(({ name }) => name)
    assert.deepEqual(volatile, ['lastrun', 'since_lastrun', 'message'])
  })
})

describe('jobs', () => {
  test('an action runs on every node, is counted, grouped, kept and downloadable', async () => {
    const job = await run({ agent: 'service', action: 'status', inputs: { service: 'sshd' } })
    assert.deepEqual([job.state, job.counts.ok, job.counts.targeted], ['done', 9, 9])
    assert.match(job.command, /^mco rpc service status service=sshd -I /)
    const { body } = await victor.get(`/api/jobs/${job.id}/groups`)
    assert.equal(body.groups.length, 1)
    assert.deepEqual(body.groups[0].nodes.count, 9)
    assert.ok(body.aggregates.length > 0)
    const nodes = await victor.get(`/api/jobs/${job.id}/groups/${body.groups[0].key}/nodes`)
    assert.deepEqual(nodes.body.nodes, names())
    const results = await victor.get(`/api/jobs/${job.id}/results?limit=4`)
    assert.deepEqual([results.body.results.length, results.body.next], [4, names()[3]])
    const csv = await victor.get(`/api/jobs/${job.id}/export?format=csv`)
    assert.equal(csv.text.split('\r\n').length, 11)
    assert.match(String(csv.headers['content-disposition']), /attachment; filename="service-status-.*\.csv"/)
    const json = await victor.get(`/api/jobs/${job.id}/export?format=json`)
    assert.equal(json.body.results.length, 9)
    const list = await victor.get('/api/nodes')
    assert.equal(list.status, 200)
    assert.equal((await victor.get(`/api/jobs/${job.id}/export?format=nodes`)).text, `${names().join('\n')}\n`)
  })

  test('puppet status groups by state, not by seconds [B-024]', async () => {
    const job = await run({ agent: 'puppet', action: 'status' }, victor)
    assert.equal(job.state, 'done')
    const { body } = await victor.get(`/api/jobs/${job.id}/groups`)
    const disabled = body.groups.filter(({ data }: { data: { enabled: boolean } }) => !data.enabled)
    assert.equal(disabled.length, 1)
    assert.ok(body.groups.length <= 3, `${body.groups.length} groups`)
  })

  test('a viewer may look and not act; inputs are checked by field; unknown actions are not found', async () => {
    const post = (as: Asker, job: object) => as.post('/api/jobs', { kind: 'call', inputs: {}, nodes: names(), ...job })
    const acting = await post(victor, { agent: 'service', action: 'restart', inputs: { service: 'sshd' } })
    assert.deepEqual([acting.status, acting.body.code], [403, 'CONSOLE_NOT_ALLOWED'])
    const missing = await post(alice, { agent: 'service', action: 'restart' })
    assert.deepEqual([missing.status, missing.body.fields], [422, { 'inputs.service': 'is required' }])
    assert.equal((await post(alice, { agent: 'nope', action: 'x' })).status, 404)
    assert.equal((await post(alice, { agent: 'service', action: 'nope' })).status, 404)
    assert.equal((await post(alice, { agent: 'service', action: 'status', nodes: [] })).status, 422)
  })

  test('a viewer may not start an action of the site, whatever its name; one that the site says only looks, they may', async () => {
    const nodes = names().slice(0, 1)
    const status = { kind: 'call', agent: 'lab', action: 'status', inputs: {}, nodes }
    const refused = await victor.post('/api/jobs', status)
    assert.deepEqual([refused.status, refused.body.code], [403, 'CONSOLE_NOT_ALLOWED'])
    const job = await run({ ...status, rollOut: { timeoutSeconds: 1 } })
    assert.equal((await victor.post(`/api/jobs/${job.id}/again`, {})).status, 403)
    const acts = async (as: Asker): Promise<unknown> => {
      const { body } = await as.get('/api/agents')
      const lab = body.agents.find(({ name }: TaskAgent) => name === 'lab') as TaskAgent
      return Object.fromEntries(lab.actions.map((action) => [action.name, action.acts]))
    }
    assert.deepEqual(await acts(victor), { hostile: true, quiet: true, status: true, wait: true })
    const trusting = await startConsole({ nodes: 1, live: { puppetSeconds: 0, looking: ['lab.status'] } })
    try {
      const viewer = await trusting.signedIn('victor', 'viewer')
      assert.deepEqual(await acts(viewer), { hostile: true, quiet: true, status: false, wait: true })
      const own = { ...status, nodes: trusting.nodes.map(({ identity }) => identity) }
      const allowed = await viewer.post('/api/jobs', own)
      assert.equal(allowed.status, 200, allowed.text)
      await trusting.live.jobs.ended(allowed.body.id)
      assert.equal((await viewer.post('/api/jobs', { ...own, action: 'quiet' })).status, 403)
    } finally {
      await trusting.stop()
    }
  })

  test('a silent node is in the account and in the list', async () => {
    const ghost = 'ghost.example.com'
    const job = await run({
      agent: 'rpcutil',
      action: 'ping',
      nodes: [...names(), ghost],
      rollOut: { timeoutSeconds: 1 },
    })
    assert.deepEqual([job.counts.ok, job.counts.noResponse, job.state], [9, 1, 'done'])
    const { body } = await alice.get(`/api/jobs/${job.id}/groups`)
    assert.deepEqual(body.groups[0].outcome, 'noResponse')
    const again = await alice.post(`/api/jobs/${job.id}/again`, { outcomes: ['noResponse'] })
    assert.equal(again.status, 200, again.text)
    assert.deepEqual([again.body.counts.targeted, again.body.of], [1, job.id])
    await alice.post(`/api/jobs/${again.body.id}/stop`, {})
    assert.equal((await ended(again.body.id)).state, 'stopped')
  })

  test('a job is repeated on the nodes of one group of equal answers, also of a normalised one', async () => {
    const job = await run({ agent: 'puppet', action: 'status' })
    for (const normalised of [false, true]) {
      const { body } = await alice.get(`/api/jobs/${job.id}/groups?normalised=${normalised}`)
      const disabled = body.groups.find(({ data }: { data: { enabled: boolean } }) => !data.enabled)
      const again = await alice.post(`/api/jobs/${job.id}/again`, { group: disabled.key, normalised })
      assert.equal(again.status, 200, again.text)
      assert.deepEqual([again.body.counts.targeted, again.body.of], [disabled.nodes.count, job.id])
      const { results } = (await alice.get(`/api/jobs/${again.body.id}/results`)).body
      assert.deepEqual(
        results.map(({ node }: { node: string }) => node),
        disabled.nodes.first,
      )
      await ended(again.body.id)
    }
    const ok = (await alice.post(`/api/jobs/${job.id}/again`, { group: 'ok' })).body
    assert.deepEqual(Object.keys(ok.fields), ['group'])
  })

  test('secrets are masked in the job and have to be given again', async () => {
    const inputs = { fact: 'osfamily', token: 'hunter2' }
    const job = await run({ agent: 'rpcutil', action: 'get_fact', inputs })
    assert.deepEqual(job.inputs, { fact: 'osfamily', token: '*****' })
    assert.doesNotMatch(job.command, /hunter2/)
    const again = await alice.post(`/api/jobs/${job.id}/again`, {})
    assert.deepEqual([again.status, Object.keys(again.body.fields)], [422, ['inputs.token']])
    const given = await alice.post(`/api/jobs/${job.id}/again`, { inputs: { token: 'x' } })
    assert.equal(given.status, 200, given.text)
    await ended(given.body.id)
    const admin = await troupe.signedIn('root', 'administrator')
    assert.doesNotMatch((await admin.get('/api/audit')).text, /hunter2/)
  })

  test('a node that answers very much does not keep the job from its end', async () => {
    const job = await run({ agent: 'rpcutil', action: 'get_fact', inputs: { fact: 'huge' } })
    assert.deepEqual([job.state, job.counts.ok], ['done', names().length])
    const { body, text } = await victor.get(`/api/jobs/${job.id}/groups`)
    assert.ok(text.length < 100_000, `${text.length}`)
    assert.ok(body.aggregates.length > 0)
  })

  test('a canary that fails stops the job before anybody else is reached', async () => {
    const [first = '', ...rest] = names()
    const job = await run({
      ...{ agent: 'service', action: 'status', inputs: { service: 'sshd' } },
      ...{ nodes: ['ghost.example.com', first, ...rest], rollOut: { canary: 2, timeoutSeconds: 1 } },
    })
    assert.deepEqual([job.state, job.counts.notAddressed, job.counts.ok, job.counts.noResponse], ['stopped', 8, 1, 1])
    assert.match(job.stopReason ?? '', /canary/)
    assert.match(job.command, / --strict --timeout 1 && mco rpc service status /)
  })

  test('runall runs Puppet on enabled nodes and says who is disabled', async () => {
    const job = await run({ kind: 'runall', concurrency: 4, inputs: {} })
    assert.deepEqual([job.state, job.counts.ok, job.counts.failed], ['done', 8, 1])
    const { body } = await alice.get(`/api/jobs/${job.id}/groups`)
    assert.match(body.groups[0].message, /disabled: 'database migration/)
  })

  test('a stopped job begins no further group and keeps what came', async () => {
    const { body } = await alice.post('/api/jobs', {
      ...{ kind: 'call', agent: 'rpcutil', action: 'ping', inputs: {}, nodes: names() },
      rollOut: { batch: 3, batchSleepSeconds: 60 },
    })
    while ((await alice.get(`/api/jobs/${body.id}`)).body.counts.ok < 3) await wait(20)
    assert.equal((await victor.post(`/api/jobs/${body.id}/stop`, {})).status, 403)
    assert.equal((await alice.post(`/api/jobs/${body.id}/stop`, {})).status, 200)
    const job = await ended(body.id)
    assert.deepEqual([job.state, job.counts.ok, job.counts.notAddressed], ['stopped', 3, 6])
    assert.equal(job.stopReason, 'stopped by alice')
    assert.equal((await alice.post(`/api/jobs/${body.id}/stop`, {})).status, 409)
  })
})
