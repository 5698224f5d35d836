// The few types of columns both databases have, by the name each has for it. SQLite's tables are STRICT: it checks types as PostgreSQL does.

import { type CreateTableBuilder, type Kysely, sql } from 'kysely'

export type StoreKind = 'sqlite' | 'postgres'

export interface ColumnTypes {
  /** Compared byte by byte on both, whatever the database's language. */
  readonly text: ReturnType<typeof sql<string>>
  /** 64 bits; values stay below 2^53. */
  readonly integer: ReturnType<typeof sql<number>>
  readonly real: ReturnType<typeof sql<number>>
  readonly bytes: ReturnType<typeof sql<Uint8Array>>
}

export function columnTypes(kind: StoreKind): ColumnTypes {
  return kind === 'sqlite'
    ? { text: sql`text`, integer: sql`integer`, real: sql`real`, bytes: sql`blob` }
    : { text: sql`text collate "C"`, integer: sql`bigint`, real: sql`double precision`, bytes: sql`bytea` }
}

/** `small`: rows of less than about 200 bytes are kept in the index of their key, in the order of the key. */
export function table(
  db: Kysely<unknown>,
  kind: StoreKind,
  name: string,
  small = false,
): CreateTableBuilder<string, never> {
  const builder = db.schema.createTable(name)
  if (kind === 'postgres') return builder
  return builder.modifyEnd(small ? sql`strict, without rowid` : sql`strict`)
}
