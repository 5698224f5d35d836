// Jobs over their table. What their nodes answered is in job-results.ts, how it is read in job-reading.ts.

import { type SelectQueryBuilder, sql } from 'kysely'
import { STORE_FOREIGN_JOB_MS, STORE_JSON_CHARACTERS_MAX, STORE_MESSAGE_CHARACTERS_MAX } from '#base/limits.ts'
import { lastOfEach, persisting } from './batches.ts'
import { elapsedOf, groupsOfJob, nodesOfJob, resultOf, resultsPage } from './job-reading.ts'
import { countsOf, recordOf } from './job-record-of.ts'
import type { JobRecord, Jobs, JobUpdate, NewJobRecord } from './job-records.ts'
import { addResults, type JobWriting, markSent, settleWaiting } from './job-results.ts'
import type { StoreKind } from './migrations/column-types.ts'
import { boundedJson, wholeJson } from './packed-json.ts'
import { cutText, keepable } from './parameters.ts'
import { given } from './present.ts'
import { createRememberedJobs } from './remembered-jobs.ts'
import type { Database, JobTable, Schema } from './schema.ts'

const LIST_MAX = 500

export function jobsOf(db: Database, kind: StoreKind, console: string): Jobs {
  const writing: JobWriting = { db, kind, remembered: createRememberedJobs() }
  return {
    insert: (job, targets) => insertJob(writing, console, job, targets),
    get: (id) => jobOf(db, id),
    async list({ limit = 50, before, ...filter }) {
      let rows = filtered(db.selectFrom('job').selectAll(), filter)
      if (before !== undefined) rows = rows.where('id', '<', before)
      return (await rows.orderBy('id', 'desc').limit(Math.min(limit, LIST_MAX)).execute()).map(recordOf)
    },
    update: (id, change) => persisting(() => updateJob(db, id, change)),
    markSent: (id, nodes) => markSent(writing, id, nodes),
    addResults: (id, results) => addResults(writing, id, results),
    async settleWaiting(id, atMs) {
      return countsOf(await settleWaiting(writing, id, { sentBecomes: 'noResponse', atMs }))
    },
    results: (id, ask) => resultsPage(writing, id, ask),
    result: (id, node) => resultOf(writing, id, node),
    nodesOf: (id, ask) => nodesOfJob(db, id, ask ?? {}),
    groups: (id, ask) => groupsOfJob(writing, id, ask),
    elapsed: (id) => elapsedOf(writing, id),
    interrupted: (nowMs) => interruptDead(writing, console, nowMs),
  }
}

async function jobOf(db: Database, id: string): Promise<JobRecord | undefined> {
  const row = await db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst()
  return row && recordOf(row)
}

async function insertJob(
  { db, remembered }: JobWriting,
  console: string,
  job: NewJobRecord,
  targets: readonly string[],
): Promise<JobRecord> {
  const nodes = lastOfEach(targets.map(keepable), (node) => node)
  const row = rowOf(job, console, nodes.length)
  await db.transaction().execute(async (tx) => {
    await tx.insertInto('job').values(row).execute()
    await tx
      .insertInto('job_target')
      .values({ job: job.id, sent: 0, nodes: JSON.stringify(nodes) })
      .execute()
  })
  remembered.begin(job.id, new Set(nodes))
  return recordOf(row)
}

function json(value: unknown, what: string): string | null {
  return wholeJson(value, STORE_JSON_CHARACTERS_MAX, what)
}

function rowOf(job: NewJobRecord, console: string, targeted: number): JobTable {
  return {
    id: job.id,
    kind: job.kind,
    title: job.title,
    agent: job.agent,
    action: job.action,
    inputs: json(job.inputs, 'the inputs of a job'),
    account: job.account,
    console,
    state: 'running',
    stop_reason: null,
    problem: null,
    command: job.command,
    roll_out: json(job.rollOut, 'the roll-out of a job'),
    of_job: job.of ?? null,
    detail: json(job.detail, 'the detail of a job'),
    summary: null,
    search_text: `${job.title}\n${job.agent} ${job.action}\n${job.command}`.toLowerCase(),
    revision: 1,
    can_undo: 0,
    started_at_ms: job.startedAtMs,
    ended_at_ms: null,
    deadline_ms: job.deadlineMs ?? null,
    replies: 0,
    ...{ targeted, ok: 0, failed: 0, refused: 0, no_response: 0, not_addressed: 0, unknown: 0 },
  }
}

async function updateJob(db: Database, id: string, change: JobUpdate): Promise<JobRecord | undefined> {
  const set = given<JobTable>({
    state: change.state,
    stop_reason: change.stopReason && cutText(change.stopReason, STORE_MESSAGE_CHARACTERS_MAX),
    problem: change.problem && cutText(change.problem, STORE_MESSAGE_CHARACTERS_MAX),
    ended_at_ms: change.endedAtMs,
    deadline_ms: change.deadlineMs,
    // Made of what nodes say: whatever that is, a job must come to its end.
    summary: change.summary === undefined ? undefined : boundedJson(change.summary, STORE_JSON_CHARACTERS_MAX)?.text,
    detail: change.detail === undefined ? undefined : json(change.detail, 'the detail of a job'),
  })
  const changed = db
    .updateTable('job')
    .set({ ...set, revision: sql`revision + 1` })
    .where('id', '=', id)
  const row = await changed.returningAll().executeTakeFirst()
  return row && recordOf(row)
}

type Filter = Omit<Parameters<Jobs['list']>[0], 'before' | 'limit'>
type JobQuery = SelectQueryBuilder<Schema, 'job', JobTable>

function filtered(query: JobQuery, { kind, account, node, state, text }: Filter): JobQuery {
  let rows = query
  if (kind !== undefined) rows = rows.where('kind', '=', kind)
  if (account !== undefined) rows = rows.where('account', '=', account)
  if (state !== undefined) rows = rows.where('state', '=', state)
  if (node !== undefined) {
    rows = rows.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('job_node').select('node').whereRef('job_node.job', '=', 'job.id').where('job_node.node', '=', node),
      ),
    )
  }
  if (text !== undefined && text !== '') {
    const pattern = `%${keepable(text.toLowerCase()).replace(/[\\%_]/g, '\\$&')}%`
    rows = rows.where(sql<boolean>`search_text like ${pattern} escape '\\'`)
  }
  return rows
}

async function interruptDead(writing: JobWriting, console: string, nowMs: number): Promise<JobRecord[]> {
  const { db } = writing
  const dead = await db
    .selectFrom('job')
    .select('id')
    .where('state', '=', 'running')
    .where((where) =>
      where.or([
        where('console', '=', console),
        where(sql<number>`coalesce(deadline_ms, started_at_ms)`, '<', nowMs - STORE_FOREIGN_JOB_MS),
      ]),
    )
    .orderBy('id')
    .execute()
  const jobs: JobRecord[] = []
  for (const { id } of dead) {
    await settleWaiting(writing, id, { sentBecomes: 'unknown', atMs: nowMs })
    const job = await updateJob(db, id, { state: 'interrupted', endedAtMs: nowMs })
    if (job) jobs.push(job)
  }
  return jobs
}
