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
import type { JobWriting } from './job-results.ts'
import { selectMany } from './many-rows.ts'
import { unpacked } from './packed-json.ts'
import { present } from './present.ts'
import type { Database, JobLineTable, JobReplyTable, Schema } from './schema.ts'

type Ask = Parameters<Jobs['results']>[1]
type Which = Pick<Ask, 'outcomes' | 'group' | 'normalisedGroup'>
type Reading = Pick<JobWriting, 'db' | 'kind'>

export async function resultsPage(reading: Reading, job: string, ask: Ask): ReturnType<Jobs['results']> {
  const limit = Math.max(1, Math.min(ask.limit ?? 100, STORE_PAGE_ROWS_MAX))
  let rows = which(reading.db, job, ask).selectAll()
  if (ask.after !== undefined) rows = rows.where('node', '>', ask.after)
  const found = await rows
    .orderBy('node')
    .limit(limit + 1)
    .execute()
  const page = found.slice(0, limit)
  const replies = await repliesWithinBounds(reading, job, page, ask.data !== false)
  const results = page.map((row) => resultRecord(row, replies))
  const last = page.at(-1)
  return found.length > results.length && last !== undefined ? { results, next: last.node } : { results }
}

export async function resultOf(reading: Reading, job: string, node: string): Promise<ResultRecord | undefined> {
  const row = await ofJob(reading.db, job).selectAll().where('node', '=', node).executeTakeFirst()
  return row && resultRecord(row, await repliesWithinBounds(reading, job, [row]))
}

export async function nodesOfJob(db: Database, job: string, ask: Which): Promise<string[]> {
  const rows = await which(db, job, ask).select('node').orderBy('node').execute()
  return rows.map((row) => row.node)
}

export async function elapsedOf(db: Database, job: string): Promise<number[]> {
  const rows = db.selectFrom('job_line').select('elapsed_ms').where('job', '=', job).where('elapsed_ms', 'is not', null)
  return (await rows.execute()).map((row) => row.elapsed_ms as number).sort((a, b) => a - b)
}

type Nodes = SelectQueryBuilder<Schema, 'job_node', object>

function ofJob(db: Database, job: string): Nodes {
  return db.selectFrom('job_node').where('job', '=', job)
}

function which(db: Database, job: string, { outcomes, group, normalisedGroup }: Which): Nodes {
  let rows = ofJob(db, job)
  if (outcomes !== undefined) rows = rows.where('outcome', 'in', outcomes.length > 0 ? outcomes : ['none'])
  if (group !== undefined) rows = inGroup(rows, db, job, 'group_key', group)
  if (normalisedGroup !== undefined) rows = inGroup(rows, db, job, 'normalised_key', normalisedGroup)
  return rows
}

type GroupColumn = 'group_key' | 'normalised_key'

/** Lines without a key are in the group of their outcome. */
function inGroup(rows: Nodes, db: Database, job: string, column: GroupColumn, key: string): Nodes {
  const replies = db.selectFrom('job_reply').select('number').where('job', '=', job)
  return rows.where(({ or, and, eb }) =>
    or([
      eb('reply', 'in', replies.where(column, '=', key)),
      and([
        eb('outcome', '=', key),
        or([eb('reply', 'is', null), eb('reply', 'in', replies.where(column, 'is', null))]),
      ]),
    ]),
  )
}

interface Reply {
  readonly statusCode: number | null
  readonly message: string | null
  readonly group: string | null
  readonly normalisedGroup: string | null
  readonly cut: boolean
  /** undefined: none, or it was not asked for, or there was no room for it. */
  readonly data?: unknown
  readonly hasData: boolean
}

const HEADS = {
  columns: 'number, status_code, message, group_key, normalised_key, size, cut',
  ...{ table: 'job_reply', key: 'number' },
}
const DATA = { columns: 'number, data', table: 'job_reply', key: 'number' }

type Head = Omit<JobReplyTable, 'job' | 'data'>
type Data = Pick<JobReplyTable, 'number' | 'data'>

/** Takes rows off the end of `page` until what is left has few enough data; at least one row stays. */
async function repliesWithinBounds(
  reading: Reading,
  job: string,
  page: JobLineTable[],
  withData = true,
): Promise<Map<number, Reply>> {
  const heads = new Map<number, Head>()
  const all = [...new Set(page.flatMap(({ reply }) => (reply === null ? [] : [reply])))]
  for (const head of await byNumber<Head>(reading, HEADS, job, all)) heads.set(head.number, head)
  const wanted = new Set<number>()
  let bytes = 0
  for (const [at, { reply }] of page.entries()) {
    const size = (reply === null ? undefined : heads.get(reply)?.size) ?? 0
    if (reply === null || size === 0 || !withData || wanted.has(reply)) continue
    bytes += size
    if (bytes > STORE_PAGE_BYTES_MAX && at > 0) {
      page.length = at
      break
    }
    wanted.add(reply)
  }
  const data = new Map<number, unknown>()
  for (const { number, data: bytes } of await byNumber<Data>(reading, DATA, job, [...wanted]))
    if (bytes !== null) data.set(number, await unpacked(bytes))
  return new Map([...heads].map(([number, head]) => [number, replyOf(head, data.get(number))]))
}

async function byNumber<Row>(
  { db, kind }: Reading,
  what: Parameters<typeof selectMany>[2],
  job: string,
  numbers: readonly number[],
): Promise<Row[]> {
  const rows: Row[] = []
  for (let from = 0; from < numbers.length; from += STORE_BATCH_ROWS)
    rows.push(...(await selectMany<Row>(db, kind, what, job, numbers.slice(from, from + STORE_BATCH_ROWS))))
  return rows
}

