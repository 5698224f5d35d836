// The processes that hold the namespaces of a lab, and how to recognise and end them without ever touching another that got
// the same process id since.

import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface HostProcess {
  /** First process of the host, as this machine counts. */
  readonly pid: number
  /** The process that started it; the host ends with it. */
  readonly keeperPid: number
  /** When the keeper started, in ticks since boot: tells it from a later process with the same id. */
  readonly keeperStartedAt: string
}

const APPEARS_WITHIN_MS = 5_000

/** The process that `unshare --fork` forked. */
export async function childOf(keeper: ChildProcess, name: string): Promise<HostProcess> {
  const keeperPid = keeper.pid
  if (keeperPid === undefined) throw new Error(`cannot start ${name}: setpriv or unshare of util-linux is missing`)
  for (let waitedMs = 0; waitedMs < APPEARS_WITHIN_MS && keeper.exitCode === null; waitedMs += 5) {
    const children = read(`/proc/${keeperPid}/task/${keeperPid}/children`).trim()
    if (/^\d+$/.test(children)) return { pid: Number(children), ...identified(keeperPid) }
    await sleep(5)
  }
  throw new Error(`cannot start ${name}: making namespaces takes root`)
}

/** Names a living process for later. */
export function identified(pid: number): Omit<HostProcess, 'pid'> {
  return { keeperPid: pid, keeperStartedAt: startTimeOf(pid) }
}

export function isAlive({ keeperPid, keeperStartedAt }: Omit<HostProcess, 'pid'>): boolean {
  return keeperStartedAt !== '' && startTimeOf(keeperPid) === keeperStartedAt
}

/** Ends a host and everything in it: the first process of a process namespace takes all others with it. */
export async function end(host: HostProcess): Promise<void> {
  if (!isAlive(host)) return
  process.kill(host.keeperPid, 'SIGKILL')
  while (isAlive(host) || startTimeOf(host.pid) !== '') await sleep(5)
}

/** Empty when there is no such process, or only its exit code is left. */
function startTimeOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? '' : (fields[19] ?? '')
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
