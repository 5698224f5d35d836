import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type Clock, ManualClock } from '#base/clock.ts'
import { isTroupeError } from '#base/errors.ts'
import { PROGRESS_EVENTS_MAX } from '#base/limits.ts'
import { silentLog } from '#base/log.ts'
import { EMPTY_FILTER, type Filter } from '#message/filter.ts'
import type { ReplyBody } from '#message/reply.ts'
import type { Request } from '#message/request.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { createPskScheme } from '#security/psk.ts'
import { createMemoryBus, type MemoryBus } from '#transport/memory.ts'
import type { CallEvent, CallHandle, CallOptions, CallReply, CallSummary, Client } from './api.ts'
import { createClient } from './client.ts'

const COLLECTIVE = 'mcollective'
let clock: ManualClock
let bus: MemoryBus

beforeEach(() => {
  clock = new ManualClock()
  bus = createMemoryBus({ clock })
})

const scheme = (psk = 'a key for tests') => createPskScheme({ psk, caller: 'uid=0', now: () => clock.now() })

type Answer = (request: Request) => ReplyBody | undefined

/** A node reduced to what the client can see of one: it takes messages and answers what the test says. */
async function addNode(identity: string, answer: Answer, security = scheme(), delayMs = 0): Promise<void> {
  const connector = bus.connector({ identity, pid: 1 })
  await connector.connect()
  const receive = ({ bytes }: { bytes: Uint8Array }): void => {
    const opened = security.decodeRequest(bytes)
    const body = answer(opened.request)
    if (!body || opened.request.replyTo === null) return
    const { id: requestId, agent, replyTo } = opened.request
    const reply = security.encodeReply({ requestId, sender: identity, agent, sentAtMs: clock.now(), body }, opened)
    const publish = (): void => void connector.publish({ kind: 'reply', address: replyTo }, reply, { ttlMs: 60_000 })
    if (delayMs > 0) clock.after(delayMs, publish)
    else publish()
  }
  for (const agent of ['discovery', 'rpcutil', 'roster']) {
    connector.subscribe({ kind: 'broadcast', collective: COLLECTIVE, agent }, receive)
  }
  connector.subscribe({ kind: 'directed', collective: COLLECTIVE, identity }, receive)
}

const ok: ReplyBody = { kind: 'rpc', statusCode: 0, statusMessage: 'OK', data: { pong: 1 } }
const pong: ReplyBody = { kind: 'text', text: 'pong' }

/** Answers pings, probes and calls at once. */
const healthy: Answer = ({ agent, body }) => {
  if (agent === 'roster') return undefined
  if (body.kind === 'text') return body.text === 'match' ? { kind: 'text', text: 'match' } : pong
  return ok
}

/** A keeper of the roster that expects these. */
const rosterOf =
  (nodes: string[]): Answer =>
  ({ agent }) =>
    agent === 'roster' ? { kind: 'rpc', statusCode: 0, statusMessage: 'OK', data: { nodes, undecided: [] } } : undefined

const ddl: AgentDdl = {
  kind: 'agent',
  metadata: { name: 'rpcutil', description: '', author: '', license: '', version: '1', url: '', timeoutSeconds: 10 },
  actions: [{ name: 'ping', description: '', display: 'always', inputs: [], outputs: [], aggregates: [] }],
} as unknown as AgentDdl

async function connect(overrides: { useRoster?: boolean } = {}, its: Clock = clock): Promise<Client> {
  const connector = bus.connector({ identity: 'client.example.com', pid: 7 })
  await connector.connect()
  return createClient({
    connector,
    security: scheme(),
    identity: 'client.example.com',
    clock: its,
    log: silentLog,
    settings: {
      collectives: [COLLECTIVE],
      mainCollective: COLLECTIVE,
      ttlSeconds: 60,
      discoveryTimeoutSeconds: 2,
      limitMethod: 'first',
      batchSize: 0,
      batchSleepSeconds: 1,
      useRoster: true,
      ...overrides,
    },
    agentDdl: () => ddl,
    dataDdl: () => undefined,
    checkInputs: (_action, _agent, data) => data,
  })
}

