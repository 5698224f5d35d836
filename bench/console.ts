// 10,000 nodes and the web console: what a job by the API costs over the client library, and when a browser has its answers on the screen. Console,
// broker, nodes, client and browser are processes of their own. What needs no answers is console-pages.ts. [issue: speed of the console]

import { mkdirSync } from 'node:fs'
import type { Job, JobGroups } from '#console/api/jobs.ts'
import type { TimedCall } from './calling-client.ts'
import { type BenchBrowser, type FleetRun, openBenchBrowser } from './console-browser.ts'
import { type ConsoleFleet, startConsoleFleet } from './console-fleet.ts'
import { type BenchContext, type Profiled, type Result, type Row, row } from './measurement.ts'
import { cpuMsOf, memoryOf } from './process-memory.ts'
import { topOfProfile } from './profile-summary.ts'
import { profilesOf } from './program.ts'
import { medianRatio } from './statistics.ts'

const PROFILE_ENTRIES = 14

export async function measure(context: BenchContext): Promise<Result> {
  const count = context.quick ? 1000 : 10_000
  const fleet = await startConsoleFleet(count, context)
  try {
    const rows = [...(await besideTheLibrary(fleet, context))]
    const profiles = await profile(fleet, context)
    const browser = await openBenchBrowser(fleet.access)
    try {
      rows.push(...(await pages(fleet, browser, context)))
    } finally {
      await browser.close()
    }
    rows.push(row('console RSS after all of it', 'MB', [memoryOf(fleet.console.pid).rssKb / 1024]))
    return { rows, ...(profiles ? { profiles } : {}) }
  } finally {
    await fleet.stop()
  }
}

interface JobRun {
  readonly ms: number
  readonly cpuMs: number
  readonly complete: boolean
}

/** The same call of every node by name, in turns: by the library, and by the API until the groups of its answers are here. */
async function besideTheLibrary(fleet: ConsoleFleet, { say, quick }: BenchContext): Promise<Row[]> {
  const rows: Row[] = []
  const turns = quick ? 3 : 20
  for (const [agent, action] of [
    ['rpcutil', 'ping'],
    ['puppet', 'status'],
  ] as const) {
    const [calls, jobs]: [TimedCall[], JobRun[]] = [[], []]
    const libraryCpuMs: number[] = []
    for (let turn = -1; turn < turns; turn++) {
      const cpuBefore = cpuMsOf(fleet.client.pid)
      const [call] = await fleet.client.ask<TimedCall[]>('call', { agent, action, nodes: fleet.names })
      const cpuMs = cpuMsOf(fleet.client.pid) - cpuBefore
      const job = await runJob(fleet, agent, action)
      say(
        `${agent} ${action}: library ${call!.ms.toFixed(0)} ms (${cpuMs} ms of CPU), API ${job.ms.toFixed(0)} ms (${job.cpuMs} ms of CPU)`,
      )
      // The first of each warms up.
      if (turn < 0) continue
      calls.push(call!)
      libraryCpuMs.push(cpuMs)
      jobs.push(job)
    }
    const libraryMs = calls.map(({ ms }) => ms)
    const apiMs = jobs.map(({ ms }) => ms)
    const ratio = medianRatio(apiMs, libraryMs)
    const all = fleet.names.length
    const named = `${agent} ${action} of ${all} nodes by name`
    rows.push(
      row(`${named}, client library`, 'ms', libraryMs, {
        complete: `${calls.filter(({ replies }) => replies === all).length} of ${turns}`,
      }),
      {
        ...row(`${named}, API: job, answers stored and grouped`, 'ms', apiMs, {
          complete: `${jobs.filter(({ complete }) => complete).length} of ${turns}`,
          note: `${ratio.toFixed(2)} times the library`,
        }),
        ...{ target: '<= 1.2 times', met: ratio <= 1.2 },
      },
      row('CPU time of the client for it', 'ms', libraryCpuMs),
      row(
        'CPU time of the console for it',
        'ms',
        jobs.map(({ cpuMs }) => cpuMs),
      ),
    )
  }
  return rows
}

async function runJob({ access, names, console }: ConsoleFleet, agent: string, action: string): Promise<JobRun> {
  const cpuBefore = cpuMsOf(console.pid)
  const startedAt = performance.now()
  const job: Job = await access.run({ kind: 'call', agent, action, inputs: {}, nodes: names })
  const { groups } = await access.ask<JobGroups>('GET', `/api/jobs/${job.id}/groups`)
  const ms = performance.now() - startedAt
  const inGroups = groups.reduce((sum, { nodes }) => sum + nodes.count, 0)
  return {
    ...{ ms, cpuMs: cpuMsOf(console.pid) - cpuBefore },
    complete: job.counts.ok === names.length && inGroups === names.length,
  }
}

async function pages(fleet: ConsoleFleet, browser: BenchBrowser, { say, quick }: BenchContext): Promise<Row[]> {
  const all = fleet.names.length
  const page = await browser.open()
  const runs: (FleetRun & { readonly afterLastMs: number })[] = []
  for (let turn = 0; turn < (quick ? 2 : 8); turn++) {
    const run = await page.fleetStatus()
    runs.push({ ...run, afterLastMs: run.completeAtMs - (await fleet.lastReplyAtMs()) })
    say(
      `status: complete after ${run.completeMs.toFixed(0)} ms, ${runs.at(-1)?.afterLastMs.toFixed(0)} ms after the last reply`,
    )
  }
  const used = await page.memory()
  const of = (pick: (run: (typeof runs)[number]) => number): number[] => runs.map(pick)
  return [
    row(
      `status of ${all} nodes: from the click until answers are painted`,
      'ms',
      of((run) => run.firstResultMs),
    ),
    row(
      'from the click until all are',
      'ms',
      of((run) => run.completeMs),
      {
        complete: `${runs.filter(({ answered }) => answered === all).length} of ${runs.length}`,
      },
    ),
    row(
      'from the last reply of a node until all are',
      'ms',
      of((run) => run.afterLastMs),
      { atMost: 2000, at: 'max' },
    ),
    row(
      'counts of answers painted on the way',
      'counts',
      of((run) => run.steps),
    ),
    row(`after ${runs.length} runs: live objects`, 'MB', [used.heapMb]),
    row(`after ${runs.length} runs: private memory of its process`, 'MB', [used.privateMb], {
      ...{ atMost: 300, at: 'max' },
    }),
  ]
}

/** Further jobs, with the console, the client and the broker recording. */
async function profile(fleet: ConsoleFleet, { profileDirectory }: BenchContext): Promise<Profiled[] | undefined> {
  if (profileDirectory === undefined) return undefined
  mkdirSync(profileDirectory, { recursive: true })
  const programs = [fleet.console, fleet.client]
  for (const program of programs) program.toggleProfile()
  for (let i = 0; i < 4; i++) {
    await runJob(fleet, 'puppet', 'status')
    await fleet.client.ask('call', { agent: 'puppet', action: 'status', nodes: fleet.names })
  }
  for (const program of programs) program.toggleProfile()
  const files = await profilesOf(profileDirectory, programs)
  return programs.map((program, i) => ({ program: program.name, ...topOfProfile(files[i]!, PROFILE_ENTRIES) }))
}
