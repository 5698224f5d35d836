// Reads what became of the nodes of a job: by page, by group of equal answers, by name. No answer is larger than a page.

import { type SelectQueryBuilder, sql } from 'kysely'
import {
  STORE_BATCH_ROWS,
  STORE_GROUP_NODES_MAX,
  STORE_GROUPS_MAX,
  STORE_PAGE_BYTES_MAX,
  STORE_PAGE_ROWS_MAX,
} from '#base/limits.ts'
import type { JobOutcome, Jobs, ResultGroup, ResultRecord } from './job-records.ts'
import { unpacked } from './packed-json.ts'
import { present } from './present.ts'
import type { Database, JobAnswerTable, JobResultTable, Schema } from './schema.ts'

type Ask = Parameters<Jobs['results']>[1]
type Which = Pick<Ask, 'outcomes' | 'group' | 'normalisedGroup'>

export async function resultsPage(db: Database, job: string, ask: Ask): ReturnType<Jobs['results']> {
  const limit = Math.max(1, Math.min(ask.limit ?? 100, STORE_PAGE_ROWS_MAX))
  let rows = which(ofJob(db, job), ask).selectAll()
  if (ask.after !== undefined) rows = rows.where('node', '>', ask.after)
  const found = await rows
    .orderBy('node')
    .limit(limit + 1)
    .execute()
  const page = found.slice(0, limit)
  const answers = ask.data === false ? new Map<string, Answer>() : await answersWithinBounds(db, job, page)
  const results = page.map((row) => resultRecord(row, answers))
  const last = page.at(-1)
  return found.length > results.length && last !== undefined ? { results, next: last.node } : { results }
}

export async function resultOf(db: Database, job: string, node: string): Promise<ResultRecord | undefined> {
  const row = await ofJob(db, job).selectAll().where('node', '=', node).executeTakeFirst()
  return row && resultRecord(row, await answersWithinBounds(db, job, [row]))
}

export async function nodesOfJob(db: Database, job: string, ask: Which): Promise<string[]> {
  const rows = await which(ofJob(db, job), ask).select('node').orderBy('node').execute()
  return rows.map((row) => row.node)
}

export async function elapsedOf(db: Database, job: string): Promise<number[]> {
  const rows = ofJob(db, job).select('elapsed_ms').where('elapsed_ms', 'is not', null)
  return (await rows.execute()).map((row) => row.elapsed_ms as number).sort((a, b) => a - b)
}

function ofJob(db: Database, job: string): SelectQueryBuilder<Schema, 'job_result', object> {
  return db.selectFrom('job_result').where('job', '=', job)
}

function which<T>(
  query: SelectQueryBuilder<Schema, 'job_result', T>,
  { outcomes, group, normalisedGroup }: Which,
): SelectQueryBuilder<Schema, 'job_result', T> {
  let rows = query
  if (outcomes !== undefined) rows = rows.where('outcome', 'in', outcomes.length > 0 ? outcomes : ['none'])
  if (group !== undefined) rows = rows.where(sql<string>`coalesce(group_key, outcome)`, '=', group)
  if (normalisedGroup !== undefined)
    rows = rows.where(sql<string>`coalesce(normalised_key, outcome)`, '=', normalisedGroup)
  return rows
}

interface Answer {
  readonly data: unknown
  readonly cut: boolean
}

/** Takes rows off the end of `page` until what is left has few enough answers; at least one row stays. */
async function answersWithinBounds(db: Database, job: string, page: JobResultTable[]): Promise<Map<string, Answer>> {
  const sizes = new Map<string, number>()
  const digests = [...new Set(page.flatMap((row) => (row.answer === null ? [] : [row.answer])))]
  for (let from = 0; from < digests.length; from += STORE_BATCH_ROWS) {
    const some = digests.slice(from, from + STORE_BATCH_ROWS)
    const rows = db
      .selectFrom('job_answer')
      .select(['digest', 'size'])
      .where('job', '=', job)
      .where('digest', 'in', some)
    for (const { digest, size } of await rows.execute()) sizes.set(digest, size)
  }
  const wanted = new Set<string>()
  let bytes = 0
  for (const [at, row] of page.entries()) {
    if (row.answer === null || wanted.has(row.answer)) continue
    bytes += sizes.get(row.answer) ?? 0
    if (bytes > STORE_PAGE_BYTES_MAX && at > 0) {
      page.length = at
      break
    }
    wanted.add(row.answer)
  }
  return answersOf(db, job, [...wanted])
}

