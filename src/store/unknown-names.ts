// Wrong passwords for names that no account has, over their table.

import { type Selectable, sql } from 'kysely'
import type { NameFailures, UnknownNames } from './account-records.ts'
import { present } from './present.ts'
import type { Database, UnknownNameTable } from './schema.ts'

export function unknownNamesOf(db: Database): UnknownNames {
  return {
    async get(nameHash) {
      const row = await db.selectFrom('unknown_name').selectAll().where('name_hash', '=', nameHash).executeTakeFirst()
      return row && failuresOf(row)
    },
    async addFailure(nameHash, { attempts, untilMs, nowMs, namesMax }) {
      const lock = (count: ReturnType<typeof sql<number>>) =>
        sql<number | null>`case when ${count} >= ${sql.lit(Math.floor(attempts))} then ${sql.lit(
          Math.floor(untilMs),
        )} end`
      const count = sql<number>`unknown_name.failed_attempts + 1`
      const row = await db
        .insertInto('unknown_name')
        .values({
          name_hash: nameHash,
          failed_attempts: 1,
          locked_until_ms: attempts <= 1 ? Math.floor(untilMs) : null,
          last_ms: nowMs,
        })
        .onConflict((conflict) =>
          conflict
            .column('name_hash')
            .doUpdateSet({ failed_attempts: count, locked_until_ms: lock(count), last_ms: nowMs })
            .where(sql<number>`coalesce(unknown_name.locked_until_ms, 0)`, '<=', nowMs),
        )
        .returningAll()
        .executeTakeFirst()
      if (row?.failed_attempts === 1) await forgetOldest(namesMax)
      return row && failuresOf(row)
    },
  }

  async function forgetOldest(namesMax: number): Promise<void> {
    const tooOld = sql<number>`(select last_ms from unknown_name order by last_ms desc limit 1 offset ${sql.lit(namesMax)})`
    await db.deleteFrom('unknown_name').where('last_ms', '<=', tooOld).execute()
  }
}

function failuresOf(row: Selectable<UnknownNameTable>): NameFailures {
  return present<NameFailures>({ failedAttempts: row.failed_attempts, lockedUntilMs: row.locked_until_ms })
}