function replyOf(head: Head, data: unknown): Reply {
  return {
    ...{ statusCode: head.status_code, message: head.message, cut: head.cut === 1, data },
    ...{ group: head.group_key, normalisedGroup: head.normalised_key, hasData: head.size > 0 },
  }
}

function resultRecord(row: JobLineTable, replies: ReadonlyMap<number, Reply>): ResultRecord {
  const reply = row.reply === null ? undefined : replies.get(row.reply)
  return present<ResultRecord>({
    node: row.node,
    outcome: row.outcome as JobOutcome,
    sent: row.sent === 1,
    statusCode: reply?.statusCode,
    message: reply?.message,
    data: reply?.data,
    cut: reply?.cut && reply.data !== undefined ? true : undefined,
    group: reply?.group,
    normalisedGroup: reply?.normalisedGroup,
    elapsedMs: row.elapsed_ms,
    atMs: row.at_ms,
  })
}

/** What needs attention first. */
const RANK = sql<number>`case outcome when 'failed' then 0 when 'refused' then 1 when 'noResponse' then 2
  when 'unknown' then 3 when 'notAddressed' then 4 when 'ok' then 5 else 6 end`

interface CountedGroup {
  readonly key: string
  readonly nodes: number
  /** First of its nodes. */
  readonly first: string
  /** Of all groups, how many there are. */
  readonly groups: number
}

export async function groupsOfJob(
  reading: Reading,
  job: string,
  { normalised, limit = STORE_GROUPS_MAX }: Parameters<Jobs['groups']>[1],
): ReturnType<Jobs['groups']> {
  const { db } = reading
  const column = normalised ? 'normalised_key' : 'group_key'
  const counted = await countedGroups(db, job, column, Math.min(limit, STORE_GROUPS_MAX))
  if (counted.length === 0) return { groups: [], more: 0 }
  const names = await firstNodes(db, job, column, counted)
  const firsts = counted.map((row) => row.first)
  const rows = await ofJob(db, job).selectAll().where('node', 'in', firsts).execute()
  const byNode = new Map(rows.map((row) => [row.node, row]))
  // In the order of the groups: when not all data fit, the last ones go without.
  const ordered = firsts.map((node) => byNode.get(node)!)
  const replies = await repliesWithinBounds(reading, job, [...ordered])
  const groups = counted.map(({ key, nodes: count, first: alone }, at): ResultGroup => {
    const row = ordered[at]!
    const reply = row.reply === null ? undefined : replies.get(row.reply)
    const { outcome, statusCode, message, data } = resultRecord(row, replies)
    const cut = reply?.cut || (reply?.hasData && data === undefined) ? true : undefined
    const first = names.get(key) ?? [alone]
    return present<ResultGroup>({ key, outcome, count, first, statusCode, message, data, cut })
  })
  return { groups, more: (counted[0]?.groups ?? 0) - counted.length }
}

/** Lines of one reply are counted first: then only replies have to be looked up. */
async function countedGroups(db: Database, job: string, column: GroupColumn, limit: number): Promise<CountedGroup[]> {
  const counted = ofJob(db, job)
    .select(['reply', 'outcome', RANK.as('rank')])
    .select(sql<number>`count(*)`.as('nodes'))
    .select(sql<string>`min(node)`.as('first'))
    .groupBy(['reply', 'outcome'])
  const key = sql<string>`coalesce(${sql.ref(`job_reply.${column}`)}, outcome)`
  return db
    .selectFrom(counted.as('counted'))
    .leftJoin('job_reply', (join) => join.on('job_reply.job', '=', job).onRef('job_reply.number', '=', 'counted.reply'))
    .select([key.as('key'), sql<number>`sum(nodes)`.as('nodes'), sql<string>`min(first)`.as('first')])
    .select(sql<number>`min(rank)`.as('rank'))
    .select(sql<number>`count(*) over ()`.as('groups'))
    .groupBy(key)
    .orderBy('rank')
    .orderBy('nodes', 'desc')
    .orderBy('first')
    .limit(limit)
    .execute()
}

/** Of groups with more than one node. Of large ones they are among the first of the job. */
async function firstNodes(
  db: Database,
  job: string,
  column: GroupColumn,
  groups: readonly CountedGroup[],
): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>(groups.filter(({ nodes }) => nodes > 1).map(({ key }) => [key, []]))
  if (names.size === 0) return names
  const key = sql<string>`coalesce(${sql.ref(`job_reply.${column}`)}, outcome)`
  const withKeys = (some: Nodes) =>
    db
      .selectFrom(some.selectAll().as('lines'))
      .leftJoin('job_reply', (join) => join.on('job_reply.job', '=', job).onRef('number', '=', 'lines.reply'))
      .select(['lines.node', key.as('key')])
  const page = ofJob(db, job).orderBy('node').limit(STORE_PAGE_ROWS_MAX)
  for (const row of await withKeys(page).orderBy('node').execute()) {
    const list = names.get(row.key)
    if (list && list.length < STORE_GROUP_NODES_MAX) list.push(row.node)
  }
  const wanting = groups.filter(({ key, nodes }) => {
    return nodes > 1 && (names.get(key)?.length ?? 0) < Math.min(nodes, STORE_GROUP_NODES_MAX)
  })
  if (wanting.length === 0) return names
  const keys = wanting.map((group) => group.key)
  const place = sql<number>`row_number() over (partition by ${key} order by node)`
  const placed = withKeys(ofJob(db, job)).select(place.as('place')).where(key, 'in', keys)
  const rows = db.selectFrom(placed.as('placed')).select(['node', 'key']).where('place', '<=', STORE_GROUP_NODES_MAX)
  for (const one of keys) names.set(one, [])
  for (const row of await rows.orderBy('key').orderBy('node').execute()) names.get(row.key)?.push(row.node)
  return names
}
