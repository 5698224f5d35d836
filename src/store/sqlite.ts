// Kysely over node:sqlite. It is synchronous, so statements must be small; a lock of another program is waited for without holding up this one.
// The file belongs to its owner alone.

import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import { STORE_BUSY_MS_MAX, STORE_STATEMENTS_MAX } from '#base/limits.ts'
import { parameters } from './parameters.ts'
import { storeError } from './store-error.ts'

/** How often a locked database is tried again. */
const BUSY_STEP_MS = 20
/** Others have a turn after statements that took so long together. */
const TURN_MS = 10

/** `path`: absolute, or `:memory:`. `fileBytesMax`: the file may not grow beyond it. */
export function sqliteDialect(path: string, where: string, fileBytesMax?: number): Dialect {
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => new SqliteDriver(path, where, fileBytesMax),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** SQLite rolls tables back as well as rows: a migration that is killed leaves nothing. Who comes when is decided in the driver. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }

  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class SqliteDriver implements Driver {
  readonly #path: string
  readonly #where: string
  readonly #fileBytesMax: number | undefined
  #connection: SqliteConnection | undefined

  constructor(path: string, where: string, fileBytesMax: number | undefined) {
    this.#path = path
    this.#where = where
    this.#fileBytesMax = fileBytesMax
  }

  async init(): Promise<void> {
    const db = openFile(this.#path, this.#where)
    const connection = new SqliteConnection(db, this.#where)
    try {
      await prepareFile(connection, this.#path, this.#fileBytesMax)
    } catch (error) {
      db.close()
      throw error
    }
    this.#connection = connection
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection = this.#connection!
    await connection.turn.take()
    if (connection.busyMs > TURN_MS) {
      connection.busyMs = 0
      await nextTurn()
    }
    return connection
  }

  async beginTransaction(): Promise<void> {
    await this.#connection!.run('begin immediate')
  }

  async commitTransaction(): Promise<void> {
    await this.#connection!.run('commit')
  }

  async rollbackTransaction(): Promise<void> {
    // A full disk and the like have rolled back already.
    if (this.#connection!.inTransaction) await this.#connection!.run('rollback')
  }

  releaseConnection(): Promise<void> {
    this.#connection!.turn.give()
    return Promise.resolve()
  }

  /** After what has begun. */
  async destroy(): Promise<void> {
    await this.#connection?.turn.take()
    this.#connection?.close()
  }
}

function openFile(path: string, where: string): DatabaseSync {
  try {
    if (path !== ':memory:') ownFile(path)
    return new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true })
  } catch (error) {
    if (error instanceof TroupeError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new TroupeError('STORE_FULL', `${where}: there is no room to make it`, { cause: error })
    }
    if (typeof code === 'string' && code !== 'ERR_SQLITE_ERROR') {
      const reason = `${where} cannot be opened: ${code}; its folder must be there and both be writable by this user`
      throw new TroupeError('STORE_UNREADABLE', reason, { cause: error })
    }
    throw storeError(error, where)
  }
}

/** What SQLite puts beside the file gets the mode of the file. */
function ownFile(path: string): void {
  if (!isAbsolute(path)) throw new TroupeError('CONFIG_INVALID', `the store's path must be absolute, not ${path}`)
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { mode: 0o700 })
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  else if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
}

async function prepareFile(connection: SqliteConnection, path: string, fileBytesMax?: number): Promise<void> {
  // Only heeded before the first table: makes room given back by the retention return to the disk.
  await connection.run('pragma auto_vacuum = incremental')
  if (path !== ':memory:') await connection.run('pragma journal_mode = wal')
  await connection.run('pragma synchronous = normal')
  await connection.run('pragma trusted_schema = off')
  await connection.run('pragma cache_size = -16000')
  await connection.run('pragma temp_store = memory')
  await connection.run('pragma journal_size_limit = 67108864')
  if (fileBytesMax === undefined) return
  const { page_size: pageBytes } = connection.first('pragma page_size') as { page_size: number }
  await connection.run(`pragma max_page_count = ${Math.max(1, Math.floor(fileBytesMax / pageBytes))}`)
}

interface Prepared {
  readonly statement: StatementSync
  /** It answers rows. */
  readonly reads: boolean
}

/** The one connection is everybody's in turn; first come, first served. */
class Turn {
  #taken = false
  readonly #waiting: (() => void)[] = []

  async take(): Promise<void> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#taken = true
  }

  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#taken = false
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly turn = new Turn()
  /** Of statements since others last had a turn. */
  busyMs = 0
  readonly #db: DatabaseSync
  readonly #where: string
  readonly #prepared = new Map<string, Prepared>()

  constructor(db: DatabaseSync, where: string) {
    this.#db = db
    this.#where = where
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction
  }

  close(): void {
    this.#prepared.clear()
    this.#db.close()
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return (await this.run(query.sql, query.parameters)) as QueryResult<R>
  }

  async run(text: string, values: readonly unknown[] = []): Promise<QueryResult<unknown>> {
    const startedAt = performance.now()
    for (;;) {
      try {
        return this.#runOnce(text, values)
      } catch (cause) {
        const error = storeError(cause, this.#where)
        const waitedMs = performance.now() - startedAt
        const locked = isTroupeError(error, 'STORE_LOCKED') && !this.inTransaction
        if (!locked || waitedMs > STORE_BUSY_MS_MAX) throw error
        // Reading goes on meanwhile: only writers wait for a writer.
        this.turn.give()
        await sleep(BUSY_STEP_MS)
        await this.turn.take()
      }
    }
  }

  first(text: string): unknown {
    return this.#db.prepare(text).get()
  }

  // biome-ignore lint/correctness/useYield: results are read in pages; kysely asks for the method all the same.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new TroupeError('STORE_FAILED', `${this.#where} cannot stream`)
  }

  #runOnce(text: string, values: readonly unknown[]): QueryResult<unknown> {
    const { statement, reads } = this.#prepare(text)
    const bound = parameters(values) as SQLInputValue[]
    const startedAt = performance.now()
    try {
      if (reads) return { rows: statement.all(...bound) }
      const { changes } = statement.run(...bound)
      return { rows: [], numAffectedRows: BigInt(changes) }
    } finally {
      this.busyMs += performance.now() - startedAt
    }
  }

  #prepare(text: string): Prepared {
    let prepared = this.#prepared.get(text)
    if (prepared === undefined) {
      const statement = this.#db.prepare(text)
      prepared = { statement, reads: statement.columns().length > 0 }
      // Statements are few; batches of odd sizes and searches come and go.
      if (this.#prepared.size >= STORE_STATEMENTS_MAX) this.#prepared.clear()
      this.#prepared.set(text, prepared)
    }
    return prepared
  }
}
