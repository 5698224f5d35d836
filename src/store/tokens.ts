// Tokens of scripts over their table.

import type { AccountRole, TokenRecord, Tokens } from './account-records.ts'
import { present } from './present.ts'
import type { Database, TokenTable } from './schema.ts'

export function tokensOf(db: Database): Tokens {
  return {
    async insert(token) {
      const row: TokenTable = {
        id: token.id,
        hash: token.hash,
        label: token.label,
        account: token.account,
        role: token.role,
        created_at_ms: token.createdAtMs,
        expires_at_ms: token.expiresAtMs ?? null,
        last_used_ms: token.lastUsedMs ?? null,
      }
      await db.insertInto('token').values(row).execute()
    },
    async byHash(hash) {
      const row = await db.selectFrom('token').selectAll().where('hash', '=', hash).executeTakeFirst()
      return row && tokenOf(row)
    },
    async get(id) {
      const row = await db.selectFrom('token').selectAll().where('id', '=', id).executeTakeFirst()
      return row && tokenOf(row)
    },
    async list(account) {
      let rows = db.selectFrom('token').selectAll()
      if (account !== undefined) rows = rows.where('account', '=', account)
      return (await rows.orderBy('id', 'desc').execute()).map(tokenOf)
    },
    async touch(id, nowMs) {
      await db.updateTable('token').set({ last_used_ms: nowMs }).where('id', '=', id).execute()
    },
    async remove(id) {
      const gone = await db.deleteFrom('token').where('id', '=', id).executeTakeFirst()
      return gone.numDeletedRows > 0n
    },
    async purge(nowMs) {
      const gone = await db.deleteFrom('token').where('expires_at_ms', '<=', nowMs).executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
  }
}

function tokenOf(row: TokenTable): TokenRecord {
  return present<TokenRecord>({
    id: row.id,
    hash: row.hash,
    label: row.label,
    account: row.account,
    role: row.role as AccountRole,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    lastUsedMs: row.last_used_ms,
  })
}
