// Writes what becomes of the nodes of a job: sent, answered, given up. Counts are kept with the job, by the difference each batch makes, so that a
// job's line is all that a list needs; equal answers are kept once per job.

import { hash } from 'node:crypto'
import { sql } from 'kysely'
import { TroupeError } from '#base/errors.ts'
import { STORE_JSON_CHARACTERS_MAX, STORE_MESSAGE_CHARACTERS_MAX } from '#base/limits.ts'
import { inBatches, lastOfEach, persisting } from './batches.ts'
import { COUNT_COLUMNS, type CountColumn, type CountRow, countsOf } from './job-record-of.ts'
import type { JobCounts, JobOutcome, NewResult } from './job-records.ts'
import { boundedJson, packed } from './packed-json.ts'
import { cutText, keepable } from './parameters.ts'
import { bit } from './present.ts'
import type { Database, JobAnswerTable, JobResultTable, OpenTransaction } from './schema.ts'

const COUNTS = ['targeted', 'ok', 'failed', 'refused', 'no_response', 'not_addressed', 'unknown'] as const
const GROUP_KEY_CHARACTERS_MAX = 64

export async function markSent(db: Database, job: string, nodes: readonly string[]): Promise<void> {
  await inBatches([...nodes].sort(), async (batch) => {
    const marked = db.updateTable('job_result').set({ sent: 1 }).where('job', '=', job).where('node', 'in', batch)
    await persisting(() => marked.execute())
  })
}

export async function addResults(db: Database, job: string, results: readonly NewResult[]): Promise<JobCounts> {
  let counts: CountRow | undefined
  await inBatches(
    lastOfEach(results, (result) => result.node),
    async (batch) => {
      const lines = await Promise.all(batch.map((result) => lineOf(job, result)))
      const enter = (tx: OpenTransaction): Promise<CountRow> => enterBatch(tx, job, lines)
      counts = await persisting(() => db.transaction().execute(enter))
    },
  )
  counts ??= await db.selectFrom('job').select(COUNTS).where('id', '=', job).executeTakeFirst()
  return countsOf(counts ?? noJob(job))
}

interface Line {
  readonly row: JobResultTable
  readonly answer?: JobAnswerTable
}

async function lineOf(job: string, result: NewResult): Promise<Line> {
  const json = boundedJson(result.data, STORE_JSON_CHARACTERS_MAX)
  const digest = json === undefined ? null : hash('sha256', json.text, 'base64url').slice(0, 22)
  const row: JobResultTable = {
    job,
    node: keepable(result.node),
    outcome: result.outcome,
    sent: bit(result.sent ?? !['notAddressed', 'waiting'].includes(result.outcome)),
    status_code: result.statusCode ?? null,
    message: result.message === undefined ? null : cutText(result.message, STORE_MESSAGE_CHARACTERS_MAX),
    answer: digest,
    group_key: groupKey(result.group),
    normalised_key: groupKey(result.normalisedGroup),
    elapsed_ms: result.elapsedMs ?? null,
    at_ms: result.atMs ?? null,
  }
  if (json === undefined || digest === null) return { row }
  const data = await packed(json.text)
  return { row, answer: { job, digest, size: json.text.length, cut: bit(json.cut), data } }
}

function groupKey(key: string | undefined): string | null {
  return key === undefined ? null : key.slice(0, GROUP_KEY_CHARACTERS_MAX)
}

async function enterBatch(tx: OpenTransaction, job: string, lines: readonly Line[]): Promise<CountRow> {
  await grown(tx, job)
  const nodes = lines.map(({ row }) => row.node)
  const before = tx.selectFrom('job_result').select(['node', 'outcome']).where('job', '=', job)
  const known = new Map((await before.where('node', 'in', nodes).execute()).map((row) => [row.node, row.outcome]))

  const answers = lastOfEach(
    lines.flatMap(({ answer }) => (answer ? [answer] : [])),
    (answer) => answer.digest,
  )
  if (answers.length > 0) {
    const insert = tx.insertInto('job_answer').values(answers)
    await insert.onConflict((conflict) => conflict.doNothing()).execute()
  }
  await tx
    .insertInto('job_result')
    .values(lines.map(({ row }) => row))
    .onConflict((conflict) =>
      conflict.columns(['job', 'node']).doUpdateSet(({ ref }) => ({
        outcome: ref('excluded.outcome'),
        sent: sql<number>`job_result.sent | excluded.sent`,
        status_code: ref('excluded.status_code'),
        message: ref('excluded.message'),
        answer: ref('excluded.answer'),
        group_key: ref('excluded.group_key'),
        normalised_key: ref('excluded.normalised_key'),
        elapsed_ms: ref('excluded.elapsed_ms'),
        at_ms: ref('excluded.at_ms'),
      })),
    )
    .execute()

  const differences = new Map<CountColumn | 'targeted', number>()
  const count = (outcome: string, by: number): void => {
    const column = COUNT_COLUMNS[outcome as Exclude<JobOutcome, 'waiting'>]
    if (column !== undefined) differences.set(column, (differences.get(column) ?? 0) + by)
  }
  for (const { row } of lines) {
    const old = known.get(row.node)
    if (old === undefined) differences.set('targeted', (differences.get('targeted') ?? 0) + 1)
    else count(old, -1)
    count(row.outcome, 1)
  }
  return countUp(tx, job, differences)
}

/** First of all in a transaction: whoever else writes to the job waits here, so that differences are of what is there. */
async function grown(tx: OpenTransaction, job: string): Promise<void> {
  const job1 = tx.updateTable('job').set({ revision: sql`revision + 1` }).where('id', '=', job)
  if ((await job1.executeTakeFirst()).numUpdatedRows === 0n) noJob(job)
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
  const set = Object.fromEntries(changes.map(([column, by]) => [column, sql`${sql.ref(column)} + ${sql.lit(by)}`]))
  return tx.updateTable('job').set(set).where('id', '=', job).returning(COUNTS).executeTakeFirstOrThrow()
}

/** All that still wait: those that may have been sent something become `sentBecomes`, the others notAddressed. */
export function settleWaiting(
  db: Database,
  job: string,
  { sentBecomes, atMs }: { readonly sentBecomes: 'noResponse' | 'unknown'; readonly atMs: number },
): Promise<CountRow> {
  const settle = async (tx: OpenTransaction): Promise<CountRow> => {
    await grown(tx, job)
    const set = async (sent: number, outcome: string): Promise<number> => {
      const waiting = tx.updateTable('job_result').set({ outcome, at_ms: atMs }).where('job', '=', job)
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
  return persisting(() => db.transaction().execute(settle))
}

function noJob(job: string): never {
  throw new TroupeError('STORE_CONFLICT', `results cannot be entered: there is no job ${job.slice(0, 64)}`)
}
