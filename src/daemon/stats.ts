// The counters of one daemon, and how they are shown in rpcutil.daemon_stats and controller stats. [wire 7.2]

import type { Clock } from '#base/clock.ts'
import type { NodeStats } from '#rpc/agent.ts'

export interface Counters {
  total: number
  validated: number
  unvalidated: number
  passed: number
  filtered: number
  replies: number
  ttlExpired: number
  replayed: number
}

/** Counters at zero. */
export function createCounters(): Counters {
  return { total: 0, validated: 0, unvalidated: 0, passed: 0, filtered: 0, replies: 0, ttlExpired: 0, replayed: 0 }
}

/** Everything rpcutil.daemon_stats shows; `threads` says what runs now, e.g. `package.install of 8c22f0d5 for 3 s`. */
export function nodeStats(counters: Counters, startedAtMs: number, threads: readonly string[]): NodeStats {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  return {
    ...counters,
    startTime: Math.floor(startedAtMs / 1000),
    pid: process.pid,
    // Node does not tell the times of ended children apart.
    times: { utime: userCPUTime / 1e6, stime: systemCPUTime / 1e6, cutime: 0, cstime: 0 },
    threads,
  }
}

/** `describeRun('package', 'install', '8c22f0d5...', startedAtMs, clock)` is `package.install of request 8c22f0d5... for 3 s`. */
export function describeRun(
  agent: string,
  action: string,
  requestId: string,
  startedAtMs: number,
  clock: Clock,
): string {
  const seconds = Math.max(0, Math.round((clock.monotonic() - startedAtMs) / 1000))
  return `${agent}.${action} of request ${requestId} for ${seconds} s`
}
