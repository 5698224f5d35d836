import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ManualClock } from '#base/clock.ts'
import { PROGRESS_EVENTS_MAX, PROGRESS_TEXT_LENGTH_MAX } from '#base/limits.ts'
import type { ProgressBody, ReplyBody } from '#message/reply.ts'
import type { RequestBody } from '#message/request.ts'
import type { Agent, Call } from '#rpc/agent.ts'
import { createProgressReports } from './progress-reports.ts'
import { agentDdl, startTestNode } from './test-node.ts'

function reporting(send: (report: ProgressBody) => Promise<void> = async () => {}) {
  const clock = new ManualClock()
  const sent: ProgressBody[] = []
  const reports = createProgressReports(clock, (report) => {
    sent.push(report)
    return send(report)
  })
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await nextTurn()
  }
  return { reports, sent, pass, texts: () => sent.map(({ text }) => text) }
}

test('createProgressReports: the first at once, then the latest once a second', async () => {
  const { reports, texts, pass } = reporting()
  for (const text of ['one', 'two', 'three']) reports.report(text)
  await pass(999)
  assert.deepEqual(texts(), ['one'])
  await pass(1)
  assert.deepEqual(texts(), ['one', 'three'])
  await pass(5000)
  reports.report('three')
  assert.deepEqual(texts(), ['one', 'three'], 'nothing new')
  reports.report('four')
  assert.deepEqual(texts(), ['one', 'three', 'four'])
})

test('createProgressReports: one line, cut to size, with a percentage that is one', async () => {
  const { reports, sent, pass } = reporting()
  reports.report(` a\n\tb${'x'.repeat(1000)}`, 140)
  assert.deepEqual(sent[0], { kind: 'progress', text: `a b${'x'.repeat(PROGRESS_TEXT_LENGTH_MAX - 3)}`, percent: 100 })
  await pass(1000)
  reports.report('b', Number.NaN)
  assert.deepEqual(sent[1], { kind: 'progress', text: 'b' })
  reports.report(undefined as unknown as string)
  reports.report(' \n ')
  await pass(1000)
  assert.equal(sent.length, 2)
})

test('createProgressReports: waits for the one before, and a broken connection breaks nothing', async () => {
  const gates: PromiseWithResolvers<void>[] = []
  const { reports, texts, pass } = reporting(() => {
    const gate = Promise.withResolvers<void>()
    gates.push(gate)
    return gate.promise
  })
  reports.report('one')
  reports.report('two')
  await pass(10_000)
  reports.report('three')
  assert.deepEqual(texts(), ['one'], 'the first has not left yet')
  gates[0]?.reject(new Error('the connection is down'))
  await pass(0)
  assert.deepEqual(texts(), ['one', 'three'])
})

test('createProgressReports: says nothing once closed, and no more than a request may cause', async () => {
  const { reports, sent, pass } = reporting()
  for (let i = 0; i < PROGRESS_EVENTS_MAX + 10; i++) {
    reports.report(`step ${i}`)
    await pass(1000)
  }
  assert.equal(sent.length, PROGRESS_EVENTS_MAX)
  const other = reporting()
  other.reports.report('one')
  other.reports.report('two')
  other.reports.close()
  await other.pass(5000)
  other.reports.report('three')
  assert.deepEqual(other.texts(), ['one'])
})

/** An agent whose action says two things, and a third when its answer has long been sent. */
function talker() {
  const late: Call['progress'][] = []
  const agent: Agent = {
    ddl: agentDdl('echo', ['work']),
    actions: {
      work: async ({ progress }) => {
        progress('half of it', 50)
        await nextTurn()
        progress('all of it', 100)
        late.push(progress)
        return { done: true }
      },
    },
  }
  return { agent, late }
}
const WORK = { kind: 'rpc', action: 'work', data: {}, processResults: true } as const
const DONE: ReplyBody = { kind: 'rpc', statusCode: 0, statusMessage: 'OK', data: { done: true } }

test('an action reports to a caller who listens, before its reply and never after it', async () => {
  const { agent, late } = talker()
  const node = await startTestNode({ agents: { echo: agent } })
  const { answers } = await node.ask({ ...WORK, wantsProgress: true })
  late[0]?.('afterwards')
  node.clock.advance(10_000)
  await node.settle()
  assert.deepEqual(answers(), [{ kind: 'progress', text: 'half of it', percent: 50 }, DONE])
  assert.equal(node.daemon.stats().replies, 1, 'reports are no replies')
  await node.stop()
})

test('an action reports nothing to callers who do not listen: they would not know what it is', async () => {
  const { agent } = talker()
  const node = await startTestNode({ agents: { echo: agent } })
  const bodies: RequestBody[] = [WORK, { ...WORK, wantsProgress: false }]
  for (const body of bodies) assert.deepEqual((await node.ask(body)).answers(), [DONE])
  const quiet = await node.ask({ ...WORK, processResults: false, wantsProgress: true })
  assert.deepEqual(quiet.answers(), [])
  await node.stop()
})
