// What went wrong in a database, in the words of the project. Neither statements nor values nor passwords are part of a message.

import { type ErrorCode, messageOf, TroupeError } from '#base/errors.ts'

/** Extended result codes of SQLite end in one of these. [sqlite.org/rescode.html] */
const SQLITE: Record<number, ErrorCode> = {
  3: 'STORE_UNREADABLE',
  5: 'STORE_LOCKED',
  6: 'STORE_LOCKED',
  8: 'STORE_UNREADABLE',
  10: 'STORE_UNREADABLE',
  11: 'STORE_DAMAGED',
  13: 'STORE_FULL',
  14: 'STORE_UNREADABLE',
  19: 'STORE_CONFLICT',
  26: 'STORE_DAMAGED',
}

/** SQLSTATE or its class. [PostgreSQL: Appendix A] */
const POSTGRES: Record<string, ErrorCode> = {
  '08': 'STORE_UNREACHABLE',
  '23': 'STORE_CONFLICT',
  '25006': 'STORE_UNREADABLE',
  '28': 'STORE_REFUSED',
  '3D': 'STORE_REFUSED',
  '40': 'STORE_LOCKED',
  '42501': 'STORE_REFUSED',
  '53': 'STORE_UNREACHABLE',
  '53100': 'STORE_FULL',
  '53200': 'STORE_FAILED',
  '53400': 'STORE_FAILED',
  '55P03': 'STORE_LOCKED',
  '57P': 'STORE_UNREACHABLE',
  '58': 'STORE_UNREADABLE',
  XX001: 'STORE_DAMAGED',
  XX002: 'STORE_DAMAGED',
}

const NETWORK =
  /^(E(CONN|HOST|NET|PIPE|TIMEDOUT|AI_|NOTFOUND|NOENT|ACCES|PERM)|CERT_|ERR_(TLS|SSL)|DEPTH_|SELF_SIGNED|UNABLE_TO)/
const BROKEN =
  /Connection terminated|timeout (expired|exceeded)|Query read timeout|Client (was closed|has encountered)|does not support SSL/

/** `where`: the store for people, e.g. `the database /var/lib/troupe/console.db`. Our own errors pass. */
export function storeError(error: unknown, where: string): TroupeError {
  if (error instanceof TroupeError) return error
  const { errcode, code } = error as { errcode?: unknown; code?: unknown }
  const ours =
    typeof errcode === 'number'
      ? SQLITE[errcode & 0xff]
      : typeof code === 'string'
        ? codeOfPostgres(code)
        : BROKEN.test(messageOf(error))
          ? 'STORE_UNREACHABLE'
          : undefined
  return new TroupeError(ours ?? 'STORE_FAILED', `${where}: ${messageOf(error).slice(0, 500)}`, { cause: error })
}

function codeOfPostgres(code: string): ErrorCode | undefined {
  const ours = POSTGRES[code] ?? POSTGRES[code.slice(0, 3)] ?? POSTGRES[code.slice(0, 2)]
  return ours ?? (NETWORK.test(code) ? 'STORE_UNREACHABLE' : undefined)
}
