// Writes what becomes of the nodes of a job: sent, answered, given up. Counts are kept with the job, by the difference each batch makes, so that a
// job's line is all that a list needs. Equal replies are kept once per job, and targets as one list until something is known of them.

import { hash } from 'node:crypto'
import { sql } from 'kysely'
import { TroupeError } from '#base/errors.ts'
import { STORE_JSON_CHARACTERS_MAX, STORE_MESSAGE_CHARACTERS_MAX, STORE_RESULTS_ROWS } from '#base/limits.ts'
import { inBatches, lastOfEach, persisting } from './batches.ts'
import { COUNT_COLUMNS, type CountColumn, type CountRow, countsOf } from './job-record-of.ts'
import type { JobCounts, JobOutcome, NewResult } from './job-records.ts'
import { insertMany, type ManyRows, selectMany } from './many-rows.ts'
import type { StoreKind } from './migrations/column-types.ts'
import { boundedJson, packed } from './packed-json.ts'
import { cutText, keepable } from './parameters.ts'
import { bit } from './present.ts'
import type { RememberedJob, RememberedJobs } from './remembered-jobs.ts'
import type { Database, OpenTransaction } from './schema.ts'

const COUNTS = ['targeted', 'ok', 'failed', 'refused', 'no_response', 'not_addressed', 'unknown'] as const
const GROUP_KEY_CHARACTERS_MAX = 64
/** Longer ones are remembered by their digest. */
const SAID_CHARACTERS_MAX = 1_000

export interface JobWriting {
  readonly db: Database
  readonly kind: StoreKind
  readonly remembered: RememberedJobs
}

/** A job's nodes have one mark while all are marked at once; otherwise every node gets a line with its own. */
export async function markSent(writing: JobWriting, job: string, nodes: readonly string[]): Promise<void> {
  const { db } = writing
  const names = [...new Set(nodes.map(keepable))].sort()
  const together = await persisting(() => markOf(db, job))
  if (together === 1) return
  if (together === 0) {
    const mark = (tx: OpenTransaction): Promise<boolean> => markTogether(tx, writing, job, names)
    if (await persisting(() => db.transaction().execute(mark))) return
  }
  await inBatches(names, async (batch) => {
    const marked = db.updateTable('job_line').set({ sent: 1 }).where('job', '=', job).where('node', 'in', batch)
    await persisting(() => marked.execute())
  })
}

/** undefined: nodes have lines of their own. */
async function markOf(db: Pick<Database, 'selectFrom'>, job: string): Promise<number | undefined> {
  return (await db.selectFrom('job_target').select('sent').where('job', '=', job).executeTakeFirst())?.sent
}

/** false: it is some of the nodes, and now they have lines. */
async function markTogether(
  tx: OpenTransaction,
  { kind, remembered }: JobWriting,
  job: string,
  names: readonly string[],
): Promise<boolean> {
  await grown(tx, job)
  const together = await markOf(tx, job)
  if (together !== 0) return together === 1
  const targets = remembered.of(job).targets ?? (await targetsOf(tx, job))
  if (names.length !== targets.size || names.some((name) => !targets.has(name))) {
    await writeOut(tx, kind, job)
    return false
  }
  await tx.updateTable('job_target').set({ sent: 1 }).where('job', '=', job).execute()
  return true
}

const WAITING: ManyRows = {
  head: 'insert into job_line (job, node, outcome, sent)',
  ...{ values: 3, tail: 'on conflict (job, node) do nothing' },
}

/** A line for every target that has none. */
async function writeOut(tx: OpenTransaction, kind: StoreKind, job: string): Promise<void> {
  const sent = await markOf(tx, job)
  if (sent === undefined) return
  const rows = [...(await targetsOf(tx, job))].map((node) => [node, 'waiting', sent])
  await inBatches(rows, (batch) => insertMany(tx, kind, WAITING, job, batch))
  await tx.deleteFrom('job_target').where('job', '=', job).execute()
}

async function targetsOf(db: Pick<Database, 'selectFrom'>, job: string): Promise<ReadonlySet<string>> {
  const row = await db.selectFrom('job_target').select('nodes').where('job', '=', job).executeTakeFirst()
  return new Set(row ? (JSON.parse(row.nodes) as string[]) : [])
}