/** Lets the time go by until the call has ended. */
async function finish<T>(promise: Promise<T>, stepMs = 10): Promise<T> {
  let done = false
  const settled = promise.finally(() => {
    done = true
  })
  settled.catch(() => {})
  for (let i = 0; !done; i++) {
    if (i > 20_000) assert.fail('the call does not end')
    await setImmediate()
    if (!done) clock.advance(stepMs)
  }
  return settled
}

async function call(
  client: Client,
  options: CallOptions = {},
): Promise<{ replies: CallReply[]; summary: CallSummary; tookMs: number }> {
  const startMs = clock.now()
  const handle = client.agent('rpcutil').call('ping', {}, options)
  const replies: CallReply[] = []
  const read = (async () => {
    for await (const reply of handle) replies.push(reply as CallReply)
  })()
  const summary = await finish(handle.summary)
  await read
  const { targeted, noResponse, notAddressed } = summary
  assert.equal(targeted, summary.ok + summary.failed + summary.refused + noResponse.length + notAddressed.length)
  return { replies, summary, tookMs: clock.now() - startMs }
}

test('call ends at once when everyone the roster expects has answered [B-021]', async () => {
  for (const node of ['a', 'b', 'c']) await addNode(node, healthy)
  await addNode('keeper', rosterOf(['a', 'b', 'c']))
  const { summary, tookMs } = await call(await connect())
  assert.equal(summary.ok, 3)
  assert.equal(summary.discovery, 'roster')
  assert.ok(tookMs <= 50, `took ${tookMs} ms`)
})

test('call names a node the roster expects that gives no sign of life, after the discovery time', async () => {
  await addNode('a', healthy)
  await addNode('keeper', rosterOf(['a', 'dead']))
  const { summary, tookMs } = await call(await connect())
  assert.deepEqual(summary.noResponse, ['dead'])
  assert.equal(summary.ok, 1)
  assert.ok(tookMs >= 2000 && tookMs <= 2100, `took ${tookMs} ms`)
})

test('call waits for a node that is busy until the agent timeout, then names it', async () => {
  await addNode('busy', ({ agent, body }) =>
    agent === 'discovery' && body.kind === 'text' ? { kind: 'text', text: 'match' } : undefined,
  )
  await addNode('keeper', rosterOf(['busy']))
  const { summary, tookMs } = await call(await connect())
  assert.deepEqual(summary.noResponse, ['busy'])
  assert.ok(tookMs >= 12_000, `took ${tookMs} ms`)
})

test('call names whoever has not answered when the connection broke under it, although the roster was not heard before', async () => {
  await addNode('a', healthy)
  await addNode('b', healthy, scheme(), 30)
  await addNode('keeper', rosterOf(['a', 'b']), scheme(), 30)
  const client = await connect()
  clock.after(15, () => bus.break('client.example.com'))
  clock.after(1500, () => bus.restore('client.example.com'))
  const { summary, tookMs } = await call(client)
  assert.deepEqual([summary.targeted, summary.ok, summary.noResponse], [2, 1, ['b']])
  assert.equal(summary.discovery, 'roster')
  assert.ok(tookMs >= 3500, `took ${tookMs} ms`)
})

test('call over a broken connection ends at the reply time-out', async () => {
  await addNode('a', healthy)
  const client = await connect()
  clock.after(15, () => bus.break('client.example.com'))
  const { summary, tookMs } = await call(client)
  assert.deepEqual([summary.ok, summary.noResponse], [1, []])
  assert.ok(tookMs >= 12_000 && tookMs < 12_100, `took ${tookMs} ms`)
})

