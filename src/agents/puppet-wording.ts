// What the agents puppetd and puppet have in common: how they word times and locks, and that what Puppet cannot do is a failed action
// and no unknown error. [agents 10; B-029]

import { isTroupeError } from '#base/errors.ts'
import { STATUS } from '#message/status.ts'
import { elapsedText } from '#puppet/agent/elapsed-text.ts'
import { ActionFailed } from '#rpc/agent.ts'

/** How far runs spread when the configuration does not say, seconds: half a minute is short to wait for and long for a master. */
const SPLAY_SECONDS = 30

/** Runs an action; a Puppet that is absent, cannot be started or has broken files is status code 1. */
export async function orAborted<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isTroupeError(error, 'RPC_PUPPET_ABSENT', 'RPC_PUPPET_RUN', 'RPC_PUPPET_STATE')) throw error
    throw new ActionFailed(STATUS.aborted, error.message)
  }
}

/** `never` instead of the seconds since 1970; `text` words the seconds. [B-029] */
export function sinceText(lastRunAt: number, nowMs: number, text: (seconds: number) => string): string {
  return lastRunAt === 0 ? 'never' : text(secondsSince(lastRunAt, nowMs))
}

export function secondsSince(lastRunAt: number, nowMs: number): number {
  return Math.max(0, Math.floor(nowMs / 1000) - lastRunAt)
}

/** `last completed run 9 minutes 05 seconds ago`, or `never ran`. */
export function lastRunText(lastRunAt: number, nowMs: number): string {
  return lastRunAt === 0 ? 'never ran' : `last completed run ${elapsedText(secondsSince(lastRunAt, nowMs))} ago`
}

/** What the lock says when nobody gave a reason: `Disabled via MCollective by cert=bob at 2026-11-22 05:29`, local time. */
export function lockMessage(message: string | undefined, caller: string, nowMs: number): string {
  if (message !== undefined && message !== '') return message
  const at = new Date(nowMs)
  const two = (n: number): string => String(n).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `Disabled via MCollective by ${caller} at ${day} ${two(at.getHours())}:${two(at.getMinutes())}`
}

/** Seconds from a setting; anything but a whole number counts as not set. */
export function splaySecondsOf(setting: string | undefined): number {
  return setting !== undefined && /^\d{1,6}$/.test(setting) ? Number(setting) : SPLAY_SECONDS
}

/** `1 y yes t true` and their opposites; anything else counts as not set. */
export function switchOf(setting: string | undefined, otherwise: boolean): boolean {
  if (setting === undefined) return otherwise
  if (/^(1|y|yes|t|true)$/i.test(setting)) return true
  return /^(0|n|no|f|false)$/i.test(setting) ? false : otherwise
}
