// Puppet's runs over their table, and how many there were per hour, counted as they are entered.

import { sql } from 'kysely'
import { STORE_JSON_CHARACTERS_MAX } from '#base/limits.ts'
import { inBatches, persisting } from './batches.ts'
import type { ReportRecord, Reports } from './fleet-records.ts'
import { boundedJson, packed, unpacked } from './packed-json.ts'
import { bit, present } from './present.ts'
import type { Database, OpenTransaction, ReportHourTable, ReportTable } from './schema.ts'

const HOUR_MS = 3_600_000
const LIST_MAX = 200
const COLUMNS = [
  ...(['node', 'at_ms', 'outcome', 'changed', 'failed', 'out_of_sync', 'total', 'seconds'] as const),
  ...(['environment', 'config_version', 'noop'] as const),
] as const

export function reportsOf(db: Database): Reports {
  return {
    async add(reports) {
      let fresh = 0
      await inBatches(reports, async (batch) => {
        const rows = await Promise.all(batch.map(rowOf))
        const enter = (tx: OpenTransaction): Promise<number> => enterBatch(tx, rows)
        fresh += await persisting(() => db.transaction().execute(enter))
      })
      return fresh
    },
    async list(node, { beforeMs, limit = 20, full = false }) {
      let rows = db.selectFrom('report').select(COLUMNS).where('node', '=', node)
      if (full) rows = rows.select('data')
      if (beforeMs !== undefined) rows = rows.where('at_ms', '<', beforeMs)
      const page = await rows.orderBy('at_ms', 'desc').limit(Math.min(limit, LIST_MAX)).execute()
      return Promise.all(page.map(recordOf))
    },
    async get(node, atMs) {
      const one = db.selectFrom('report').selectAll().where('node', '=', node).where('at_ms', '=', atMs)
      const row = await one.executeTakeFirst()
      return row && recordOf(row)
    },
    async perHour(sinceMs, untilMs) {
      const rows = await db
        .selectFrom('report_hour')
        .selectAll()
        .where('at_ms', '>=', hourOf(sinceMs))
        .where('at_ms', '<=', hourOf(untilMs))
        .orderBy('at_ms')
        .execute()
      return rows.map(({ at_ms, changed, unchanged, failed }) => ({ atMs: at_ms, changed, unchanged, failed }))
    },
  }
}

function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS
}

/** Answers how many were new. */
async function enterBatch(tx: OpenTransaction, rows: readonly ReportTable[]): Promise<number> {
  const fresh = await tx
    .insertInto('report')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['node', 'at_ms']).doNothing())
    .returning(['node', 'at_ms', 'outcome'])
    .execute()
  if (fresh.length < rows.length) {
    const isFresh = new Set(fresh.map((row) => `${row.at_ms} ${row.node}`))
    for (const row of rows) {
      if (row.data === null || isFresh.has(`${row.at_ms} ${row.node}`)) continue
      const known = tx.updateTable('report').where('node', '=', row.node).where('at_ms', '=', row.at_ms)
      await known.set({ data: row.data }).where('data', 'is', null).execute()
    }
  }
  const hours = new Map<number, ReportHourTable>()
  for (const row of fresh) {
    const at_ms = hourOf(row.at_ms)
    const hour = hours.get(at_ms) ?? { at_ms, changed: 0, unchanged: 0, failed: 0 }
    hour[row.outcome as ReportRecord['outcome']] += 1
    hours.set(at_ms, hour)
  }
  for (const hour of [...hours.values()].sort((a, b) => a.at_ms - b.at_ms)) await addToHour(tx, hour)
  return fresh.length
}

async function addToHour(tx: OpenTransaction, hour: ReportHourTable): Promise<void> {
  const sum = {
    changed: sql<number>`report_hour.changed + excluded.changed`,
    unchanged: sql<number>`report_hour.unchanged + excluded.unchanged`,
    failed: sql<number>`report_hour.failed + excluded.failed`,
  }
  const insert = tx.insertInto('report_hour').values(hour)
  await insert.onConflict((conflict) => conflict.column('at_ms').doUpdateSet(sum)).execute()
}

async function rowOf(report: ReportRecord): Promise<ReportTable> {
  const json = boundedJson(report.report, STORE_JSON_CHARACTERS_MAX)
  return {
    node: report.node,
    at_ms: report.atMs,
    outcome: report.outcome,
    changed: report.changed,
    failed: report.failed,
    out_of_sync: report.outOfSync,
    total: report.total,
    seconds: report.seconds,
    environment: report.environment ?? null,
    config_version: report.configVersion ?? null,
    noop: report.noop === undefined ? null : bit(report.noop),
    data: json === undefined ? null : await packed(json.text),
  }
}

async function recordOf(row: Omit<ReportTable, 'data'> & { data?: Uint8Array | null }): Promise<ReportRecord> {
  return present<ReportRecord>({
    node: row.node,
    atMs: row.at_ms,
    outcome: row.outcome as ReportRecord['outcome'],
    changed: row.changed,
    failed: row.failed,
    outOfSync: row.out_of_sync,
    total: row.total,
    seconds: row.seconds,
    environment: row.environment,
    configVersion: row.config_version,
    noop: row.noop === null ? undefined : row.noop === 1,
    report: row.data ? await unpacked(row.data) : undefined,
  })
}
