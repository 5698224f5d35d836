// Jobs when things go wrong: nodes that lie, refuse, fail, say far too much or die, a bus that goes away, a console that is killed.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Job, JobCounts, JobGroup } from '../../src/console/api/jobs.ts'
import type { RpcReplyBody } from '../../src/message/reply.ts'
import { createPskScheme } from '../../src/security/psk.ts'
import type { Connector } from '../../src/transport/connector.ts'
import { type Asker, startConsole, type TestConsole } from './console.ts'

const KEY = 'a key for tests only'
let troupe: TestConsole
let alice: Asker
let folder: string
const peers: Connector[] = []
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-faults-'))
  troupe = await startConsole({
    nodes: 4,
    storeUrl: `sqlite:${join(folder, 'console.db')}`,
    live: { puppetSeconds: 0 },
  })
  alice = await troupe.signedIn('alice', 'operator')
})
after(async () => {
  for (const peer of peers) await peer.disconnect()
  await troupe.stop()
  rmSync(folder, { recursive: true })
})

const names = (): string[] => troupe.nodes.map(({ identity }) => identity).sort()

/** A node that answers every call as it likes, in whose name it likes. */
async function addPeer(
  identity: string,
  answer: () => readonly (readonly [sender: string, body: RpcReplyBody])[],
): Promise<void> {
  const connector = troupe.bus.connector({ identity })
  peers.push(connector)
  const security = createPskScheme({ psk: KEY, caller: 'uid=0', now: () => troupe.clock.now() })
  await connector.connect()
  connector.subscribe({ kind: 'directed', collective: 'mcollective', identity }, ({ bytes }) => {
    const opened = security.decodeRequest(bytes)
    const { id: requestId, agent, replyTo } = opened.request
    if (replyTo === null || opened.request.body.kind !== 'rpc') return
    for (const [sender, body] of answer()) {
      const reply = security.encodeReply({ requestId, sender, agent, sentAtMs: troupe.clock.now(), body }, opened)
      void connector.publish({ kind: 'reply', address: replyTo }, reply, { ttlMs: 60_000 })
    }
  })
}

const said = (data: object): RpcReplyBody => ({ kind: 'rpc', statusCode: 0, statusMessage: 'OK', data: data as never })

async function start(job: object): Promise<Job> {
  const { status, body, text } = await alice.post('/api/jobs', {
    kind: 'call',
    agent: 'rpcutil',
    action: 'ping',
    inputs: {},
    nodes: names(),
    ...job,
  })
  assert.equal(status, 200, text)
  return body
}

async function ended(id: string): Promise<Job> {
  await troupe.live.jobs.ended(id)
  return (await alice.get(`/api/jobs/${id}`)).body
}

function isWhole({ targeted, ok, failed, refused, noResponse, notAddressed, unknown, waiting }: JobCounts): boolean {
  return targeted === ok + failed + refused + noResponse + notAddressed + unknown + waiting
}

describe('nodes', () => {
  test('a node that answers for others, twice, or late gets one line, and others none', async () => {
    await addPeer('liar', () => [
      ['nobody', said({ pong: 1 })],
      ['liar', said({ pong: 1 })],
      ['liar', said({ pong: 2 })],
    ])
    const job = await ended((await start({ nodes: ['liar', ...names()] })).id)
    assert.deepEqual([job.counts.targeted, job.counts.ok, isWhole(job.counts)], [5, 5, true])
    const { body } = await alice.get(`/api/jobs/${job.id}/results`)
    assert.equal(
      body.results.some(({ node }: { node: string }) => node === 'nobody'),
      false,
    )
  })

  test('nodes that fail and refuse are told apart, with what they say', async () => {
    await addPeer('failing', () => [
      ['failing', { kind: 'rpc', statusCode: 1, statusMessage: 'the disk is <b>full</b>\u001b[2J', data: {} }],
    ])
    const refused = {
      kind: 'rpc',
      statusCode: 1,
      statusMessage: 'You are not authorized',
      data: {},
      refused: 'unauthorized',
    } as RpcReplyBody
    await addPeer('refusing', () => [['refusing', refused]])
    const job = await ended((await start({ nodes: ['failing', 'refusing', ...names()] })).id)
    assert.deepEqual([job.counts.ok, job.counts.failed + job.counts.refused, job.state], [4, 2, 'done'])
    const { body } = await alice.get(`/api/jobs/${job.id}/groups`)
    assert.equal(body.groups[0].outcome, 'failed')
    assert.match(body.groups[0].message, /<b>full/)
  })

  test('an answer of 10 MB is kept in part and shown in part', async () => {
    await addPeer('talker', () => [
      ['talker', said({ pong: 'x'.repeat(6 * 1024 * 1024), lines: Array(50_000).fill('y') })],
    ])
    const job = await ended((await start({ nodes: ['talker', ...names()] })).id)
    assert.equal(job.counts.ok, 5)
    const { body, text } = await alice.get(`/api/jobs/${job.id}/groups`)
    const group = body.groups.find(({ nodes }: JobGroup) => nodes.first.includes('talker'))
    assert.equal(group.cut, true)
    assert.ok(text.length < 200_000, `${text.length} characters`)
    const results = await alice.get(`/api/jobs/${job.id}/results?limit=5`)
    assert.ok(results.text.length < 3 * 1024 * 1024)
  })

  test('a node that dies in mid-job is the one that did not answer', async () => {
    const dead = names().at(-1) ?? ''
    const job = await start({ rollOut: { batch: 1, batchSleepSeconds: 1, timeoutSeconds: 2 } })
    while ((await alice.get(`/api/jobs/${job.id}`)).body.counts.ok === 0) await wait(20)
    await troupe.kill(dead)
    const done = await ended(job.id)
    assert.deepEqual([done.counts.ok, done.counts.noResponse, done.state], [3, 1, 'done'])
    const { body } = await alice.get(`/api/jobs/${job.id}/results?outcome=noResponse`)
    assert.deepEqual(
      body.results.map(({ node }: { node: string }) => node),
      [dead],
    )
  })

  test('maxFailures begins no further group and says so', async () => {
    const nodes = ['ghost1', ...names().slice(0, 3)]
    const done = await ended(
      (await start({ nodes, rollOut: { batch: 1, maxFailures: 1, timeoutSeconds: 1, batchSleepSeconds: 0 } })).id,
    )
    assert.deepEqual([done.state, done.counts.noResponse, done.counts.notAddressed], ['stopped', 1, 3])
    assert.match(done.stopReason ?? '', /1 nodes? failed or did not answer/)
    const bad = await alice.post('/api/jobs', {
      kind: 'call',
      agent: 'rpcutil',
      action: 'ping',
      inputs: {},
      nodes,
      rollOut: { maxFailures: 1 },
    })
    assert.deepEqual([bad.status, Object.keys(bad.body.fields)], [422, ['rollOut.maxFailures']])
  })
})

