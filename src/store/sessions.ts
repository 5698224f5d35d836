// Sessions, and links that sign in once, over their tables.

import { STORE_PAGE_ROWS_MAX, STORE_SESSION_CHARACTERS_MAX } from '#base/limits.ts'
import type { LinkRecord, Links, SessionRecord, Sessions } from './account-records.ts'
import { parsed, wholeJson } from './packed-json.ts'
import { bit, given, present } from './present.ts'
import type { Database, LinkTable, SessionTable } from './schema.ts'

export function sessionsOf(db: Database): Sessions {
  return {
    async insert(session) {
      const row: SessionTable = {
        id_hash: session.idHash,
        account: session.account ?? null,
        csrf_secret: session.csrfSecret,
        created_at_ms: session.createdAtMs,
        last_used_ms: session.lastUsedMs,
        expires_at_ms: session.expiresAtMs,
        by_link: bit(session.byLink),
        data: dataText(session.data),
      }
      await db.insertInto('session').values(row).execute()
    },
    async get(idHash) {
      const row = await db.selectFrom('session').selectAll().where('id_hash', '=', idHash).executeTakeFirst()
      return row && sessionOf(row)
    },
    async update(idHash, change) {
      const set = given<SessionTable>({
        account: change.account,
        csrf_secret: change.csrfSecret,
        last_used_ms: change.lastUsedMs,
        expires_at_ms: change.expiresAtMs,
        by_link: change.byLink === undefined ? undefined : bit(change.byLink),
        data: change.data === undefined ? undefined : change.data === null ? null : dataText(change.data),
      })
      if (Object.keys(set).length === 0) return (await this.get(idHash)) !== undefined
      const changed = await db.updateTable('session').set(set).where('id_hash', '=', idHash).executeTakeFirst()
      return changed.numUpdatedRows > 0n
    },
    async remove(idHash) {
      const gone = await db.deleteFrom('session').where('id_hash', '=', idHash).executeTakeFirst()
      return gone.numDeletedRows > 0n
    },
    async removeAllOf(account, except = '') {
      const gone = db.deleteFrom('session').where('account', '=', account).where('id_hash', '!=', except)
      return (await gone.returning('id_hash').execute()).map((row) => row.id_hash)
    },
    async listOf(account, nowMs) {
      const rows = db
        .selectFrom('session')
        .selectAll()
        .where('account', '=', account)
        .where('expires_at_ms', '>', nowMs)
      return (await rows.orderBy('last_used_ms', 'desc').limit(STORE_PAGE_ROWS_MAX).execute()).map(sessionOf)
    },
    async purge(nowMs) {
      const gone = await db.deleteFrom('session').where('expires_at_ms', '<=', nowMs).executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
  }
}

function dataText(data: unknown): string | null {
  return wholeJson(data, STORE_SESSION_CHARACTERS_MAX, 'what is remembered for a session')
}

function sessionOf(row: SessionTable): SessionRecord {
  return present<SessionRecord>({
    idHash: row.id_hash,
    account: row.account,
    csrfSecret: row.csrf_secret,
    createdAtMs: row.created_at_ms,
    lastUsedMs: row.last_used_ms,
    expiresAtMs: row.expires_at_ms,
    byLink: row.by_link === 1,
    data: parsed(row.data),
  })
}

export function linksOf(db: Database): Links {
  return {
    async insert(link) {
      const row: LinkTable = {
        hash: link.hash,
        purpose: link.purpose,
        account: link.account ?? null,
        created_at_ms: link.createdAtMs,
        expires_at_ms: link.expiresAtMs,
        used_at_ms: link.usedAtMs ?? null,
      }
      await db.insertInto('link').values(row).execute()
    },
    async use(hash, nowMs) {
      const used = db
        .updateTable('link')
        .set({ used_at_ms: nowMs })
        .where('hash', '=', hash)
        .where('used_at_ms', 'is', null)
        .where('expires_at_ms', '>', nowMs)
      const row = await used.returningAll().executeTakeFirst()
      return row && linkOf(row)
    },
    async removeUnused(purpose) {
      const unused = db.deleteFrom('link').where('purpose', '=', purpose).where('used_at_ms', 'is', null)
      return Number((await unused.executeTakeFirst()).numDeletedRows)
    },
    async purge(nowMs) {
      const gone = await db.deleteFrom('link').where('expires_at_ms', '<=', nowMs).executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
  }
}

function linkOf(row: LinkTable): LinkRecord {
  return present<LinkRecord>({
    hash: row.hash,
    purpose: row.purpose,
    account: row.account,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    usedAtMs: row.used_at_ms,
  })
}
