// What was known of the nodes, over its table: a cache that survives a restart.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { STORE_MESSAGE_CHARACTERS_MAX, STORE_NODE_CHARACTERS_MAX, STORE_PAGE_ROWS_MAX } from '#base/limits.ts'
import { inBatches, lastOfEach } from './batches.ts'
import type { NodeRecord, Nodes } from './fleet-records.ts'
import { boundedJson, packed, parsed, unpacked } from './packed-json.ts'
import { cutText } from './parameters.ts'
import { bit, present } from './present.ts'
import type { Database, NodeTable } from './schema.ts'

const COLUMNS = [
  ...(['name', 'state', 'last_seen_ms', 'missing_since_ms', 'version'] as const),
  ...(['never_ran', 'disabled_reason', 'last_run'] as const),
] as const

export function nodesOf(db: Database): Nodes {
  return {
    async all({ detail = false } = {}) {
      const records: NodeRecord[] = []
      for (let after = ''; ; ) {
        const rows = await db
          .selectFrom('node')
          .select(detail ? ([...COLUMNS, 'detail'] as const) : COLUMNS)
          .where('name', '>', after)
          .orderBy('name')
          .limit(STORE_PAGE_ROWS_MAX)
          .execute()
        records.push(...(await Promise.all(rows.map((row) => recordWithDetail(row)))))
        if (rows.length < STORE_PAGE_ROWS_MAX) return records
        after = rows.at(-1)!.name
        await nextTurn()
      }
    },
    async get(name) {
      const row = await db.selectFrom('node').selectAll().where('name', '=', name).executeTakeFirst()
      return row && recordWithDetail(row)
    },
    async put(nodes) {
      await inBatches(
        lastOfEach(nodes, (node) => node.name),
        async (batch) => {
          const rows = await Promise.all(batch.map(rowOf))
          await db
            .insertInto('node')
            .values(rows)
            .onConflict((conflict) =>
              conflict.column('name').doUpdateSet(({ ref }) => ({
                state: ref('excluded.state'),
                last_seen_ms: ref('excluded.last_seen_ms'),
                missing_since_ms: ref('excluded.missing_since_ms'),
                version: ref('excluded.version'),
                never_ran: ref('excluded.never_ran'),
                disabled_reason: ref('excluded.disabled_reason'),
                last_run: ref('excluded.last_run'),
                detail: ref('excluded.detail'),
              })),
            )
            .execute()
        },
      )
    },
    async remove(names) {
      let sum = 0
      await inBatches(names, async (batch) => {
        const gone = await db.deleteFrom('node').where('name', 'in', batch).executeTakeFirst()
        sum += Number(gone.numDeletedRows)
      })
      return sum
    },
  }
}

async function rowOf(node: NodeRecord): Promise<NodeTable> {
  const detail = boundedJson(node.detail, STORE_NODE_CHARACTERS_MAX)
  return {
    name: node.name,
    state: node.state,
    last_seen_ms: node.lastSeenMs ?? null,
    missing_since_ms: node.missingSinceMs ?? null,
    version: node.version ?? null,
    never_ran: node.neverRan === undefined ? null : bit(node.neverRan),
    disabled_reason:
      node.disabledReason === undefined ? null : cutText(node.disabledReason, STORE_MESSAGE_CHARACTERS_MAX),
    last_run: boundedJson(node.lastRun, STORE_NODE_CHARACTERS_MAX)?.text ?? null,
    detail: detail === undefined ? null : await packed(detail.text),
  }
}

type Row = Omit<NodeTable, 'detail'> & Partial<Pick<NodeTable, 'detail'>>

async function recordWithDetail(row: Row): Promise<NodeRecord> {
  return recordOf(row, row.detail === null || row.detail === undefined ? undefined : await unpacked(row.detail))
}

function recordOf(row: Omit<NodeTable, 'detail'>, detail?: unknown): NodeRecord {
  return present<NodeRecord>({
    name: row.name,
    state: row.state,
    lastSeenMs: row.last_seen_ms,
    missingSinceMs: row.missing_since_ms,
    version: row.version,
    neverRan: row.never_ran === null ? undefined : row.never_ran === 1,
    disabledReason: row.disabled_reason,
    lastRun: parsed(row.last_run),
    detail,
  })
}