test('call leaves a fleet alone that is still answering, and asks the silent once it has stopped', async () => {
  const asked: string[] = []
  const nodes = Array.from({ length: 8 }, (_, i) => `node${i}`)
  for (const [i, node] of nodes.entries()) {
    const answer: Answer = (request) => {
      if (request.agent === 'discovery') asked.push(`${node} after ${clock.now() - startMs} ms`)
      return healthy(request)
    }
    await addNode(node, answer, scheme(), 1 + i * 100)
  }
  await addNode('dead', ({ agent, body }) => {
    if (agent === 'discovery' && body.kind === 'text') asked.push(`dead after ${clock.now() - startMs} ms`)
    return undefined
  })
  await addNode('keeper', rosterOf([...nodes, 'dead']))
  const client = await connect()
  const startMs = clock.now()
  const { summary } = await call(client)
  assert.equal(summary.ok, 8)
  assert.deepEqual(summary.noResponse, ['dead'])
  assert.deepEqual(asked, ['dead after 1220 ms'])
})

test('call names nobody of a fleet whose first sign of life comes after the discovery time', async () => {
  const nodes = Array.from({ length: 20 }, (_, i) => `node${i}`)
  for (const [i, node] of nodes.entries()) await addNode(node, healthy, scheme(), 3000 + i * 200)
  const client = await connect()
  const named = await call(client, { nodes })
  assert.deepEqual([named.summary.ok, named.summary.noResponse], [20, []])
  await addNode('keeper', rosterOf(nodes))
  const found = client.discover()
  assert.equal((await finish(found.result)).nodes.length, 20)
})

test('call of several nodes that are all dead ends at twice the discovery time and names them', async () => {
  const { summary, tookMs } = await call(await connect(), { nodes: ['a', 'b', 'c'] })
  assert.deepEqual(summary.noResponse, ['a', 'b', 'c'])
  assert.ok(tookMs >= 4000 && tookMs < 4100, `took ${tookMs} ms`)
})

test('call of a client that was stopped under it reads what has come in before it gives anybody up', async () => {
  await addNode('a', healthy)
  await addNode('b', healthy, scheme(), 2300)
  let stoppedMs = 0
  // As a process continued after Ctrl-Z: its timers are late, and they fire before its sockets are read.
  const late = {
    ...{ now: () => clock.now(), monotonic: () => clock.monotonic() + stoppedMs },
    after: (ms: number, fn: () => void) => clock.after(ms, fn),
  }
  const client = await connect({}, late)
  clock.after(1000, () => {
    stoppedMs = 60_000
  })
  const { summary } = await call(client, { nodes: ['a', 'b'] })
  assert.deepEqual([summary.ok, summary.noResponse], [2, []])
})

test('call drops a node from the account when it says the filter does not fit it', async () => {
  await addNode('a', healthy)
  await addNode('changed', ({ body }) =>
    body.kind === 'text' && body.text === 'match' ? { kind: 'text', text: 'nomatch' } : undefined,
  )
  await addNode('keeper', rosterOf(['a', 'changed']))
  const { summary, tookMs } = await call(await connect())
  assert.equal(summary.targeted, 1)
  assert.ok(tookMs < 1000, `took ${tookMs} ms`)
})

test('call without a roster ends when signs of life fall quiet', async () => {
  for (const node of ['a', 'b']) await addNode(node, healthy)
  const { summary, tookMs } = await call(await connect())
  assert.equal(summary.ok, 2)
  assert.equal(summary.discovery, 'mc')
  assert.ok(tookMs >= 500 && tookMs < 1000, `took ${tookMs} ms`)
})

test('call without roster or nodes ends at the discovery time with an empty account', async () => {
  const { summary } = await call(await connect())
  assert.equal(summary.targeted, 0)
})