export async function addResults(writing: JobWriting, job: string, results: readonly NewResult[]): Promise<JobCounts> {
  const { db, remembered } = writing
  let counts: CountRow | undefined
  await inBatches(
    lastOfEach(results, (result) => result.node),
    async (batch) => {
      const { lines, replies } = await prepared(batch, remembered.of(job))
      const enter = (tx: OpenTransaction): Promise<Entered> => enterBatch(tx, writing, job, lines, replies)
      const entered = await persisting(() => db.transaction().execute(enter))
      counts = entered.counts
      for (const { at, said } of replies)
        remembered.of(job).replies.set(said.key, { row: said.row, number: entered.firstNumber + at })
    },
    STORE_RESULTS_ROWS,
  )
  counts ??= await db.selectFrom('job').select(COUNTS).where('id', '=', job).executeTakeFirst()
  return countsOf(counts ?? noJob(job))
}

interface Line {
  readonly node: string
  readonly outcome: JobOutcome
  readonly sent: number
  /** Number of a reply that is kept already, or one of the new ones. */
  readonly reply: number | NewReply | null
  readonly elapsedMs: number | null
  readonly atMs: number | null
}

interface NewReply {
  /** Place among the new ones. */
  readonly at: number
  readonly said: Said
  /** Of job_reply, from status_code on. */
  readonly row: readonly unknown[]
}

async function prepared(
  results: readonly NewResult[],
  { replies: known }: RememberedJob,
): Promise<{ readonly lines: readonly Line[]; readonly replies: readonly NewReply[] }> {
  const fresh = new Map<string, NewReply>()
  const replies: NewReply[] = []
  const lines: Line[] = []
  for (const result of results) {
    const said = saidIn(result)
    let reply: number | NewReply | null = null
    if (said !== undefined) {
      const before = known.get(said.key)
      const inBatch = fresh.get(said.key)
      if (before !== undefined && sameRow(before.row, said.row)) reply = before.number
      else if (inBatch !== undefined && sameRow(inBatch.said.row, said.row)) reply = inBatch
      else {
        const { json } = said
        const data = json === undefined ? null : packed(json.text)
        const size = json?.text.length ?? 0
        const row = [...said.row, size, bit(json?.cut === true), data instanceof Promise ? await data : data]
        reply = { at: replies.length, said, row }
        replies.push(reply)
        fresh.set(said.key, reply)
      }
    }
    lines.push({
      ...{ node: keepable(result.node), outcome: result.outcome, reply },
      sent: bit(result.sent ?? !['notAddressed', 'waiting'].includes(result.outcome)),
      ...{ elapsedMs: result.elapsedMs ?? null, atMs: result.atMs ?? null },
    })
  }
  return { lines, replies }
}

interface Said {
  /** Data and message: what says the same has nearly always the same status and groups as well. */
  readonly key: string
  /** Of job_reply, from status_code to normalised_key. */
  readonly row: readonly unknown[]
  readonly json: ReturnType<typeof boundedJson>
}

/** undefined: nothing at all, as of nodes that did not answer. */
function saidIn({ statusCode, message, group, normalisedGroup, data }: NewResult): Said | undefined {
  const json = boundedJson(data, STORE_JSON_CHARACTERS_MAX)
  const text = message === undefined ? null : cutText(message, STORE_MESSAGE_CHARACTERS_MAX)
  const row = [statusCode ?? null, text, groupKey(group), groupKey(normalisedGroup)]
  if (json === undefined && row.every((value) => value === null)) return undefined
  // JSON has no NUL: whatever is in the message, these two cannot run into each other.
  const whole = text === null ? (json?.text ?? '') : `${json?.text ?? ''}\0${text}`
  return { key: whole.length > SAID_CHARACTERS_MAX ? hash('sha256', whole, 'base64url') : whole, row, json }
}

/** Status and groups; the message is in the key. */
function sameRow(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a[0] === b[0] && a[2] === b[2] && a[3] === b[3]
}

function groupKey(key: string | undefined): string | null {
  return key === undefined ? null : key.slice(0, GROUP_KEY_CHARACTERS_MAX)
}

interface Entered {
  readonly counts: CountRow
  readonly firstNumber: number
}

const REPLIES: ManyRows = {
  head: 'insert into job_reply (job, number, status_code, message, group_key, normalised_key, size, cut, data)',
  ...{ values: 8, tail: '' },
}
const LINES: ManyRows = {
  head: 'insert into job_line (job, node, outcome, sent, reply, elapsed_ms, at_ms)',
  values: 6,
  tail: `on conflict (job, node) do update set outcome = excluded.outcome, sent = job_line.sent | excluded.sent,
    reply = excluded.reply, elapsed_ms = excluded.elapsed_ms, at_ms = excluded.at_ms`,
}
const OUTCOMES = { columns: 'node, outcome', table: 'job_line', key: 'node' }

