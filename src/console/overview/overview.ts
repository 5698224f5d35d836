// The first page: how the fleet is, in numbers. Made from what is known; only the latest ping and the history of runs are read from the store.
// [issue: fleet overview with pictures]

import type { Clock } from '#base/clock.ts'
import type { JobRecord } from '#store/job-records.ts'
import type { Overview } from '../api/fleet.ts'
import type { JobEngine } from '../jobs/job-engine.ts'
import { latencySteps, percentile } from '../jobs/job-view.ts'
import type { KnownNode, NodeBook } from '../nodes/node-book.ts'
import type { ConsoleParts } from '../parts.ts'
import type { RunWatch } from '../puppet/run-watch.ts'

export interface OverviewParts {
  readonly store: Pick<ConsoleParts['store'], 'jobs' | 'reports'>
  readonly clock: Clock
  readonly nodes: NodeBook
  readonly jobs: Pick<JobEngine, 'shown'>
  readonly runs: Pick<RunWatch, 'runs'>
}

/** The action whose answers are taken for the latency of the fleet. */
export const PING = { agent: 'rpcutil', action: 'ping' } as const
const HOUR_MS = 3_600_000
const MISSING_SHOWN = 100
const SHARES_SHOWN = 20
const RECENT_SHOWN = 10

export async function overviewOf({ store, clock, nodes, jobs, runs }: OverviewParts): Promise<Overview> {
  const known = nodes.known()
  const nowMs = clock.now()
  const [latency, perHour, recent] = await Promise.all([
    latencyOf(store),
    store.reports.perHour(nowMs - 24 * HOUR_MS, nowMs),
    store.jobs.list({ limit: RECENT_SHOWN }),
  ])
  const last = runs.runs()
  const lastRuns = { changed: 0, unchanged: 0, failed: 0, never: 0, unknown: 0 }
  for (const { outcome } of last.runs) lastRuns[outcome]++
  const states = { answering: 0, silent: 0, lost: 0, disabled: 0 }
  for (const { row } of known) states[row.state]++
  return {
    asOfMs: nodes.list().asOfMs,
    states,
    operatingSystems: shares(known.map(operatingSystemOf)),
    versions: shares(known.map(({ row }) => row.version ?? 'unknown')),
    ...(latency ? { latency } : {}),
    lastRuns: { ...lastRuns, ...(last.asOfMs === undefined ? {} : { asOfMs: last.asOfMs }) },
    runsPerHour: perHour.map((hour) => ({ ...hour })),
    missing: known
      .map(({ row }) => row)
      .filter(({ state }) => state === 'lost' || state === 'silent')
      .sort((a, b) => (a.missingSinceMs ?? 0) - (b.missingSinceMs ?? 0))
      .slice(0, MISSING_SHOWN),
    recentJobs: recent.map(jobs.shown),
  }
}

/** Of the last ping that ended. */
async function latencyOf(store: OverviewParts['store']): Promise<Overview['latency']> {
  const pings = await store.jobs.list({ kind: 'call', text: `${PING.agent} ${PING.action}`, limit: 20 })
  const ping = pings.find(isWholePing)
  if (!ping) return undefined
  const elapsed = await store.jobs.elapsed(ping.id)
  if (elapsed.length === 0) return undefined
  return {
    atMs: ping.startedAtMs,
    p50Ms: percentile(elapsed, 0.5),
    p99Ms: percentile(elapsed, 0.99),
    maxMs: elapsed.at(-1) ?? 0,
    steps: latencySteps(elapsed),
  }
}

function isWholePing({ agent, action, state, counts, rollOut }: JobRecord): boolean {
  return agent === PING.agent && action === PING.action && state === 'done' && counts.ok > 0 && rollOut === undefined
}

function operatingSystemOf({ facts }: KnownNode): string {
  const name = facts.operatingsystem ?? facts['os.name']
  if (name === undefined) return 'unknown'
  const release = facts.operatingsystemrelease ?? facts['os.release.full']
  // The major release: fleets have one of several point releases everywhere.
  const major = release === undefined ? '' : (/^\d+(?:\.04|\.10)?/.exec(release)?.[0] ?? release)
  return `${name} ${major}`.trim()
}

/** The largest first, the rest together. */
function shares(values: readonly string[]): Overview['operatingSystems'] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const sorted = [...counts]
    .map(([value, nodes]) => ({ value, nodes }))
    .sort((a, b) => b.nodes - a.nodes || (a.value < b.value ? -1 : 1))
  const rest = sorted.slice(SHARES_SHOWN).reduce((sum, { nodes }) => sum + nodes, 0)
  return [...sorted.slice(0, SHARES_SHOWN), ...(rest > 0 ? [{ value: 'others', nodes: rest }] : [])]
}
