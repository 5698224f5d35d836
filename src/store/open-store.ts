// Opens a store: chooses the database by the url, brings it to this program's schema and puts the subjects over it.

import { Kysely, sql } from 'kysely'
import { TroupeError } from '#base/errors.ts'
import { sortableIds } from '#base/id.ts'
import { accountsOf } from './accounts.ts'
import { auditOf } from './audit.ts'
import { beforesOf } from './befores.ts'
import { groupsOf } from './groups.ts'
import { jobsOf } from './jobs.ts'
import { migrate } from './migrate.ts'
import type { StoreKind } from './migrations/column-types.ts'
import { nodesOf } from './nodes.ts'
import { postgresDialect } from './postgres.ts'
import { postgresAddress } from './postgres-address.ts'
import { purge } from './purge.ts'
import { reportsOf } from './reports.ts'
import type { Database, Schema } from './schema.ts'
import { linksOf, sessionsOf } from './sessions.ts'
import { settingsOf } from './settings.ts'
import { sqliteDialect } from './sqlite.ts'
import type { OpenStore, Store } from './store.ts'
import { tokensOf } from './tokens.ts'
import { unknownNamesOf } from './unknown-names.ts'

/**
 * e.g. `await openStore({ url: 'sqlite:/var/lib/troupe/console.db', clock, log })`. Makes the database's tables when they are not there. Throws
 * CONFIG_INVALID (the url, or a PostgreSQL database whose encoding is not UTF8), STORE_NEWER (made by a newer program), STORE_DAMAGED, STORE_LOCKED, STORE_FULL, STORE_UNREADABLE,
 * STORE_REFUSED (user, password, database or permission), STORE_UNREACHABLE.
 */
export async function openStore(ask: OpenStore): Promise<Store> {
  const { kind, where, db } = await open(ask)
  try {
    if (kind === 'postgres') await checkEncoding(db, where)
    await migrate(db, kind, where)
  } catch (error) {
    await db.destroy().catch(() => {})
    throw error
  }
  return storeOver(db, kind, ask)
}

interface Opened {
  readonly kind: StoreKind
  readonly where: string
  readonly db: Database
}

async function open(ask: OpenStore): Promise<Opened> {
  if (/^postgres(ql)?:/.test(ask.url)) {
    const address = postgresAddress(ask)
    const dialect = await postgresDialect(address, ask.log)
    return { kind: 'postgres', where: address.where, db: new Kysely<Schema>({ dialect }) }
  }
  const path = /^sqlite:(.+)$/.exec(ask.url)?.[1]
  if (path === undefined) {
    const kinds = 'sqlite:/path/to/console.db or postgres://user@host/database'
    throw new TroupeError('CONFIG_INVALID', `the url of the store begins with neither sqlite: nor postgres: (${kinds})`)
  }
  const where = path === ':memory:' ? 'the store in memory' : `the store ${path}`
  return { kind: 'sqlite', where, db: new Kysely<Schema>({ dialect: sqliteDialect(path, where, ask.fileBytesMax) }) }
}

async function checkEncoding(db: Database, where: string): Promise<void> {
  const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(db)
  const encoding = rows[0]?.server_encoding
  if (encoding === 'UTF8') return
  throw new TroupeError('CONFIG_INVALID', `${where} has the encoding ${encoding}: make one with the encoding UTF8`)
}

function storeOver(db: Database, kind: StoreKind, { clock, console = 'console' }: OpenStore): Store {
  const newId = sortableIds(() => clock.now())
  const ending = { sessions: sessionsOf(db), links: linksOf(db), tokens: tokensOf(db) }
  return {
    kind,
    accounts: accountsOf(db),
    unknownNames: unknownNamesOf(db),
    ...ending,
    jobs: jobsOf(db, kind, console),
    befores: beforesOf(db),
    audit: auditOf(db, newId),
    groups: groupsOf(db),
    nodes: nodesOf(db),
    reports: reportsOf(db),
    settings: settingsOf(db),
    newId,
    purge: (nowMs, days) => purge(db, kind, ending, nowMs, days),
    async check() {
      await sql`select 1`.execute(db)
    },
    close: () => db.destroy(),
  }
}
