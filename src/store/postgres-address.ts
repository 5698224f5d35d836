// What stands in the url of a PostgreSQL store, and what else is given, as options of the driver. The url may hold a password: no error shows it.

import { userInfo } from 'node:os'
import type { PoolConfig } from 'pg'
import { TroupeError } from '#base/errors.ts'
import { STORE_CONNECT_MS_MAX, STORE_CONNECTIONS, STORE_STATEMENT_MS_MAX } from '#base/limits.ts'
import type { OpenStore } from './store.ts'

const PARAMETERS = ['host', 'port', 'user', 'dbname', 'sslmode']
const SSL_MODES = ['disable', 'require', 'verify-full']
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/

export interface PostgresAddress {
  /** For people: `the PostgreSQL database troupe at db.example.com:5432`. */
  readonly where: string
  readonly config: PoolConfig
}

/** Throws CONFIG_INVALID. */
export function postgresAddress(ask: Pick<OpenStore, 'url' | 'password' | 'tls' | 'connections'>): PostgresAddress {
  const url = parse(ask.url)
  const parameter = (name: string): string | undefined => url.searchParams.get(name) || undefined
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.includes(name)) {
      throw invalid(`has the parameter ${name.slice(0, 50)}; there are ${PARAMETERS.join(', ')}`)
    }
  }
  const host = parameter('host') ?? url.hostname.replace(/^\[|\]$/g, '')
  if (host === '') throw invalid('names no host: write postgres://host/database, or ?host=/run/postgresql for a socket')
  const database = parameter('dbname') ?? decoded(url.pathname.slice(1))
  if (database === '') throw invalid('names no database: write postgres://host/database')
  const port = Number(parameter('port') ?? (url.port || 5432))
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid('has a port that is none')
  const password = ask.password ?? (url.password === '' ? undefined : decoded(url.password))
  return {
    where: `the PostgreSQL database ${database} at ${host.startsWith('/') ? host : `${host}:${port}`}`,
    config: {
      host,
      port,
      database,
      user: parameter('user') ?? (decoded(url.username) || userInfo().username),
      ...(password === undefined ? {} : { password }),
      ssl: tlsOptions(parameter('sslmode'), host, ask.tls),
      ...limits(ask.connections ?? STORE_CONNECTIONS),
    },
  }
}

function limits(connections: number): PoolConfig {
  return {
    max: connections,
    connectionTimeoutMillis: STORE_CONNECT_MS_MAX,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'troupe console',
    statement_timeout: STORE_STATEMENT_MS_MAX,
    // The server's own limit comes first; this one is for a server that does not answer any more.
    query_timeout: STORE_STATEMENT_MS_MAX + 5_000,
    lock_timeout: STORE_STATEMENT_MS_MAX / 4,
  }
}

function tlsOptions(mode: string | undefined, host: string, tls: OpenStore['tls']): PoolConfig['ssl'] {
  if (mode !== undefined && !SSL_MODES.includes(mode))
    throw invalid(`has sslmode=${mode.slice(0, 50)}; there are ${SSL_MODES.join(', ')}`)
  const chosen =
    mode ?? (host.startsWith('/') || (LOOPBACK.test(host) && tls === undefined) ? 'disable' : 'verify-full')
  if (chosen === 'disable') return false
  return {
    rejectUnauthorized: chosen === 'verify-full',
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
  }
}

function parse(text: string): URL {
  try {
    return new URL(text)
  } catch {
    throw invalid('cannot be read: write postgres://user@host:5432/database')
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('has a % that is not followed by two hex digits: write %25')
  }
}

function invalid(what: string): TroupeError {
  return new TroupeError('CONFIG_INVALID', `the url of the PostgreSQL store ${what}`)
}
