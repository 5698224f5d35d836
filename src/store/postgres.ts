// Kysely over pg: a bounded pool that makes its connections anew when they break, numbers as numbers, errors in our words. pg is loaded when a
// PostgreSQL is used at all.

import { type Dialect, PostgresDialect, type PostgresPoolClient } from 'kysely'
import type { PoolClient } from 'pg'
import { isTroupeError } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import { parameters } from './parameters.ts'
import type { PostgresAddress } from './postgres-address.ts'
import { storeError } from './store-error.ts'

/** int8, as counts and our own integers are, and numeric, as sums are: all below 2^53 here. */
const NUMBERS = new Set([20, 1700])

export async function postgresDialect(address: PostgresAddress, log: Log): Promise<Dialect> {
  const pg = (await import('pg')).default
  const pool = new pg.Pool({
    ...address.config,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        NUMBERS.has(oid) ? Number : pg.types.getTypeParser(oid, format as 'text')) as never,
    },
  })
  pool.on('error', (error) => {
    log.warn('an idle connection to the database broke', { reason: storeError(error, address.where).message })
  })
  // One face per connection: kysely knows connections by it.
  const faces = new WeakMap<PoolClient, PostgresPoolClient>()
  const connect = async (): Promise<PostgresPoolClient> => {
    const client = await pool.connect().catch((error: unknown) => {
      throw storeError(error, address.where)
    })
    const face = faces.get(client) ?? faceOf(client, address.where)
    faces.set(client, face)
    return face
  }
  return new PostgresDialect({ pool: { connect, end: () => pool.end(), options: {} } })
}

function faceOf(client: PoolClient, where: string): PostgresPoolClient {
  let broken = false
  // Between checking out and giving back, breaking is told here; the query under way fails as well.
  client.on('error', () => {
    broken = true
  })
  const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, parameters(values))
    } catch (cause) {
      const error = storeError(cause, where)
      if (isTroupeError(error, 'STORE_UNREACHABLE')) broken = true
      throw error
    }
  }
  return { query: query as PostgresPoolClient['query'], release: () => client.release(broken) }
}