test('call reports a second answer of the same node and counts the first', async () => {
  let asked = 0
  await addNode('a', healthy)
  await addNode('a', (request) => {
    asked++
    return healthy(request)
  })
  const { summary, replies } = await call(await connect())
  assert.ok(asked > 0)
  assert.equal(replies.length, 1)
  assert.equal(summary.ok, 1)
  assert.equal(summary.duplicates, 1)
})

test('call reports an answer of a node that was not asked and does not count it', async () => {
  await addNode('a', healthy)
  await addNode('liar', healthy)
  const connector = bus.connector({ identity: 'spy', pid: 1 })
  await connector.connect()
  const security = scheme()
  connector.subscribe({ kind: 'directed', collective: COLLECTIVE, identity: 'b' }, ({ bytes }) => {
    const opened = security.decodeRequest(bytes)
    const { id: requestId, agent, replyTo } = opened.request
    const reply = security.encodeReply({ requestId, sender: 'liar', agent, sentAtMs: 0, body: ok }, opened)
    void connector.publish({ kind: 'reply', address: replyTo as string }, reply, { ttlMs: 1000 })
  })
  const { summary, replies } = await call(await connect(), { nodes: ['a', 'b'] })
  assert.deepEqual(summary.unexpected, ['liar'])
  assert.deepEqual(summary.noResponse, ['b'])
  assert.deepEqual(replies.map((r) => [r.sender, r.expected]).sort(), [
    ['a', true],
    ['liar', false],
  ])
})

test('call counts forged replies as rejected and waits on', async () => {
  await addNode('a', healthy)
  const connector = bus.connector({ identity: 'forger', pid: 1 })
  await connector.connect()
  const security = scheme()
  const forger = scheme('another key entirely')
  connector.subscribe({ kind: 'broadcast', collective: COLLECTIVE, agent: 'rpcutil' }, ({ bytes }) => {
    const opened = security.decodeRequest(bytes)
    const { id: requestId, agent, replyTo } = opened.request
    const reply = forger.encodeReply({ requestId, sender: 'a', agent, sentAtMs: 0, body: ok }, opened)
    void connector.publish({ kind: 'reply', address: replyTo as string }, reply, { ttlMs: 1000 })
  })
  const { summary } = await call(await connect())
  assert.equal(summary.ok, 1)
  assert.equal(summary.rejected, 1)
  assert.match(summary.rejectedReason ?? '', /key/)
})

test('call counts failures and refusals apart', async () => {
  await addNode('a', healthy)
  const refuse: ReplyBody = { kind: 'rpc', statusCode: 1, statusMessage: 'no', data: {}, refused: 'unauthorized' }
  await addNode('b', (r) => (r.body.kind === 'rpc' ? refuse : healthy(r)))
  const fail: ReplyBody = { kind: 'rpc', statusCode: 1, statusMessage: 'broken', data: {} }
  await addNode('c', (r) => (r.body.kind === 'rpc' && r.agent === 'rpcutil' ? fail : healthy(r)))
  const { summary } = await call(await connect({ useRoster: false }))
  assert.deepEqual([summary.ok, summary.failed, summary.refused], [1, 1, 1])
})

test('a directed request names the nodes it is for inside its authenticated bytes', async () => {
  const seen: Request[] = []
  for (const node of ['a', 'b']) {
    await addNode(node, (r) => {
      if (r.agent === 'rpcutil') seen.push(r)
      return healthy(r)
    })
  }
  await call(await connect(), { nodes: ['a', 'b'] })
  assert.deepEqual(
    seen.map((r) => r.filter.identities),
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  )
})

test('call with plain identities alone addresses them directly; with a fact beside it it asks everyone [B-001]', async () => {
  const seen: Request[] = []
  await addNode('a', (r) => {
    seen.push(r)
    return healthy(r)
  })
  const client = await connect({ useRoster: false })
  const direct = await call(client, { filter: { identities: ['a'] } })
  assert.equal(direct.summary.discovery, 'named')
  assert.equal(seen.length, 1)
  const filter: Partial<Filter> = { identities: ['a'], facts: [{ fact: 'x', operator: '==', value: 'y' }] }
  await call(client, { filter })
  assert.deepEqual(seen.at(-1)?.filter.facts.length, 1)
})

