// The fields of the roll-out as text, and what is sent of them. [live 10: batches; cli 2.1]

import type { RollOut } from '#console/api/jobs.ts'

export interface RollOutDraft {
  readonly batch: string
  readonly batchSleep: string
  readonly maxFailures: string
  readonly canary: string
  readonly timeout: string
}

export const NO_ROLL_OUT: RollOutDraft = { batch: '', batchSleep: '', maxFailures: '', canary: '', timeout: '' }

/** What is wrong, by field. */
export function rollOutProblems(draft: RollOutDraft, nodes: number): Partial<Record<keyof RollOutDraft, string>> {
  const problems: Partial<Record<keyof RollOutDraft, string>> = {}
  const { batch, batchSleep, maxFailures, canary, timeout } = draft
  if (batch !== '' && !isCountOrShare(batch, 1)) problems.batch = 'a number of nodes, or a share such as 10%'
  if (maxFailures !== '' && !isCountOrShare(maxFailures, 0)) problems.maxFailures = 'a number, or a share such as 10%'
  else if (maxFailures !== '' && batch === '') {
    problems.maxFailures = 'needs groups: otherwise every node is asked before the first answer'
  }
  if (batchSleep !== '' && !isNumber(batchSleep, 0, 86_400)) problems.batchSleep = 'seconds, at most 86400'
  if (canary !== '' && !/^[1-9]\d{0,5}$/.test(canary)) problems.canary = 'a number of nodes'
  else if (canary !== '' && nodes > 0 && Number(canary) >= nodes) problems.canary = `less than the ${nodes} selected`
  if (timeout !== '' && !isNumber(timeout, 1, 86_400)) problems.timeout = 'seconds, 1 to 86400'
  return problems
}

/** undefined: all at once. */
export function rollOutOf({ batch, batchSleep, maxFailures, canary, timeout }: RollOutDraft): RollOut | undefined {
  const rollOut: RollOut = {
    ...(batch === '' ? {} : { batch: countOrShare(batch) }),
    ...(batch === '' || batchSleep === '' ? {} : { batchSleepSeconds: Number(batchSleep) }),
    ...(maxFailures === '' ? {} : { maxFailures: countOrShare(maxFailures) }),
    ...(canary === '' ? {} : { canary: Number(canary) }),
    ...(timeout === '' ? {} : { timeoutSeconds: Number(timeout) }),
  }
  return Object.keys(rollOut).length === 0 ? undefined : rollOut
}

/** `5` or `10%`. */
export function countOrShare(text: string): number | string {
  return text.endsWith('%') ? text : Number(text)
}

export function isCountOrShare(text: string, least: number): boolean {
  const share = /^(\d{1,3})%$/.exec(text)?.[1]
  if (share !== undefined) return Number(share) >= 1 && Number(share) <= 100
  return /^\d{1,6}$/.test(text) && Number(text) >= least
}

function isNumber(text: string, least: number, most: number): boolean {
  return text.trim() !== '' && Number(text) >= least && Number(text) <= most
}
