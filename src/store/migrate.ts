// Brings a database to the schema of this program. Migrations are never changed once released: the next one is a new file and a new line here.

import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { TroupeError } from '#base/errors.ts'
import { first } from './migrations/0001-first.ts'
import { repliesOnce } from './migrations/0002-replies-once.ts'
import { settingRevision } from './migrations/0003-setting-revision.ts'
import { unknownNames } from './migrations/0004-unknown-names.ts'
import type { StoreKind } from './migrations/column-types.ts'
import type { Database } from './schema.ts'
import { storeError } from './store-error.ts'

/** By name; they run in the order of their names. */
const MIGRATIONS: Record<string, (db: Kysely<unknown>, kind: StoreKind) => Promise<void>> = {
  '0001-first': first,
  '0002-replies-once': repliesOnce,
  '0003-setting-revision': settingRevision,
  '0004-unknown-names': unknownNames,
}

/** All or nothing. Throws STORE_NEWER when the database has migrations this program does not know. */
export async function migrate(db: Database, kind: StoreKind, where: string): Promise<void> {
  const done = await executed(db, kind)
  const unknown = done.filter((name) => !(name in MIGRATIONS))
  if (unknown.length > 0) {
    throw new TroupeError(
      'STORE_NEWER',
      `${where} was made by a newer version of this program: it has the change ${unknown[0]}, which is not known here`,
    )
  }
  if (done.length === Object.keys(MIGRATIONS).length) return
  const migrations: Record<string, Migration> = {}
  for (const [name, up] of Object.entries(MIGRATIONS)) migrations[name] = { up: (inner) => up(inner, kind) }
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  }).migrateToLatest()
  if (error !== undefined) throw storeError(error, where)
}

async function executed(db: Database, kind: StoreKind): Promise<string[]> {
  const there =
    kind === 'sqlite'
      ? sql`select 1 from sqlite_schema where name = 'kysely_migration'`
      : sql`select 1 where to_regclass('kysely_migration') is not null`
  if ((await there.execute(db)).rows.length === 0) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  return rows.map((row) => row.name)
}