test('batches run one after the other with one request id, and stop lists who was never addressed [B-003]', async () => {
  const ids = new Set<string>()
  for (const node of ['a', 'b', 'c', 'd']) {
    await addNode(node, (r) => {
      if (r.agent === 'rpcutil') ids.add(r.id)
      return healthy(r)
    })
  }
  const client = await connect({ useRoster: false })
  const whole = await call(client, { nodes: ['a', 'b', 'c', 'd'], batch: 2, batchSleepSeconds: 3 })
  assert.equal(whole.summary.ok, 4)
  assert.equal(ids.size, 1)
  assert.ok(whole.tookMs >= 3000 && whole.tookMs < 4000, 'sleeps between groups only')
  const handle = client.agent('rpcutil').call('ping', {}, { nodes: ['a', 'b', 'c', 'd'], batch: '50%' })
  handle.stop()
  const summary = await finish(handle.summary)
  assert.equal(summary.ok + summary.notAddressed.length, 4)
  assert.ok(summary.notAddressed.length >= 2)
})

test('limit addresses only so many of the nodes found and expects no others', async () => {
  for (const node of ['a', 'b', 'c']) await addNode(node, healthy)
  const client = await connect()
  assert.equal((await call(client, { limit: 1 })).summary.targeted, 1)
  assert.equal((await call(client, { limit: '50%' })).summary.targeted, 1)
})

test('an aborted call ends at once with what has arrived', async () => {
  await addNode('a', healthy)
  await addNode('keeper', rosterOf(['a', 'dead']))
  const abort = new AbortController()
  const client = await connect()
  const handle = client.agent('rpcutil').call('ping', {}, { signal: abort.signal })
  for await (const reply of handle) {
    assert.equal(reply.sender, 'a')
    abort.abort()
  }
  const summary = await handle.summary
  assert.equal(summary.interrupted, true)
  assert.deepEqual([summary.ok, summary.noResponse], [1, ['dead']])
})

test('a call without results ends when the request is sent and asks for no reply', async () => {
  const seen: Request[] = []
  await addNode('a', (r) => {
    seen.push(r)
    return healthy(r)
  })
  const { summary } = await call(await connect(), { processResults: false })
  await setImmediate()
  assert.equal(summary.discovery, 'none')
  assert.equal(seen[0]?.replyTo, null)
})

test('discover gives only nodes that answered [B-002]', async () => {
  await addNode('a', healthy)
  const client = await connect()
  const { nodes } = await finish(client.discover({ filter: { ...EMPTY_FILTER, identities: ['a', 'ghost'] } }).result)
  assert.deepEqual(nodes, ['a'])
})

