// How the agents puppet (2.x) and puppetd (1.x) say the same: whether a node is running Puppet, and how it is told to run at once.
// [agents 10, cli 8.10, 8.11]

import type { Value, Values } from '#message/request.ts'
import type { HostStatus } from './run-slots.ts'

/** How the two agents say the same. */
export interface AgentWords {
  readonly agent: 'puppetd' | 'puppet'
  statusOf(data: Values): HostStatus
  /** Inputs of runonce for a run that begins at once. */
  readonly forced: Values
}

export const PUPPETD: AgentWords = {
  agent: 'puppetd',
  statusOf: (data) => ({
    running: data.running === 1,
    starting: data.starting === undefined || data.starting === null ? undefined : data.starting === 1,
    lastRunAt: secondsOf(data.lastrun),
  }),
  forced: { forcerun: true },
}

export const PUPPET: AgentWords = {
  agent: 'puppet',
  statusOf: (data) => ({
    running: data.applying === true,
    starting: typeof data.starting === 'boolean' ? data.starting : undefined,
    lastRunAt: secondsOf(data.lastrun),
  }),
  forced: { force: true },
}

function secondsOf(value: Value | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
