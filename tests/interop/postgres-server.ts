// Starts a real PostgreSQL of Debian: a cluster of its own in a temporary folder, on a random loopback port and a socket, with TLS when a certificate
// is given. It can be killed and started again, and is gone afterwards.

import { execFileSync, type SpawnSyncReturns } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePackage } from '../debian-package.ts'
import { freePort } from './real-broker.ts'

const VERSIONS = '/usr/lib/postgresql'

export interface PostgresServer {
  readonly port: number
  /** Folder of its socket. */
  readonly socket: string
  readonly user: string
  readonly password: string
  /** Runs statements as its superuser: each a query of its own, answers as text. */
  query(statement: string, database?: string): string
  /** Makes an empty database; answers its url, with the password. */
  createDatabase(): string
  /** As a crash: no connection is told. */
  kill(): void
  start(): void
  stop(): void
}

export async function startPostgres(tls?: { readonly cert: string; readonly key: string }): Promise<PostgresServer> {
  if (!existsSync(VERSIONS)) ensurePackage('postgresql-15', join(VERSIONS, '15/bin/initdb'))
  const bin = join(VERSIONS, readdirSync(VERSIONS).sort().at(-1)!, 'bin')
  const port = await freePort()
  const base = mkdtempSync(join(tmpdir(), 'troupe-pg-'))
  const owner = ownerOf(base)
  const [user, password] = ['troupe', 'p@ss:w/rd%?']
  const write = (name: string, text: string): string => {
    const path = join(base, name)
    writeFileSync(path, text)
    chmodSync(path, 0o600)
    if (owner) chownSync(path, owner.uid, owner.gid)
    return path
  }
  const program = (name: string, ...words: string[]): string =>
    execFileSync(join(bin, name), words, {
      ...owner,
      cwd: base,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', PGPASSWORD: password },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    })
  const data = join(base, 'data')
  const pgCtl = (...words: string[]): string => program('pg_ctl', '-D', data, '-w', '-s', ...words)
  const start = (): void => {
    try {
      pgCtl('-l', join(base, 'log'), 'start')
    } catch (error) {
      throw new Error(`PostgreSQL did not start: ${(error as SpawnSyncReturns<string>).stderr}`, { cause: error })
    }
  }
  program('initdb', '-D', data, '-U', user, '--auth=scram-sha-256', `--pwfile=${write('password', password)}`)
  write(
    'data/postgresql.auto.conf',
    settings(port, base, tls && { cert: write('tls.crt', tls.cert), key: write('tls.key', tls.key) }),
  )
  start()
  const stop = (): void => {
    process.removeListener('exit', stop)
    try {
      pgCtl('-m', 'immediate', 'stop')
    } finally {
      rmSync(base, { recursive: true, force: true })
    }
  }
  process.once('exit', stop)
  let databases = 0
  const query = (statement: string, database = 'postgres'): string =>
    program('psql', '-h', base, '-p', String(port), '-U', user, '-d', database, '-At', '-c', statement)
  return {
    ...{ port, socket: base, user, password, query, start, stop },
    kill: () => void pgCtl('-m', 'immediate', 'stop'),
    createDatabase() {
      const name = `troupe${++databases}`
      query(`create database ${name}`)
      return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`
    },
  }
}

/** PostgreSQL refuses to run as root. */
function ownerOf(base: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (what: string): number => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }))
  const owner = { uid: id('-u'), gid: id('-g') }
  chownSync(base, owner.uid, owner.gid)
  return owner
}

function settings(port: number, socket: string, tls: { cert: string; key: string } | undefined): string {
  const lines = [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${socket}'`,
    'shared_buffers = 32MB',
    'fsync = off',
    'max_connections = 40',
    ...(tls ? ['ssl = on', `ssl_cert_file = '${tls.cert}'`, `ssl_key_file = '${tls.key}'`] : []),
  ]
  return `${lines.join('\n')}\n`
}
