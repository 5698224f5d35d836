// What installs software on a node: the contract of apt.ts, dnf.ts (yum as well) and zypper.ts. Names reach it checked; what an outcome
// means for an action is package.ts's. [agents 12]

import type { RunResult } from '#rpc/host.ts'
import type { Progress } from './progress-lines.ts'

export type ManagerName = 'apt' | 'dnf' | 'yum' | 'zypper'
export type ChangeAction = 'install' | 'update' | 'uninstall' | 'purge'

export interface PackageManager {
  readonly name: ManagerName
  /** Throws an Error with the reason when the package database cannot be read. */
  state(name: string, signal: AbortSignal): Promise<PackageState>
  /** Changes the machine, or with `noop` only says what would change. Not cancelled: half an installation is worse than a late one. */
  change(request: ChangeRequest, progress?: Progress): Promise<ManagerRun>
  outdated(signal: AbortSignal, progress?: Progress): Promise<UpdatesRun>
  /** Fetches the lists of available packages. */
  refresh(signal: AbortSignal, progress?: Progress): Promise<ManagerRun>
  /** A line per installed package, always in the same order. Throws as `state` does. */
  list(signal: AbortSignal): Promise<readonly string[]>
}

export interface ChangeRequest {
  readonly action: ChangeAction
  readonly name: string
  /** Only with `install`. */
  readonly version?: string
  readonly noop: boolean
}

export interface PackageState {
  readonly installed: boolean
  /** Full version, e.g. `5.2.15-2`, `1:1.0-1` with an epoch that is not 0; `absent`, or with apt `purged`. */
  readonly ensure: string
  readonly name: string
  readonly epoch?: string
  readonly version?: string
  readonly release?: string
  readonly arch?: string
}

export interface ManagerRun {
  /** Everything it printed, cut to PACKAGE_OUTPUT_CHARACTERS_MAX. */
  readonly output: string
  readonly exitcode: number
  /** Why it failed; absent: it did not. */
  readonly failure?: string
  readonly changes: readonly PackageChange[]
}

export interface PackageChange {
  readonly action: 'install' | 'upgrade' | 'downgrade' | 'reinstall' | 'remove' | 'purge'
  readonly package: string
  /** Version before and after; null: none, or not said. */
  readonly from: string | null
  readonly to: string | null
}

export interface UpdatesRun extends ManagerRun {
  readonly packages: readonly { readonly package: string; readonly version: string; readonly repo: string }[]
}

/** Reading the database takes milliseconds; one that takes longer is locked or on a dead disk. */
export const QUERY_SECONDS = 20
/** Leaves of the agent's 180 s enough to answer. Fetching lists can be cancelled at any time. */
export const FETCH_SECONDS = 170
/** An upgrade of a whole system on a slow machine. What hangs longer is ended, so that it does not hold its lock for ever. */
export const CHANGE_SECONDS = 3_600

/** The result of a query; throws what the program says when it failed, or said more than can be read. */
export function queried(result: RunResult, okStatuses: readonly number[] = [0]): RunResult {
  if (result.error === undefined && !result.truncated && okStatuses.includes(result.status)) return result
  if (result.truncated) throw new Error('the package database has more to say than can be read')
  throw new Error(result.error ?? (result.stderr.trim() || `exit status ${result.status}`))
}
