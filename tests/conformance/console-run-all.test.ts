// Puppet on all, as a job of the console: every run is waited for, what came of it is the node's line, and failed runs count. The nodes' Puppet
// is made of data. [live 5, B-025; cli 8.11]

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Job, JobResult } from '../../src/console/api/jobs.ts'
import {
  PATHS,
  type RunTimes,
  reportText,
  runsPuppet,
  summaryText,
  type TestMachine,
} from '../../src/puppet/agent/test-machine.ts'
import { type Asker, startConsole, type TestConsole } from './console.ts'

let troupe: TestConsole
let alice: Asker
before(async () => {
  troupe = await startConsole({ nodes: 5, live: { puppetSeconds: 0 } })
  alice = await troupe.signedIn('alice', 'operator')
  for (let tries = 0; troupe.live.nodes.countOf('puppet') !== 5 && tries < 200; tries++) {
    await wait(50)
    await troupe.live.nodes.refresh()
  }
})
after(() => troupe.stop())

const QUICK = { loadMs: 50, applyMs: 300 }
const failure = { resource: 'File[/etc/motd]', property: 'ensure', old: 'absent', new: 'file' }
const RUNS: readonly RunTimes[] = [
  { ...QUICK, summary: (at) => summaryText(at, 'changed: 3\n  total: 42') },
  { ...QUICK, summary: (at) => summaryText(at, 'changed: 0\n  total: 42') },
  {
    ...QUICK,
    summary: (at) => summaryText(at, 'changed: 2\n  failed: 1\n  total: 42'),
    report: (atMs) => reportText(atMs, 'failed', [{ ...failure, status: 'failure', message: 'is a directory' }]),
  },
  { ...QUICK, summary: (at) => summaryText(at, 'changed: 0\n  out_of_sync: 4\n  total: 42') },
]

function prepare(): readonly string[] {
  for (const [index, { puppet }] of troupe.nodes.entries()) {
    for (const path of [PATHS.disabled, PATHS.running, PATHS.report]) puppet.files.delete(path)
    puppet.processes.clear()
    const times = RUNS[index]
    if (times) runsPuppet(puppet, troupe.clock, () => times)
    else puppet.onStart = (argv) => runsForEver(puppet, argv)
  }
  return troupe.nodes.map(({ identity }) => identity)
}

function runsForEver(puppet: TestMachine, argv: readonly string[]): void {
  puppet.processes.set(77, ['/usr/bin/ruby', ...argv])
  puppet.write(PATHS.running, '77')
}

const start = async (nodes: readonly string[], more: object = {}): Promise<Job> => {
  const job = { kind: 'runall', concurrency: 5, inputs: {}, nodes, ...more }
  const { status, body, text } = await alice.post('/api/jobs', job)
  assert.equal(status, 200, text)
  return body
}
const linesOf = async ({ id }: Job): Promise<Map<string, JobResult>> => {
  const { results } = (await alice.get(`/api/jobs/${id}/results`)).body as { results: JobResult[] }
  return new Map(results.map((one) => [one.node, one]))
}
const jobOf = async ({ id }: Job): Promise<Job> => (await alice.get(`/api/jobs/${id}`)).body

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await what()); tries++) {
    if (tries > 300) throw new Error('it does not come to that')
    await wait(50)
  }
}

test('runall: every node says what came of its run; the numbers are those of the run that was started', async () => {
  const nodes = prepare().slice(0, 4)
  const job = await start(nodes)
  await troupe.live.jobs.ended(job.id)
  const { counts, state } = await jobOf(job)
  assert.deepEqual([state, counts.ok, counts.failed, counts.waiting], ['done', 3, 1, 0])
  const lines = await linesOf(job)
  const said = nodes.map((node) => [lines.get(node)?.outcome, lines.get(node)?.message])
  assert.deepEqual(said, [
    ['ok', 'changed: 3 of 42 resources'],
    ['ok', 'unchanged: 42 resources'],
    ['failed', 'failed: 1 of 42 resources, 2 changed: File[/etc/motd]: is a directory'],
    ['ok', 'would change: 4 of 42 resources'],
  ])
  const data = lines.get(nodes[2] ?? '')?.data as { run: string; failed_resources: number }
  assert.deepEqual([data.run, data.failed_resources], ['failed', 1])
  assert.ok((lines.get(nodes[0] ?? '')?.elapsedMs ?? 0) > 0)
})

test('runall: the console knows the run and has its report as soon as the job has ended', async () => {
  const [, , failing = ''] = prepare()
  const job = await start([failing])
  await troupe.live.jobs.ended(job.id)
  await until(async () => (await troupe.store.reports.list(failing, {})).some(({ outcome }) => outcome === 'failed'))
  assert.equal(troupe.live.nodes.lastRun(failing)?.outcome, 'failed')
})

test('runall: runs that failed count for maxFailures; who had no turn is not addressed', async () => {
  const [one = '', two = '', failing = '', four = ''] = prepare()
  const job = await start([failing, one, two, four], { concurrency: 1, maxFailures: 1 })
  await troupe.live.jobs.ended(job.id)
  const { counts, state, stopReason } = await jobOf(job)
  assert.deepEqual([state, counts.failed, counts.notAddressed], ['stopped', 1, 3])
  assert.equal(stopReason, 'too many nodes failed: no further run was started')
})

test('runall: a run in progress is waiting and says so; stopped once it is waited for, stopped twice its end is unknown', async () => {
  const [one = '', two = '', , , slow = ''] = prepare()
  const job = await start([slow, one, two], { concurrency: 1 })
  await until(async () => (await linesOf(job)).get(slow)?.message === 'Puppet is running')
  await until(async () => /^\d+ are running: waiting/.test((await jobOf(job)).latest?.text ?? ''))
  await alice.post(`/api/jobs/${job.id}/stop`, {})
  await until(async () => /^running for \d+ s; 1 running, 0 of 3 over$/.test((await jobOf(job)).latest?.text ?? ''))
  assert.equal((await jobOf(job)).state, 'running')
  await alice.post(`/api/jobs/${job.id}/stop`, {})
  await troupe.live.jobs.ended(job.id)
  const { counts, state } = await jobOf(job)
  assert.deepEqual([state, counts.unknown, counts.notAddressed], ['stopped', 1, 2])
  assert.equal((await linesOf(job)).get(slow)?.message, 'still running when waiting was ended')
})
