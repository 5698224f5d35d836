import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ManualClock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import { JOB_ANSWERS_AT_ONCE, JOB_UNWRITTEN_CHARACTERS_MAX } from '#base/limits.ts'
import { silentLog } from '#base/log.ts'
import type { JobRecord } from '#store/job-records.ts'
import { openStore } from '#store/open-store.ts'
import type { Store } from '#store/store.ts'
import { createRunningJob, type RunningJob } from './running-job.ts'

let store: Store
const clock = new ManualClock(1_000)
before(async () => {
  store = await openStore({ url: 'sqlite::memory:', clock, log: silentLog })
})
after(() => store.close())

const KEYS = { group: 'g', normalisedGroup: 'n' }

interface Full {
  readonly job: RunningJob
  readonly told: (JobRecord | undefined)[]
  readonly problems: (string | undefined)[]
  readonly ending: AbortController
  full: boolean
}

/** A job on two nodes whose store has no room as long as `full`. */
async function jobOnFullStore(code: 'STORE_FULL' | 'STORE_CONFLICT' = 'STORE_FULL'): Promise<Full> {
  const id = store.newId()
  const common = { kind: 'call', title: 't', agent: 'a', action: 'b', command: 'c', account: 'alice' } as const
  const record = await store.jobs.insert({ id, ...common, inputs: {}, startedAtMs: 1 }, ['n1', 'n2'])
  const ending = new AbortController()
  const refuse = async (): Promise<void> => {
    if (made.full) throw new TroupeError(code, '/var/lib/x/console.db: database or disk is full')
  }
  const jobs: Store['jobs'] = {
    ...store.jobs,
    addResults: (...args) => refuse().then(() => store.jobs.addResults(...args)),
    settleWaiting: (...args) => refuse().then(() => store.jobs.settleWaiting(...args)),
    update: (...args) => refuse().then(() => store.jobs.update(...args)),
  }
  const told: Full['told'] = []
  const problems: Full['problems'] = []
  const job = createRunningJob({
    ...{ record, nodes: ['n1', 'n2'], store: { jobs }, clock, log: silentLog, keysOf: () => KEYS },
    tell: (now) => void told.push(now),
    onStore: (problem) => void problems.push(problem),
    giveUp: ending.signal,
  })
  const made: Full = { job, told, problems, ending, full: true }
  return made
}

/** Time passes until the job has ended or `rounds` are over. */
async function pass(ended: Promise<void>, rounds = 30): Promise<boolean> {
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  for (let round = 0; round < rounds && !isOver; round++) {
    clock.advance(1_000)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  return isOver
}

test('createRunningJob on a full store: keeps what it hears, says so, and writes all of it when there is room', async () => {
  const made = await jobOnFullStore()
  const { job, told, problems } = made
  await job.run.markSent(['n1', 'n2'])
  void job.run.result({ node: 'n1', outcome: 'ok', data: { pong: 1 } })
  const ended = job.end()
  assert.equal(await pass(ended), false, 'it does not end without having written')
  assert.match(
    told.at(-1)?.problem ?? '',
    /^the console cannot write what it keeps: .* \(STORE_FULL\); answers are kept/,
  )
  assert.doesNotMatch(told.at(-1)?.problem ?? '', /var\/lib/, 'files are for the log')
  made.full = false
  assert.equal(await pass(ended), true)
  const record = await store.jobs.get(job.record().id)
  assert.deepEqual(
    [record?.state, record?.counts.ok, record?.counts.noResponse, record?.problem],
    ['done', 1, 1, undefined],
  )
  assert.equal(problems.at(-1), undefined)
})

test('createRunningJob on a full store: when the console ends, the next start finds what is not known', async () => {
  const { job, ending } = await jobOnFullStore()
  await job.run.markSent(['n1'])
  void job.run.result({ node: 'n1', outcome: 'ok' })
  const ended = job.end()
  await pass(ended, 12)
  ending.abort()
  assert.equal(await pass(ended), true)
  assert.equal(job.record().state, 'interrupted')
  const [lost] = await store.jobs.interrupted(clock.now())
  assert.deepEqual([lost?.counts.unknown, lost?.counts.notAddressed], [1, 1])
})

test('createRunningJob: what will never be written is given up', async () => {
  const { job } = await jobOnFullStore('STORE_CONFLICT')
  void job.run.result({ node: 'n1', outcome: 'ok' })
  assert.equal(await pass(job.end(), 60), true)
  assert.equal(job.record().state, 'interrupted')
})

test('createRunningJob on a full store: of more than there is room for the outcomes are kept', async () => {
  const made = await jobOnFullStore()
  const { job } = made
  const data = 'x'.repeat(JOB_UNWRITTEN_CHARACTERS_MAX / 2)
  for (const node of ['n1', 'n2']) await job.run.result({ node, outcome: 'failed', data })
  made.full = false
  assert.equal(await pass(job.end()), true)
  const { results } = await store.jobs.results(job.record().id, {})
  assert.deepEqual(
    results.map(({ outcome, message, data: kept }) => [outcome, message, kept]),
    ['n1', 'n2'].map(() => ['failed', 'its answer is lost: the console could not write it down in time', undefined]),
  )
})

test('createRunningJob: many answers are written without waiting for the time to tell of them', async () => {
  const made = await jobOnFullStore()
  made.full = false
  const { job, told } = made
  await job.run.markSent(['n1', 'n2'])
  void job.run.result({ node: 'n1', outcome: 'ok' })
  await pass(new Promise(() => {}), 1)
  const before = told.length
  for (let i = 0; i < JOB_ANSWERS_AT_ONCE; i++) void job.run.result({ node: `other${i}`, outcome: 'ok' })
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal((await store.jobs.get(job.record().id))?.counts.ok, 1 + JOB_ANSWERS_AT_ONCE)
  assert.ok(told.length <= before + 1, 'told no oftener than that')
  assert.equal(await pass(job.end()), true)
  assert.equal(job.record().counts.ok, 1 + JOB_ANSWERS_AT_ONCE)
})
