// A line of the table of jobs as a record.

import type { JobCounts, JobKind, JobOutcome, JobRecord, JobState } from './job-records.ts'
import { parsed } from './packed-json.ts'
import { present } from './present.ts'
import type { JobTable } from './schema.ts'

/** Columns that count; what waits is the rest of `targeted`. */
export type CountColumn = 'ok' | 'failed' | 'refused' | 'no_response' | 'not_addressed' | 'unknown'

export const COUNT_COLUMNS: Record<Exclude<JobOutcome, 'waiting'>, CountColumn> = {
  ok: 'ok',
  failed: 'failed',
  refused: 'refused',
  noResponse: 'no_response',
  notAddressed: 'not_addressed',
  unknown: 'unknown',
}

export type CountRow = Pick<JobTable, 'targeted' | CountColumn>

export function countsOf(row: CountRow): JobCounts {
  const { targeted, ok, failed, refused, no_response: noResponse, not_addressed: notAddressed, unknown } = row
  const waiting = targeted - ok - failed - refused - noResponse - notAddressed - unknown
  return { targeted, ok, failed, refused, noResponse, notAddressed, unknown, waiting }
}

export function recordOf(row: JobTable): JobRecord {
  return present<JobRecord>({
    id: row.id,
    kind: row.kind as JobKind,
    title: row.title,
    agent: row.agent,
    action: row.action,
    inputs: parsed(row.inputs),
    account: row.account,
    console: row.console,
    state: row.state as JobState,
    stopReason: row.stop_reason,
    problem: row.problem,
    counts: countsOf(row),
    revision: row.revision,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    deadlineMs: row.deadline_ms,
    command: row.command,
    rollOut: parsed(row.roll_out),
    of: row.of_job,
    detail: parsed(row.detail),
    summary: parsed(row.summary),
    canUndo: row.can_undo === 1,
  })
}
