// How quick the console's store is with many jobs of a large fleet: `node bench/store.ts sqlite:/tmp/x/store.db [jobs] [nodes]`, or a postgres:// url
// of an empty database. Not part of `npm run bench`, which has no PostgreSQL. Figures of a run are in docs/decisions/0010-store.md.

import { statSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { NewResult } from '#store/job-records.ts'
import { openStore } from '#store/open-store.ts'

const [url = 'sqlite::memory:', jobCount = '100', nodeCount = '10000'] = process.argv.slice(2)
const store = await openStore({ url, clock: systemClock, log: silentLog })
const nodes = Array.from({ length: Number(nodeCount) }, (_, index) => `node${index}.example.com`)
const delay = monitorEventLoopDelay({ resolution: 1 })

function say(what: string, ms: number, rows?: number): void {
  const rate = rows === undefined ? '' : `${Math.round(rows / (ms / 1000)).toLocaleString('en')} rows/s`
  process.stdout.write(`${what.padEnd(46)} ${ms.toFixed(1).padStart(9)} ms  ${rate}\n`)
}

async function timed<T>(what: string, work: () => Promise<T>, rows?: number): Promise<T> {
  delay.reset()
  delay.enable()
  await new Promise((resolve) => setTimeout(resolve, 5))
  const startedAt = performance.now()
  const answer = await work()
  const ms = performance.now() - startedAt
  // The delay is told at the next turn.
  await new Promise((resolve) => setTimeout(resolve, 5))
  delay.disable()
  say(`${what} (longest hold-up ${(delay.max / 1e6).toFixed(0)} ms)`, ms, rows)
  return answer
}

/** Every tenth job has answers that all differ; in the others they are one of five. */
function answer(job: number, index: number): unknown {
  const kind = job % 10 === 0 ? index : index % 5
  return { status: 'running', kind, output: `Active: active (running) since ${kind}\n`.repeat(8) }
}

async function oneJob(number: number): Promise<string> {
  const id = store.newId()
  const [agent, action] = ['service', number % 3 ? 'status' : 'restart']
  await store.jobs.insert(
    {
      ...{ id, kind: 'call', title: `${agent} ${action}`, agent, action, inputs: { service: 'sshd' } },
      ...{ account: `user${number % 7}`, startedAtMs: Date.now(), command: `mco rpc service ${action} service=sshd` },
    },
    nodes,
  )
  await store.jobs.markSent(id, nodes)
  for (let from = 0; from < nodes.length; from += 500) {
    const results = nodes.slice(from, from + 500).map((node, at): NewResult => {
      const key = `g${number % 10 === 0 ? from + at : at % 5}`
      return {
        ...{ node, outcome: at % 97 === 0 ? 'failed' : 'ok', statusCode: 0, message: 'OK', elapsedMs: at },
        ...{ group: key, normalisedGroup: 'g', atMs: Date.now(), data: answer(number, from + at) },
      }
    })
    await store.jobs.addResults(id, results)
  }
  await store.jobs.settleWaiting(id, Date.now())
  await store.jobs.update(id, { state: 'done', endedAtMs: Date.now() })
  return id
}

const rows = Number(jobCount) * nodes.length
const ids: string[] = []
await timed(
  `${jobCount} jobs with ${nodes.length} nodes`,
  async () => {
    for (let job = 0; job < Number(jobCount); job += 1) ids.push(await oneJob(job))
  },
  rows,
)
const [different, last] = [ids[0]!, ids.at(-1)!]
await timed('a job: targets, sent, answers that differ', () => oneJob(0), nodes.length)
await timed('a job: targets, sent, answers of five kinds', () => oneJob(1), nodes.length)
await timed('list of 50 jobs', () => store.jobs.list({}))
await timed('list of 50 jobs by text', () => store.jobs.list({ text: 'RESTART' }))
await timed('list of 50 jobs by a node none of them has', () => store.jobs.list({ node: 'nobody' }))
await timed('groups, five', () => store.jobs.groups(last, { normalised: false }))
await timed('groups, all different', () => store.jobs.groups(different, { normalised: false }))
await timed('page of 100 results', () => store.jobs.results(last, { limit: 100, after: 'node5' }))
await timed('page of 1,000 results that differ', () => store.jobs.results(different, { limit: 1_000 }))
await timed('page of 100 failed', () => store.jobs.results(last, { limit: 100, outcomes: ['failed'] }))
await timed('names of all nodes of a job', () => store.jobs.nodesOf(last), nodes.length)
await timed(
  'reports of all nodes',
  () =>
    store.reports.add(
      nodes.map((node) => ({
        ...{ node, atMs: Date.now(), outcome: 'changed' as const, changed: 1, failed: 0, outOfSync: 1, total: 300 },
        ...{ seconds: 12.5, report: { events: [answer(0, 1)], logs: [answer(0, 2)] } },
      })),
    ),
  nodes.length,
)
const known = nodes.map((name) => ({ name, state: 'answering', lastSeenMs: 1, detail: { facts: answer(0, 1) } }))
await timed('what is known of all nodes, written', () => store.nodes.put(known), nodes.length)
await timed('what is known of all nodes, read', () => store.nodes.all(), nodes.length)
if (url.startsWith('sqlite:/')) say('size of the file, kB', statSync(url.slice(7)).size / 1024)
await timed('purge of all jobs', () => store.purge(Date.now() + 864e5 * 2, { jobs: 1, audit: 9, reports: 9 }), rows)
if (url.startsWith('sqlite:/')) say('size of the file after it, kB', statSync(url.slice(7)).size / 1024)
await store.close()