test('a filter with an unknown data plugin is refused before anything is sent [cli 4.4]', async () => {
  const client = await connect()
  const test = { source: 'nope', query: null, output: 'x', operator: '==', value: '1' } as const
  const { summary } = client.agent('rpcutil').call('ping', {}, { filter: { compounds: [[{ kind: 'data', test }]] } })
  await assert.rejects(summary, /Can't find DDL for data plugin 'nope_data'/)
  assert.equal(bus.published.length, 0)
})

test('a filter that no node would take is refused before anything is sent', async () => {
  const client = await connect()
  const many = Array.from({ length: 3_000 }, (_, i) => `class${i}`)
  const big = Array.from({ length: 100 }, () => `/${'x'.repeat(900)}/`)
  for (const filter of [{ classes: many }, { identities: big }, { classes: [null as never] }]) {
    const { summary } = client.agent('rpcutil').call('ping', {}, { filter })
    await assert.rejects(summary, (e) => isTroupeError(e, 'MESSAGE_INVALID') && e.message.includes('filter'))
  }
  assert.equal(bus.published.length, 0)
})

test('an unknown collective or action is refused before anything is sent', async () => {
  const client = await connect()
  assert.throws(
    () => client.agent('rpcutil').call('foo'),
    (e) => isTroupeError(e, 'DDL_UNKNOWN_ACTION'),
  )
  await assert.rejects(
    client.agent('rpcutil').call('ping', {}, { collective: 'nope' }).summary,
    (e) => isTroupeError(e, 'USAGE_UNKNOWN_COLLECTIVE') && /known collectives are 'mcollective'/.test(e.message),
  )
})

const failing: Answer = (request) =>
  request.body.kind === 'text' ? healthy(request) : { kind: 'rpc', statusCode: 1, statusMessage: 'no', data: {} }

test('maxFailures begins no further group once so many failed, and lists who was never addressed', async () => {
  for (const node of ['b', 'c']) await addNode(node, failing)
  for (const node of ['a', 'd', 'e']) await addNode(node, healthy)
  const client = await connect()
  const nodes = ['a', 'b', 'c', 'd', 'e']
  const two = await call(client, { nodes, batch: 1, maxFailures: 2 })
  assert.deepEqual([two.summary.ok, two.summary.failed, two.summary.stoppedAfterFailures], [1, 2, 2])
  assert.deepEqual(two.summary.notAddressed, ['d', 'e'])
  assert.equal(two.summary.interrupted, false)
  const percent = await call(client, { nodes, batch: 1, maxFailures: '20%' })
  assert.deepEqual(percent.summary.notAddressed, ['c', 'd', 'e'])
  const enough = await call(client, { nodes, batch: 1, maxFailures: 3 })
  assert.deepEqual([enough.summary.ok, enough.summary.notAddressed], [3, []])
  assert.equal(enough.summary.stoppedAfterFailures, undefined)
  const last = await call(client, { nodes: ['a', 'b'], batch: 1, maxFailures: 1 })
  assert.equal(last.summary.stoppedAfterFailures, undefined, 'nobody was left out')
})

test('maxFailures lets the group that is running end, and counts nodes that do not answer', async () => {
  await addNode('a', failing)
  for (const node of ['b', 'c', 'd']) await addNode(node, healthy)
  const client = await connect()
  const group = await call(client, { nodes: ['a', 'b', 'c', 'd'], batch: 2, maxFailures: 1 })
  assert.deepEqual([group.summary.ok, group.summary.failed], [1, 1])
  assert.deepEqual(group.summary.notAddressed, ['c', 'd'])
  const silent = await call(client, { nodes: ['dead', 'b', 'c'], batch: 1, maxFailures: 1, timeoutSeconds: 1 })
  assert.deepEqual([silent.summary.noResponse, silent.summary.notAddressed], [['dead'], ['b', 'c']])
  assert.equal(silent.summary.stoppedAfterFailures, 1)
})

test('maxFailures without groups is refused: everybody would be addressed before the first answer', async () => {
  await addNode('a', healthy)
  const client = await connect()
  await assert.rejects(finish(client.agent('rpcutil').call('ping', {}, { maxFailures: 1 }).summary), (error) =>
    isTroupeError(error, 'USAGE_CONFLICT'),
  )
})

test('onEvent hears what nodes say while they work, and only then are they asked to', async () => {
  const listening: unknown[] = []
  const node = bus.connector({ identity: 'a', pid: 2 })
  await node.connect()
  node.subscribe({ kind: 'directed', collective: COLLECTIVE, identity: 'a' }, ({ bytes }) => {
    const opened = scheme().decodeRequest(bytes)
    const { id: requestId, agent, replyTo, body } = opened.request
    if (body.kind !== 'rpc' || replyTo === null) return
    listening.push(body.wantsProgress)
    const say = (afterMs: number, said: ReplyBody): void => {
      const reply = { requestId, sender: 'a', agent, sentAtMs: 0, body: said }
      const sealed = scheme().encodeReply(reply, opened)
      clock.after(afterMs, () => void node.publish({ kind: 'reply', address: replyTo }, sealed, { ttlMs: 60_000 }))
    }
    if (body.wantsProgress) say(1_000, { kind: 'progress', text: 'half', percent: 50 })
    say(5_000, ok)
    if (body.wantsProgress) say(5_010, { kind: 'progress', text: 'too late' })
  })
  const client = await connect()
  const events: CallEvent[] = []
  const heard = await call(client, { nodes: ['a'], onEvent: (event) => events.push(event) })
  assert.deepEqual(
    events.map(({ elapsedMs, ...event }) => [event, elapsedMs >= 1_000 && elapsedMs < 1_100]),
    [[{ kind: 'progress', sender: 'a', text: 'half', percent: 50 }, true]],
  )
  // What it said was a sign of life: it is waited for beyond the discovery time, although it answers no probe.
  assert.deepEqual([heard.summary.ok, heard.replies.length, heard.summary.rejected], [1, 1, 0])
  const unheard = await call(client, { nodes: ['a'] })
  assert.deepEqual(unheard.summary.noResponse, ['a'])
  assert.deepEqual(listening, [true, undefined])
})

test('onEvent hears no node that was not asked, and none without end', async () => {
  const client = await connect()
  const events: CallEvent[] = []
  const node = bus.connector({ identity: 'a', pid: 2 })
  await node.connect()
  node.subscribe({ kind: 'directed', collective: COLLECTIVE, identity: 'a' }, ({ bytes }) => {
    const opened = scheme().decodeRequest(bytes)
    const { id: requestId, agent, replyTo } = opened.request
    if (replyTo === null || opened.request.body.kind !== 'rpc') return
    const say = (sender: string, body: ReplyBody): void => {
      const sealed = scheme().encodeReply({ requestId, sender, agent, sentAtMs: 0, body }, opened)
      void node.publish({ kind: 'reply', address: replyTo }, sealed, { ttlMs: 60_000 })
    }
    say('stranger', { kind: 'progress', text: 'hello' })
    for (let i = 0; i < PROGRESS_EVENTS_MAX + 5; i++) say('a', { kind: 'progress', text: `${i}` })
    say('a', ok)
  })
  const { summary } = await call(client, { nodes: ['a'], onEvent: (event) => events.push(event) })
  assert.deepEqual([summary.ok, summary.unexpected, events.length], [1, [], PROGRESS_EVENTS_MAX])
  assert.ok(events.every(({ sender }) => sender === 'a'))
})

test('onGroup is awaited before each group is addressed; rejecting ends the call before that group', async () => {
  const asked: string[] = []
  const seen =
    (node: string): Answer =>
    (request) => {
      if (request.agent === 'rpcutil') asked.push(node)
      return healthy(request)
    }
  for (const node of ['a', 'b', 'c']) await addNode(node, seen(node))
  const client = await connect()
  const before: string[] = []
  const onGroup = (nodes: readonly string[]): void => {
    before.push(`${nodes} after ${asked}`)
  }
  await call(client, { nodes: ['a', 'b', 'c'], batch: 2, onGroup })
  assert.deepEqual(before, ['a,b after ', 'c after a,b'])
  asked.length = 0
  const full = async (): Promise<void> => {
    throw new Error('the disk is full')
  }
  const broken = client.agent('rpcutil').call('ping', {}, { nodes: ['a', 'b'], onGroup: full })
  await assert.rejects(finish(broken.summary), /the disk is full/)
  assert.deepEqual(asked, [])
  const stop = (): void => stopping.stop()
  const stopping: CallHandle<object> = client.agent('rpcutil').call('ping', {}, { nodes: ['a', 'b'], onGroup: stop })
  const summary = await finish(stopping.summary)
  assert.deepEqual([summary.notAddressed, asked], [['a', 'b'], []])
})
