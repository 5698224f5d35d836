// Forgets what is older than it may be, some hundred rows at a time, so that nobody waits for it.

import { sql } from 'kysely'
import { STORE_PURGE_ROWS } from '#base/limits.ts'
import { untilNone } from './batches.ts'
import type { StoreKind } from './migrations/column-types.ts'
import type { Database } from './schema.ts'
import type { Purged, RetentionDays, Store } from './store.ts'

const DAY_MS = 24 * 3_600_000

export async function purge(
  db: Database,
  kind: StoreKind,
  ending: Pick<Store, 'sessions' | 'links' | 'tokens'>,
  nowMs: number,
  days: RetentionDays,
): Promise<Purged> {
  const purged = {
    sessions: await ending.sessions.purge(nowMs),
    links: await ending.links.purge(nowMs),
    tokens: await ending.tokens.purge(nowMs),
    jobs: await purgeJobs(db, nowMs - days.jobs * DAY_MS),
    audit: await purgeAudit(db, nowMs - days.audit * DAY_MS),
    reports: await purgeReports(db, nowMs - days.reports * DAY_MS),
  }
  if (kind === 'sqlite') await untilNone(() => giveBackPages(db))
  return purged
}

async function purgeJobs(db: Database, beforeMs: number): Promise<number> {
  const old = await db
    .selectFrom('job')
    .select('id')
    .where('state', '!=', 'running')
    .where(sql<number>`coalesce(ended_at_ms, started_at_ms)`, '<', beforeMs)
    .execute()
  // Lines first: taking them along with the job would be one long statement.
  for (const { id } of old) {
    await untilNone(() => purgeOf(db, 'job_line', 'node', id))
    await untilNone(() => purgeOf(db, 'job_reply', 'number', id))
    await untilNone(() => purgeOf(db, 'job_before', 'node', id))
    await db.deleteFrom('job').where('id', '=', id).execute()
  }
  return old.length
}

async function purgeOf(
  db: Database,
  table: 'job_line' | 'job_reply' | 'job_before',
  key: 'node' | 'number',
  job: string,
): Promise<number> {
  const [name, column] = [sql.table(table), sql.ref(key)]
  const some = sql`select ${column} from ${name} where job = ${job} limit ${sql.lit(STORE_PURGE_ROWS)}`
  const gone = await sql`delete from ${name} where job = ${job} and ${column} in (${some})`.execute(db)
  return Number(gone.numAffectedRows ?? 0n)
}

async function purgeAudit(db: Database, beforeMs: number): Promise<number> {
  return untilNone(async () => {
    const old = db.selectFrom('audit').select('id').where('at_ms', '<', beforeMs).limit(STORE_PURGE_ROWS)
    return Number((await db.deleteFrom('audit').where('id', 'in', old).executeTakeFirst()).numDeletedRows)
  })
}

async function purgeReports(db: Database, beforeMs: number): Promise<number> {
  await db.deleteFrom('report_hour').where('at_ms', '<', beforeMs).execute()
  return untilNone(async () => {
    const old = await db
      .selectFrom('report')
      .select('at_ms')
      .where('at_ms', '<', beforeMs)
      .orderBy('at_ms')
      .offset(STORE_PURGE_ROWS - 1)
      .limit(1)
      .executeTakeFirst()
    const upto = old === undefined ? beforeMs : old.at_ms + 1
    return Number((await db.deleteFrom('report').where('at_ms', '<', upto).executeTakeFirst()).numDeletedRows)
  })
}

async function giveBackPages(db: Database): Promise<number> {
  const free = async (): Promise<number> =>
    (await sql<{ freelist_count: number }>`pragma freelist_count`.execute(db)).rows[0]?.freelist_count ?? 0
  const before = await free()
  if (before > 0) await sql`pragma incremental_vacuum(200)`.execute(db)
  return before === 0 ? 0 : before - (await free())
}
