// The contract of the store: what the console keeps beyond its own life, in an embedded SQLite file or in PostgreSQL. Members by subject;
// each is a few functions over one or two tables. openStore (open-store.ts) makes one. Who may do what, and what anything means, is the
// console's business: the store keeps, finds, counts and forgets.

import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { Accounts, Links, Sessions, Tokens, UnknownNames } from './account-records.ts'
import type { Audit, Groups, Nodes, Reports, Settings } from './fleet-records.ts'
import type { Befores, Jobs } from './job-records.ts'

export interface OpenStore {
  /**
   * `sqlite:/var/lib/troupe/console.db` (an absolute path; made with mode 0600, its folder with 0700 when absent), `sqlite::memory:` (gone when
   * closed: for tests), or `postgres://user@db.example.com:5432/troupe`, in which `?host=/run/postgresql` names the folder of a socket and
   * `?sslmode=` is `verify-full` (the default, except for sockets and this machine), `require` (encrypts, but to anybody) or `disable`.
   */
  readonly url: string
  /** Password for PostgreSQL, so that it need not stand in the url. */
  readonly password?: string
  /** PEM texts for TLS to PostgreSQL: authorities (default: the system's), own certificate and key. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** SQLite: how large the file may grow, bytes; then STORE_FULL. Default: as the disk allows. */
  readonly fileBytesMax?: number
  /** Connections to PostgreSQL at most. Default 10. */
  readonly connections?: number
  /**
   * Name of this console, the same after a restart, e.g. its host name: several may share one PostgreSQL, and only a console itself knows that its
   * running jobs are dead when it starts. Default `console`.
   */
  readonly console?: string
  readonly clock: Clock
  readonly log: Log
}

/**
 * Times are milliseconds since 1970. Optional fields are absent, never undefined or null, in what is returned. Every function may throw
 * STORE_LOCKED, STORE_FULL, STORE_DAMAGED, STORE_UNREACHABLE (PostgreSQL is away; later calls work again when it is back), STORE_UNREADABLE or
 * STORE_FAILED; those that insert STORE_CONFLICT, or STORE_TOO_LARGE for what must not be cut. Text is kept without NUL characters (U+FFFD instead), as PostgreSQL has none.
 */
export interface Store {
  readonly kind: 'sqlite' | 'postgres'
  readonly accounts: Accounts
  readonly unknownNames: UnknownNames
  readonly sessions: Sessions
  readonly links: Links
  readonly tokens: Tokens
  readonly jobs: Jobs
  readonly befores: Befores
  readonly audit: Audit
  readonly groups: Groups
  readonly nodes: Nodes
  readonly reports: Reports
  readonly settings: Settings
  /** A new id, e.g. `01JD4T9M6Z3M8Q6D0Z9H0X1A2B`: sorts after all ids this process made before. */
  newId(): string
  /** Deletes what is older than so many days, and sessions, links and tokens that have ended: in small steps, others get on in between. */
  purge(nowMs: number, days: RetentionDays): Promise<Purged>
  /** Throws when the store cannot be asked just now. */
  check(): Promise<void>
  /** Waits for what is being written. Further calls throw. */
  close(): Promise<void>
}

/** Whole or broken days, more than 0. Running jobs are never deleted; jobs take their results and before-states with them. */
export interface RetentionDays {
  readonly jobs: number
  readonly audit: number
  readonly reports: number
}

/** How many were deleted. */
export interface Purged {
  readonly jobs: number
  readonly audit: number
  readonly reports: number
  readonly sessions: number
  readonly links: number
  readonly tokens: number
}
