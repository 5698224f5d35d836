// Anything else that must outlive the console, by key. Whether a write comes too late is decided by the statement that writes: several consoles
// may share a database.

import { sql } from 'kysely'
import { STORE_JSON_CHARACTERS_MAX } from '#base/limits.ts'
import type { Settings } from './fleet-records.ts'
import { wholeJson } from './packed-json.ts'
import type { Database } from './schema.ts'

export function settingsOf(db: Database): Settings {
  return {
    async get(key) {
      const row = await db.selectFrom('setting').select(['value', 'revision']).where('key', '=', key).executeTakeFirst()
      return row && { value: JSON.parse(row.value), revision: row.revision }
    },
    async set(key, value, after) {
      const text = wholeJson(value, STORE_JSON_CHARACTERS_MAX, `the setting ${key}`) ?? 'null'
      const next = { value: text, revision: sql<number>`setting.revision + 1` }
      const written =
        after === undefined || after === 0
          ? db
              .insertInto('setting')
              .values({ key, value: text, revision: 1 })
              .onConflict((conflict) =>
                after === 0 ? conflict.column('key').doNothing() : conflict.column('key').doUpdateSet(next),
              )
              .returning('revision')
          : db
              .updateTable('setting')
              .set(next)
              .where('key', '=', key)
              .where('revision', '=', after)
              .returning('revision')
      return (await written.executeTakeFirst())?.revision
    },
  }
}
