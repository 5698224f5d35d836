// What the handlers of the console are made of. main/console.ts makes one such record for a running console; tests make one over
// an in-memory collective (tests/conformance/console.ts). Handlers take only the members they need.

import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { Client } from '#client/api.ts'
import type { Ddl, PluginKind } from '#rpc/ddl/ddl.ts'
import type { Store } from '#store/store.ts'
import type { RevisedSettings } from './api/fleet.ts'
import type { ConsoleEvents } from './events.ts'
import type { Caller } from './route.ts'

export interface ConsoleParts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly events: ConsoleEvents
  readonly plugins: InstalledPlugins
  readonly settings: SettingsShelf
  /** Version of the product, e.g. `3.0.0`. */
  readonly version: string
  /** Collective that is worked on, e.g. `mcollective`. */
  readonly collective: string
  /** Seconds a node may take to give a sign of life, as the command line has it. */
  readonly discoveryTimeoutSeconds: number
  /**
   * A client that speaks for this account: caller id `user=ACCOUNT` under psk, `cert=console.ACCOUNT` under aes. Kept connected while it is in
   * use; nobody closes it. Rejects with CONSOLE_NO_BUS while no broker is reached, CONSOLE_NO_CALLER_KEY when aes has no key for the account.
   */
  clientOf(caller: Pick<Caller, 'account'>): Promise<Client>
  /** For what the console does of its own accord (looking who is there): the caller id is that of the account `console`, which nobody can have. */
  ownClient(): Promise<Client>
  /** Whether a broker is connected, for the banner. */
  bus(): BusState
  /** `audit(caller, 'job', { id, agent, action, nodes: 12 })`. Rejects with CONSOLE_STORE: what cannot be recorded is not done. */
  audit(
    who: Pick<Caller, 'account' | 'address'>,
    what: string,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void>
}

export interface BusState {
  readonly connected: boolean
  readonly problem?: string
}

/** DDLs of what is installed beside the console; read anew, so that a new agent appears without a restart. */
export interface InstalledPlugins {
  /** Throws DDL_NOT_FOUND, or DDL_* when the file cannot be understood. */
  load(kind: PluginKind, name: string): Ddl
  list(): { readonly kind: PluginKind; readonly name: string; readonly ddl?: Ddl; readonly error?: string }[]
}

/** What administrators change while the console runs: in the store, the last read in memory. */
export interface SettingsShelf {
  get(): RevisedSettings
  /** Answers them as they were before. Throws CONSOLE_CONFLICT when they have another revision by now; then `get` tells what they are. */
  set(settings: RevisedSettings): Promise<RevisedSettings>
}

/** Account name of the console itself. */
export const OWN_ACCOUNT = 'console'
