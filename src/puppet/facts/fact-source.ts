// The contract of a source of facts, and what a collector behind it does. Facts are collected in the background; asking for
// them never waits. [wire 6.1] [agents 16]

/** A fact after normalisation: text, or lists and maps of text. */
export type Fact = string | readonly Fact[] | { readonly [name: string]: Fact }

/** Facts by name; without prototype, so that `facts['constructor']` is a fact or nothing. */
export type Facts = { readonly [name: string]: Fact }

export interface FactSource {
  /** Resolves when there are facts to show, and keeps them fresh until `signal` aborts. Never rejects. */
  start(signal: AbortSignal): Promise<void>
  /** The last good facts; empty before `start` resolves. */
  facts(): Facts
  state(): FactState
  /** What operators should know, e.g. `facts: facter failed 3 minutes ago (...); showing facts of 09:12`. */
  warnings(): readonly string[]
}

export interface FactState {
  /** Where the facts shown come from: `yaml`, `facter`, `builtin`; `none` when there are none yet. */
  readonly source: string
  /** Age of the facts shown; null when there are none yet. */
  readonly ageSeconds: number | null
  /** Why the last attempt to refresh them failed; absent when it succeeded. */
  readonly error?: string
}

/** One way to get facts. */
export interface FactCollector {
  /** e.g. `facter`. */
  readonly name: string
  /** Throws when it cannot; then the last good facts stay. */
  collect(signal: AbortSignal): Promise<Collected>
  /** A cheap look whether facts have changed since `collect`; absent: only time tells. */
  changed?(): Promise<boolean>
}

export interface Collected {
  /** Which collector it was in the end. */
  readonly source: string
  readonly facts: Facts
  /** Oddities that did not prevent collecting. */
  readonly notes?: readonly string[]
}
