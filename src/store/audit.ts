// The audit over its table: entries are added and listed; only their age takes them away (purge.ts).

import { STORE_AUDIT_CHARACTERS_MAX, STORE_NAME_CHARACTERS_MAX, STORE_PAGE_ROWS_MAX } from '#base/limits.ts'
import { parseJson } from '#base/parse-json.ts'
import type { Audit, AuditRecord } from './fleet-records.ts'
import { boundedJson } from './packed-json.ts'
import { cutText } from './parameters.ts'
import type { AuditTable, Database } from './schema.ts'

export function auditOf(db: Database, newId: () => string): Audit {
  return {
    async add(entry) {
      const row: AuditTable = {
        id: newId(),
        at_ms: entry.atMs,
        account: cutText(entry.account, STORE_NAME_CHARACTERS_MAX),
        what: cutText(entry.what, STORE_NAME_CHARACTERS_MAX),
        detail: boundedJson(entry.detail, STORE_AUDIT_CHARACTERS_MAX)?.text ?? 'null',
        address: cutText(entry.address, STORE_NAME_CHARACTERS_MAX),
      }
      await db.insertInto('audit').values(row).execute()
      return recordOf(row)
    },
    async list({ account, what, before, limit = 100 }) {
      let rows = db.selectFrom('audit').selectAll()
      if (account !== undefined) rows = rows.where('account', '=', account)
      if (what !== undefined) rows = rows.where('what', '=', what)
      if (before !== undefined) rows = rows.where('id', '<', before)
      const page = rows.orderBy('id', 'desc').limit(Math.min(limit, STORE_PAGE_ROWS_MAX))
      return (await page.execute()).map(recordOf)
    },
  }
}

function recordOf(row: AuditTable): AuditRecord {
  const { id, account, what, address } = row
  return { id, atMs: row.at_ms, account, what, detail: parseJson(row.detail), address }
}