async function enterBatch(
  tx: OpenTransaction,
  { kind, remembered }: JobWriting,
  job: string,
  lines: readonly Line[],
  replies: readonly NewReply[],
): Promise<Entered> {
  const firstNumber = (await grown(tx, job, replies.length)) - replies.length + 1
  const nodes = lines.map(({ node }) => node)
  const before = await selectMany<{ node: string; outcome: string }>(tx, kind, OUTCOMES, job, nodes)
  const known = new Map(before.map(({ node, outcome }) => [node, outcome]))
  const together = await markOf(tx, job)
  const targets = together === undefined ? undefined : (remembered.of(job).targets ?? (await targetsOf(tx, job)))

  const numbered = replies.map(({ row }, at) => [firstNumber + at, ...row])
  await inBatches(numbered, (some) => insertMany(tx, kind, REPLIES, job, some))
  const rows = lines.map(({ node, outcome, sent, reply, elapsedMs, atMs }) => {
    const number = typeof reply === 'object' && reply !== null ? firstNumber + reply.at : reply
    const marked = targets?.has(node) ? together : 0
    return [node, outcome, sent | (marked ?? 0), number, elapsedMs, atMs]
  })
  await inBatches(rows, (some) => insertMany(tx, kind, LINES, job, some))

  const differences = new Map<CountColumn | 'targeted', number>()
  const count = (outcome: string, by: number): void => {
    const column = COUNT_COLUMNS[outcome as Exclude<JobOutcome, 'waiting'>]
    if (column !== undefined) differences.set(column, (differences.get(column) ?? 0) + by)
  }
  for (const { node, outcome } of lines) {
    const old = known.get(node)
    if (old !== undefined) count(old, -1)
    else if (!targets?.has(node)) differences.set('targeted', (differences.get('targeted') ?? 0) + 1)
    count(outcome, 1)
  }
  return { counts: await countUp(tx, job, differences), firstNumber }
}

/**
 * First of all in a transaction: whoever else writes to the job waits here, so that differences are of what is there. Answers the number of the last
 * reply, `replies` new ones included.
 */
async function grown(tx: OpenTransaction, job: string, replies = 0): Promise<number> {
  const set = { revision: sql<number>`revision + 1`, replies: sql<number>`replies + ${replies}` }
  const row = await tx.updateTable('job').set(set).where('id', '=', job).returning('replies').executeTakeFirst()
  return row === undefined ? noJob(job) : row.replies
}

async function countUp(
  tx: OpenTransaction,
  job: string,
  differences: ReadonlyMap<CountColumn | 'targeted', number>,
): Promise<CountRow> {
  const changes = [...differences].filter(([, by]) => by !== 0)
  if (changes.length === 0) {
    return tx.selectFrom('job').select(COUNTS).where('id', '=', job).executeTakeFirstOrThrow()
  }
  const set = Object.fromEntries(changes.map(([column, by]) => [column, sql`${sql.ref(column)} + ${by}`]))
  return tx.updateTable('job').set(set).where('id', '=', job).returning(COUNTS).executeTakeFirstOrThrow()
}

/** All that still wait: those that may have been sent something become `sentBecomes`, the others notAddressed. */
export async function settleWaiting(
  { db, kind, remembered }: JobWriting,
  job: string,
  { sentBecomes, atMs }: { readonly sentBecomes: 'noResponse' | 'unknown'; readonly atMs: number },
): Promise<CountRow> {
  const settle = async (tx: OpenTransaction): Promise<CountRow> => {
    await grown(tx, job)
    const counts = await countUp(tx, job, new Map())
    if (countsOf(counts).waiting === 0) {
      await tx.deleteFrom('job_target').where('job', '=', job).execute()
      return counts
    }
    await writeOut(tx, kind, job)
    const set = async (sent: number, outcome: string): Promise<number> => {
      const waiting = tx.updateTable('job_line').set({ outcome, at_ms: atMs }).where('job', '=', job)
      const settled = await waiting.where('outcome', '=', 'waiting').where('sent', '=', sent).executeTakeFirst()
      return Number(settled.numUpdatedRows)
    }
    return countUp(
      tx,
      job,
      new Map<CountColumn, number>([
        [COUNT_COLUMNS[sentBecomes], await set(1, sentBecomes)],
        [COUNT_COLUMNS.notAddressed, await set(0, 'notAddressed')],
      ]),
    )
  }
  const counts = await persisting(() => db.transaction().execute(settle))
  remembered.forget(job)
  return counts
}

function noJob(job: string): never {
  throw new TroupeError('STORE_CONFLICT', `results cannot be entered: there is no job ${job.slice(0, 64)}`)
}
