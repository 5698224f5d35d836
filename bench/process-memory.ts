// Memory and CPU time of a process as Linux accounts for them.

import { readFileSync } from 'node:fs'

export interface ProcessMemory {
  readonly rssKb: number
  /** Shared pages divided by the number of processes that share them. */
  readonly pssKb: number
  /** What ending the process would give back. */
  readonly privateKb: number
}

export function memoryOf(pid: number): ProcessMemory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN)
  return { rssKb: kb('Rss'), pssKb: kb('Pss'), privateKb: kb('Private_Clean') + kb('Private_Dirty') }
}

const TICK_MS = 10

/** User and system time together, milliseconds; the kernel counts in steps of 10. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