describe('the console', () => {
  test('a bus that breaks in mid-job and comes back loses nobody', async () => {
    const nodes = names().slice(0, 3)
    const job = await start({ nodes, rollOut: { batch: 1, batchSleepSeconds: 1, timeoutSeconds: 8 } })
    while ((await alice.get(`/api/jobs/${job.id}`)).body.counts.ok === 0) await wait(20)
    troupe.bus.break()
    await wait(1_200)
    troupe.bus.restore()
    const done = await ended(job.id)
    assert.deepEqual([done.counts.ok, done.state], [3, 'done'])
  })

  test('too many jobs of one account are refused, and a stopped one makes room', async () => {
    const jobs: Job[] = []
    const long = { nodes: names().slice(0, 2), rollOut: { batch: 1, batchSleepSeconds: 600 } }
    for (let i = 0; i < 10; i++) jobs.push(await start(long))
    const one = { kind: 'call', agent: 'rpcutil', action: 'ping', inputs: {}, nodes: names() }
    const refused = await alice.post('/api/jobs', one)
    assert.deepEqual([refused.status, refused.body.code], [429, 'CONSOLE_TOO_MANY'])
    for (const { id } of jobs) await alice.post(`/api/jobs/${id}/stop`, {})
    for (const { id } of jobs) await ended(id)
    await ended((await start({ nodes: names().slice(0, 3) })).id)
  })

  test('a job stopped for good: who is no longer waited for has not been silent', async () => {
    const heard: string[] = []
    troupe.live.jobs.onResult(({ node, outcome }) => heard.push(`${node} ${outcome}`))
    const [node = ''] = names()
    const job = await start({ nodes: ['ghost7', node], rollOut: { timeoutSeconds: 30 } })
    while ((await alice.get(`/api/jobs/${job.id}`)).body.counts.ok < 1) await wait(20)
    await alice.post(`/api/jobs/${job.id}/stop`, {})
    await alice.post(`/api/jobs/${job.id}/stop`, {})
    const { state, counts } = await ended(job.id)
    assert.deepEqual([state, counts.ok, counts.noResponse], ['stopped', 1, 1])
    assert.deepEqual(heard, [`${node} ok`])
  })

  test('a console that was killed comes back knowing what was not sent, answered and unknown', async () => {
    const nodes = ['ghost1', ...names().slice(0, 3), 'ghost2', 'ghost3']
    const job = await start({ nodes, rollOut: { batch: 2, batchSleepSeconds: 0, timeoutSeconds: 30 } })
    while ((await alice.get(`/api/jobs/${job.id}`)).body.counts.ok < 1) await wait(20)
    // What a new process of the same console does first, while the old one is dead: here it only does not write any more.
    const [found] = await troupe.store.jobs.interrupted(troupe.clock.now())
    assert.equal(found?.state, 'interrupted')
    assert.equal(isWhole(found.counts), true)
    assert.deepEqual([found.counts.ok, found.counts.unknown, found.counts.notAddressed], [1, 1, 4])
    const unknown = await troupe.store.jobs.nodesOf(job.id, { outcomes: ['unknown'] })
    assert.deepEqual(unknown, ['ghost1'])
    await alice.post(`/api/jobs/${job.id}/stop`, {})
    await alice.post(`/api/jobs/${job.id}/stop`, {})
    await troupe.live.jobs.ended(job.id)
  })

  test('a store that takes nothing: nothing is sent', async () => {
    const { jobs } = troupe.store
    const markSent = jobs.markSent
    Object.assign(jobs, { markSent: async () => Promise.reject(new Error('the disk is full')) })
    try {
      const before = troupe.bus.published.length
      const done = await ended((await start({ nodes: names().slice(0, 3) })).id)
      assert.deepEqual([done.state, done.counts.notAddressed, done.problem], ['failed', 3, 'the disk is full'])
      const directed = troupe.bus.published.slice(before).filter(({ target }) => target.kind === 'directed')
      assert.equal(directed.length, 0)
    } finally {
      Object.assign(jobs, { markSent })
    }
  })
})
