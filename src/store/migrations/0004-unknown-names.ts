// Wrong passwords for names that no account has: counted where those of accounts are, so that no console and no restart tells them apart.

import type { Kysely } from 'kysely'
import { columnTypes, type StoreKind, table } from './column-types.ts'

export async function unknownNames(db: Kysely<unknown>, kind: StoreKind): Promise<void> {
  const t = columnTypes(kind)
  await table(db, kind, 'unknown_name', true)
    .addColumn('name_hash', t.text, (c) => c.primaryKey().notNull())
    .addColumn('failed_attempts', t.integer, (c) => c.notNull())
    .addColumn('locked_until_ms', t.integer)
    .addColumn('last_ms', t.integer, (c) => c.notNull())
    .execute()
  await db.schema.createIndex('unknown_name_by_time').on('unknown_name').column('last_ms').execute()
}
