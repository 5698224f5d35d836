// Accounts over their table.

import { type Selectable, sql } from 'kysely'
import type { AccountRecord, AccountRole, Accounts } from './account-records.ts'
import { bit, given, present } from './present.ts'
import type { AccountTable, Database } from './schema.ts'

export function accountsOf(db: Database): Accounts {
  return {
    async list() {
      return (await db.selectFrom('account').selectAll().orderBy('name').execute()).map(recordOf)
    },
    async count() {
      const row = await db.selectFrom('account').select(sql<number>`count(*)`.as('n')).executeTakeFirst()
      return row?.n ?? 0
    },
    async get(name) {
      return optional(await db.selectFrom('account').selectAll().where('name', '=', name).executeTakeFirst())
    },
    async bySubject(subject) {
      return optional(await db.selectFrom('account').selectAll().where('subject', '=', subject).executeTakeFirst())
    },
    async insert(account) {
      await db.insertInto('account').values(rowOf(account)).execute()
    },
    async update(name, change) {
      const set = columnsOf(change)
      if (Object.keys(set).length === 0) return this.get(name)
      const changed = db.updateTable('account').set(set).where('name', '=', name).returningAll()
      return optional(await changed.executeTakeFirst())
    },
    async addFailure(name, lock) {
      const changed = await db
        .updateTable('account')
        .set({
          failed_attempts: sql`failed_attempts + 1`,
          locked_until_ms: sql`case when failed_attempts + 1 >= ${sql.lit(Math.floor(lock.attempts))} then ${sql.lit(
            Math.floor(lock.untilMs),
          )} else locked_until_ms end`,
        })
        .where('name', '=', name)
        .where(sql<number>`coalesce(locked_until_ms, 0)`, '<=', lock.nowMs)
        .returningAll()
        .executeTakeFirst()
      return optional(changed)
    },
    async remove(name) {
      const gone = await db.deleteFrom('account').where('name', '=', name).executeTakeFirst()
      return gone.numDeletedRows > 0n
    },
  }
}

type Changes = Parameters<Accounts['update']>[1]

function columnsOf(change: Changes): Partial<AccountTable> {
  return given<AccountTable>({
    display_name: change.displayName,
    role: change.role,
    subject: change.subject,
    password_hash: change.passwordHash,
    disabled: change.disabled === undefined ? undefined : bit(change.disabled),
    failed_attempts: change.failedAttempts,
    locked_until_ms: change.lockedUntilMs,
    changed_at_ms: change.changedAtMs,
    last_sign_in_ms: change.lastSignInMs,
  })
}

function rowOf(account: AccountRecord): AccountTable {
  return {
    name: account.name,
    display_name: account.displayName,
    role: account.role,
    source: account.source,
    subject: account.subject ?? null,
    password_hash: account.passwordHash ?? null,
    disabled: bit(account.disabled),
    failed_attempts: account.failedAttempts,
    locked_until_ms: account.lockedUntilMs ?? null,
    created_at_ms: account.createdAtMs,
    changed_at_ms: account.changedAtMs,
    last_sign_in_ms: account.lastSignInMs ?? null,
  }
}

function optional(row: Selectable<AccountTable> | undefined): AccountRecord | undefined {
  return row && recordOf(row)
}

function recordOf(row: Selectable<AccountTable>): AccountRecord {
  return present<AccountRecord>({
    name: row.name,
    displayName: row.display_name,
    role: row.role as AccountRole,
    source: row.source as AccountRecord['source'],
    subject: row.subject,
    passwordHash: row.password_hash,
    disabled: row.disabled === 1,
    failedAttempts: row.failed_attempts,
    lockedUntilMs: row.locked_until_ms,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
    lastSignInMs: row.last_sign_in_ms,
  })
}