async function answersOf(db: Database, job: string, digests: readonly string[]): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>()
  for (let from = 0; from < digests.length; from += STORE_BATCH_ROWS) {
    const some = digests.slice(from, from + STORE_BATCH_ROWS)
    const rows = db.selectFrom('job_answer').selectAll().where('job', '=', job).where('digest', 'in', some)
    const read = async (row: JobAnswerTable): Promise<void> => {
      answers.set(row.digest, { data: await unpacked(row.data), cut: row.cut === 1 })
    }
    await Promise.all((await rows.execute()).map(read))
  }
  return answers
}

function resultRecord(row: JobResultTable, answers: ReadonlyMap<string, Answer>): ResultRecord {
  const answer = row.answer === null ? undefined : answers.get(row.answer)
  return present<ResultRecord>({
    node: row.node,
    outcome: row.outcome as JobOutcome,
    sent: row.sent === 1,
    statusCode: row.status_code,
    message: row.message,
    data: answer?.data,
    cut: answer?.cut ? true : undefined,
    group: row.group_key,
    normalisedGroup: row.normalised_key,
    elapsedMs: row.elapsed_ms,
    atMs: row.at_ms,
  })
}

/** What needs attention first. */
const RANK = sql<number>`min(case outcome when 'failed' then 0 when 'refused' then 1 when 'noResponse' then 2
  when 'unknown' then 3 when 'notAddressed' then 4 when 'ok' then 5 else 6 end)`

export async function groupsOfJob(
  db: Database,
  job: string,
  { normalised, limit = STORE_GROUPS_MAX }: Parameters<Jobs['groups']>[1],
): ReturnType<Jobs['groups']> {
  const key = sql<string>`coalesce(${sql.ref(normalised ? 'normalised_key' : 'group_key')}, outcome)`
  const counted = await ofJob(db, job)
    .select([key.as('key'), sql<number>`count(*)`.as('nodes'), sql<string>`min(node)`.as('first'), RANK.as('rank')])
    .select(sql<number>`count(*) over ()`.as('groups'))
    .groupBy(key)
    .orderBy('rank')
    .orderBy('nodes', 'desc')
    .orderBy('first')
    .limit(Math.min(limit, STORE_GROUPS_MAX))
    .execute()
  if (counted.length === 0) return { groups: [], more: 0 }
  const names = await firstNodes(
    db,
    job,
    key,
    counted.map((row) => row.key),
  )
  const firsts = counted.map((row) => row.first)
  const rows = await ofJob(db, job).selectAll().where('node', 'in', firsts).execute()
  const byNode = new Map(rows.map((row) => [row.node, row]))
  // In the order of the groups: when not all data fit, the last ones go without.
  const ordered = firsts.map((node) => byNode.get(node)!)
  const answers = await answersWithinBounds(db, job, [...ordered])
  const groups = counted.map((row): ResultGroup => {
    const first1 = byNode.get(row.first)!
    const { outcome, statusCode, message, data } = resultRecord(first1, answers)
    const answer = first1.answer === null ? undefined : answers.get(first1.answer)
    const cut = first1.answer !== null && answer?.cut !== false ? true : undefined
    const first = names.get(row.key) ?? [row.first]
    return present<ResultGroup>({ key: row.key, outcome, count: row.nodes, first, statusCode, message, data, cut })
  })
  return { groups, more: (counted[0]?.groups ?? 0) - counted.length }
}

async function firstNodes(
  db: Database,
  job: string,
  key: ReturnType<typeof sql<string>>,
  keys: readonly string[],
): Promise<Map<string, string[]>> {
  const place = sql<number>`row_number() over (partition by ${key} order by node)`
  const placed = ofJob(db, job)
    .select(['node', key.as('key'), place.as('place')])
    .where(key, 'in', keys)
  const rows = db.selectFrom(placed.as('placed')).select(['node', 'key']).where('place', '<=', STORE_GROUP_NODES_MAX)
  const names = new Map<string, string[]>()
  for (const row of await rows.orderBy('key').orderBy('node').execute()) {
    const list = names.get(row.key)
    if (list) list.push(row.node)
    else names.set(row.key, [row.node])
  }
  return names
}
