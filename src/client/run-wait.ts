// Waits until the Puppet runs that were started have ended, and fetches the report of each: asks the nodes a few times a minute how they are, and
// takes a report only when it is of the run that was started. What it looks like is the command's. [cli 8.11, M-015]

import { PUPPET_WAIT_IDLE_ROUNDS_MAX, PUPPET_WAIT_SILENT_ROUNDS_MAX } from '#base/limits.ts'
import type { Value, Values } from '#message/request.ts'
import type { HostStatus } from './run-slots.ts'

export interface RunWaitParts {
  /** Host -> when its run was started by the clock of that host, seconds since 1970. */
  readonly runs: ReadonlyMap<string, number>
  /** A host that does not answer is missing; a text is why it refused. */
  status(hosts: readonly string[]): Promise<ReadonlyMap<string, HostStatus | string>>
  /** Outputs of last_run_report; a text is why there is none. */
  reports(hosts: readonly string[]): Promise<ReadonlyMap<string, Values | string>>
  pause(ms: number): Promise<void>
  /** Milliseconds since 1970. */
  now(): number
  readonly limitMs: number
  /** true: nobody waits any longer. */
  stopped(): boolean
  /** What happens, as it happens. */
  readonly says: {
    ended(end: RunEnd): void
    /** After each round: how many ended, of how many, and what one of the others does. */
    round?(done: number, total: number, note: string): void
  }
}

export type RunEnd =
  | { readonly host: string; readonly report: Values }
  /** Nobody knows how it went. */
  | { readonly host: string; readonly why: string }

/** Why the end of a run was not seen, when that is nobody's fault. */
export const NOT_WAITED = 'still running when waiting was ended'

interface Watched {
  readonly startedAt: number
  idle: number
  silent: number
  /** What it answered last, when that was no status or no report. */
  said?: string
}

/** Gives how each run ended, in order of their ends; never rejects but with what `status` and `reports` reject with. */
export async function waitForRuns(parts: RunWaitParts): Promise<readonly RunEnd[]> {
  const { runs, says } = parts
  const waiting = new Map<string, Watched>(
    [...runs].map(([host, startedAt]) => [host, { startedAt, idle: 0, silent: 0 }]),
  )
  const ends: RunEnd[] = []
  const end = (one: RunEnd): void => {
    waiting.delete(one.host)
    ends.push(one)
    says.ended(one)
  }
  const beganMs = parts.now()
  while (waiting.size > 0 && !parts.stopped()) {
    const passedMs = parts.now() - beganMs
    if (passedMs >= parts.limitMs) {
      for (const host of [...waiting.keys()]) end({ host, why: `still running after ${Math.round(passedMs / 1000)} s` })
      break
    }
    await parts.pause(Math.min(parts.limitMs - passedMs, pauseMs(passedMs)))
    if (parts.stopped()) break
    await round(parts, waiting, end)
  }
  for (const host of [...waiting.keys()]) end({ host, why: NOT_WAITED })
  return ends
}

/** A second at first; of a run that takes minutes nobody needs to know each second that it is not over. */
function pauseMs(passedMs: number): number {
  return Math.min(5000, 1000 + passedMs / 20)
}

async function round(parts: RunWaitParts, waiting: Map<string, Watched>, end: (one: RunEnd) => void): Promise<void> {
  const statuses = await parts.status([...waiting.keys()])
  const still: string[] = []
  let note = ''
  for (const [host, watched] of waiting) {
    const status = statuses.get(host)
    if (status === undefined || typeof status === 'string') {
      missed(host, watched, status, end)
      continue
    }
    watched.silent = 0
    if (status.running || status.starting === true) {
      watched.idle = 0
      note = `${host}: ${status.running ? 'applying a catalog' : 'starting'}`
    } else still.push(host)
  }
  if (still.length > 0) await look(parts, waiting, still, end)
  parts.says.round?.(parts.runs.size - waiting.size, parts.runs.size, note)
}

function missed(host: string, watched: Watched, why: string | undefined, end: (one: RunEnd) => void): void {
  watched.silent++
  if (watched.silent >= PUPPET_WAIT_SILENT_ROUNDS_MAX) end({ host, why: why ?? 'does not answer any more' })
}

/** Hosts that do nothing: their run is over, or has not begun yet, which their report tells. */
async function look(
  parts: RunWaitParts,
  waiting: ReadonlyMap<string, Watched>,
  hosts: readonly string[],
  end: (one: RunEnd) => void,
): Promise<void> {
  const reports = await parts.reports(hosts)
  for (const host of hosts) {
    const watched = waiting.get(host) as Watched
    const report = reports.get(host)
    if (typeof report === 'object' && startOf(report.time) >= watched.startedAt) {
      end({ host, report })
      continue
    }
    if (typeof report === 'string') watched.said = report
    watched.idle++
    if (watched.idle < PUPPET_WAIT_IDLE_ROUNDS_MAX) continue
    end({ host, why: `no report of this run${watched.said === undefined ? '' : `: ${watched.said}`}` })
  }
}

/** Old reports do not say when they began: then it is the newest there is. */
function startOf(time: Value | undefined): number {
  return typeof time === 'number' && time > 0 ? time : Number.POSITIVE_INFINITY
}
