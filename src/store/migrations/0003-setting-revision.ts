// How often a setting was written: who changes it says which state was read, so that nobody's change is lost unseen.

import type { Kysely } from 'kysely'
import { columnTypes, type StoreKind } from './column-types.ts'

export async function settingRevision(db: Kysely<unknown>, kind: StoreKind): Promise<void> {
  await db.schema
    .alterTable('setting')
    .addColumn('revision', columnTypes(kind).integer, (c) => c.notNull().defaultTo(1))
    .execute()
}
