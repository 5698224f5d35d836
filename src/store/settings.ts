// Anything else that must outlive the console, by key.

import { STORE_JSON_CHARACTERS_MAX } from '#base/limits.ts'
import type { Settings } from './fleet-records.ts'
import { wholeJson } from './packed-json.ts'
import type { Database } from './schema.ts'

export function settingsOf(db: Database): Settings {
  return {
    async get(key) {
      const row = await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst()
      return row && JSON.parse(row.value)
    },
    async set(key, value) {
      const text = wholeJson(value, STORE_JSON_CHARACTERS_MAX, `the setting ${key}`) ?? 'null'
      await db
        .insertInto('setting')
        .values({ key, value: text })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
        .execute()
    },
    async remove(key) {
      const gone = await db.deleteFrom('setting').where('key', '=', key).executeTakeFirst()
      return gone.numDeletedRows > 0n
    },
  }
}
