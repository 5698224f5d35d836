// Jobs, results and groups as the API shows them, made from what the store keeps.

import { GROUP_TEXT_CHARACTERS_MAX, GROUP_VALUES_MAX } from '#base/limits.ts'
import type { JobRecord, ResultGroup, ResultRecord } from '#store/job-records.ts'
import type { Job, JobGroup, JobGroups, JobResult, RollOut } from '../api/jobs.ts'
import type { Latest } from './running-job.ts'

export function jobOf(record: JobRecord, latest?: Latest): Job {
  const { rollOut, inputs, detail: _detail, summary: _summary, console: _console, ...rest } = record
  return {
    ...rest,
    inputs: (inputs ?? {}) as Job['inputs'],
    ...(rollOut === undefined ? {} : { rollOut: rollOut as RollOut }),
    ...(latest === undefined ? {} : { latest: { node: latest.node, text: latest.text } }),
  }
}

export function resultOf({ sent: _sent, cut, group: _g, normalisedGroup: _n, ...result }: ResultRecord): JobResult {
  return { ...result, ...(cut ? { cut: true } : {}) }
}

export function groupOf({ key, outcome, count, first, statusCode, message, data, cut }: ResultGroup): JobGroup {
  const shown = shorten(data)
  return {
    ...{ key, outcome, nodes: { count, first: [...first] } },
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(message === undefined ? {} : { message }),
    ...(data === undefined ? {} : { data: shown.value }),
    ...(cut || shown.cut ? { cut: true } : {}),
  }
}

/** A value with long texts cut and, of very many members, only the first. */
export function shorten(value: unknown): { readonly value: unknown; readonly cut: boolean } {
  let left = GROUP_VALUES_MAX
  let cut = false
  const one = (inner: unknown): unknown => {
    left--
    if (typeof inner === 'string') {
      if (inner.length <= GROUP_TEXT_CHARACTERS_MAX) return inner
      cut = true
      return inner.slice(0, GROUP_TEXT_CHARACTERS_MAX)
    }
    if (typeof inner !== 'object' || inner === null) return inner
    if (Array.isArray(inner)) return members(inner).map(one)
    return Object.fromEntries(members(Object.entries(inner)).map(([name, member]) => [name, one(member)]))
  }
  const members = <T>(all: readonly T[]): readonly T[] => {
    if (all.length <= left) return all
    cut = true
    return all.slice(0, Math.max(left, 0))
  }
  return { value: one(value), cut }
}

/** Bounds of the steps: 1, 2, 5, 10 ... milliseconds. */
const STEPS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 300_000, 3_600_000]

/** `elapsedMs` ascending. Steps before the first and after the last answer are left out. */
export function latencySteps(elapsedMs: readonly number[]): JobGroups['latency'] {
  if (elapsedMs.length === 0) return []
  const steps = STEPS_MS.map((uptoMs) => ({ uptoMs, nodes: 0 }))
  let at = 0
  for (const ms of elapsedMs) {
    while (at < steps.length - 1 && ms > (steps[at]?.uptoMs ?? 0)) at++
    const step = steps[at]
    if (step) step.nodes++
  }
  const first = steps.findIndex(({ nodes }) => nodes > 0)
  const last = steps.findLastIndex(({ nodes }) => nodes > 0)
  return steps.slice(first, last + 1)
}

/** The value below which that share of ascending values lies. */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.ceil(ascending.length * share) - 1)] ?? 0
}
