// Reads what became of the nodes of a job: by page, by group of equal answers, by name. No answer is larger than a page.

import type { SelectQueryBuilder } from 'kysely'
import {
  STORE_BATCH_ROWS,
  STORE_GROUP_NODES_MAX,
  STORE_GROUPS_MAX,
  STORE_PAGE_BYTES_MAX,
  STORE_PAGE_ROWS_MAX,
} from '#base/limits.ts'
import type { JobOutcome, Jobs, ResultGroup, ResultRecord } from './job-records.ts'
import type { JobWriting } from './job-results.ts'
import { columnsOfJob, selectMany } from './many-rows.ts'
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

export async function elapsedOf({ db, kind }: Reading, job: string): Promise<number[]> {
  const [elapsed] = await columnsOfJob(db, kind, 'job_line', ['elapsed_ms'], job)
  return [...Float64Array.from((elapsed as (number | null)[]).filter((ms) => ms !== null)).sort()]
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
  page: Pick<JobLineTable, 'reply'>[],
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
const RANK: readonly string[] = ['failed', 'refused', 'noResponse', 'unknown', 'notAddressed', 'ok', 'waiting']

interface CountedGroup {
  readonly key: string
  /** The first that needs attention. */
  rank: number
  count: number
  readonly first: string[]
  /** Of its first node. */
  readonly outcome: string
  readonly reply: number | null
}

export async function groupsOfJob(
  reading: Reading,
  job: string,
  { normalised, limit = STORE_GROUPS_MAX }: Parameters<Jobs['groups']>[1],
): ReturnType<Jobs['groups']> {
  const counted = await countedGroups(reading, job, normalised ? 'normalised_key' : 'group_key')
  const shown = counted.slice(0, Math.min(limit, STORE_GROUPS_MAX))
  // In the order of the groups: when not all data fit, the last ones go without.
  const replies = await repliesWithinBounds(reading, job, [...shown])
  const groups = shown.map(({ key, outcome, count, first, reply: number }): ResultGroup => {
    const reply = number === null ? undefined : replies.get(number)
    const { statusCode, message, data } = reply ?? {}
    const cut = reply?.cut || (reply?.hasData && data === undefined) ? true : undefined
    return present<ResultGroup>({
      ...{ key, outcome: outcome as JobOutcome, count, first },
      ...{ statusCode, message, data, cut },
    })
  })
  return { groups, more: counted.length - shown.length }
}

async function countedGroups({ db, kind }: Reading, job: string, column: GroupColumn): Promise<CountedGroup[]> {
  const lines = await columnsOfJob(db, kind, 'job_node', ['node', 'outcome', 'reply'], job, 'node')
  const [nodes, outcomes, replies] = lines as [string[], string[], (number | null)[]]
  const [numbers, keys] = await columnsOfJob(db, kind, 'job_reply', ['number', column], job, 'number')
  const keyOf = new Map(numbers?.map((number, at) => [number, keys?.[at] as string | null]))
  const groups = new Map<string, CountedGroup>()
  for (const [at, node] of nodes.entries()) {
    const [outcome, reply] = [outcomes[at]!, replies[at]!]
    const key = (reply === null ? null : keyOf.get(reply)) ?? outcome
    let group = groups.get(key)
    if (group === undefined) {
      group = { key, rank: RANK.length, count: 0, first: [], outcome, reply }
      groups.set(key, group)
    }
    group.count++
    group.rank = Math.min(group.rank, RANK.indexOf(outcome))
    if (group.first.length < STORE_GROUP_NODES_MAX) group.first.push(node)
  }
  return [...groups.values()].sort(
    (a, b) => a.rank - b.rank || b.count - a.count || (a.first[0]! < b.first[0]! ? -1 : 1),
  )
}
