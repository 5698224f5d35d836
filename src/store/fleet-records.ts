// Contract of the store, part three: what is known of the nodes across restarts, Puppet's runs over time, saved groups, the audit and the
// console's own settings.

/** Append only: nothing changes or deletes an entry but its age. */
export interface AuditRecord {
  readonly id: string
  readonly atMs: number
  /** Who, or the name somebody tried. At most 256 characters are kept. */
  readonly account: string
  /** e.g. `sign-in-failed`. */
  readonly what: string
  /** JSON; at most 64 KiB of text is kept, cut as answers are. Never secrets. */
  readonly detail: unknown
  /** e.g. `10.0.0.7`. */
  readonly address: string
}

export interface Audit {
  /** Answers the entry with its id. */
  add(entry: Omit<AuditRecord, 'id'>): Promise<AuditRecord>
  /** Newest first. `before`: the id of the last one seen. */
  list(ask: {
    readonly account?: string
    readonly what?: string
    readonly before?: string
    /** Default 100, at most 1,000. */
    readonly limit?: number
  }): Promise<AuditRecord[]>
}

/** A saved group or search. */
export interface GroupRecord {
  readonly id: string
  /** Unique per account. */
  readonly name: string
  readonly description: string
  /** JSON: the console's NodeFilter. */
  readonly filter?: unknown
  readonly nodes?: readonly string[]
  readonly shared: boolean
  readonly account: string
  readonly changedAtMs: number
}

export interface Groups {
  /** Own ones and shared ones, by name. */
  listFor(account: string): Promise<GroupRecord[]>
  get(id: string): Promise<GroupRecord | undefined>
  /** Inserts or replaces by id. Throws STORE_CONFLICT: the account has another of that name. */
  put(group: GroupRecord): Promise<void>
  remove(id: string): Promise<boolean>
}

/** What the console knew of a node when it last heard of it: a cache, replaced as a whole. */
export interface NodeRecord {
  readonly name: string
  /** As the console's API has it: `answering`, `silent`, `lost`, `disabled`. */
  readonly state: string
  readonly lastSeenMs?: number
  readonly missingSinceMs?: number
  readonly version?: string
  readonly neverRan?: boolean
  readonly disabledReason?: string
  /** JSON: the console's LastRun. */
  readonly lastRun?: unknown
  /** JSON: anything else, e.g. the last status, facts and classes. Cut above 256 KiB of text. */
  readonly detail?: unknown
}

export interface Nodes {
  /** By name; without `detail` unless it is asked for. */
  all(ask?: { readonly detail?: boolean }): Promise<NodeRecord[]>
  get(name: string): Promise<NodeRecord | undefined>
  /** Inserts or replaces, in batches. */
  put(nodes: readonly NodeRecord[]): Promise<void>
  remove(names: readonly string[]): Promise<number>
}

/** One run of Puppet on one node; node and time are its key. */
export interface ReportRecord {
  readonly node: string
  readonly atMs: number
  readonly outcome: 'changed' | 'unchanged' | 'failed'
  readonly changed: number
  readonly failed: number
  readonly outOfSync: number
  readonly total: number
  readonly seconds: number
  readonly environment?: string
  readonly configVersion?: string
  readonly noop?: boolean
  /** JSON: events, log, metrics. Cut above 1 MiB of text. */
  readonly report?: unknown
}

export interface Reports {
  /** Those not yet known; a known one gets its `report` if it had none. Answers how many were new. */
  add(reports: readonly ReportRecord[]): Promise<number>
  /** Newest first; without `report` unless `full`. */
  list(
    node: string,
    ask: {
      readonly beforeMs?: number
      /** Default 20, at most 200. */
      readonly limit?: number
      readonly full?: boolean
    },
  ): Promise<ReportRecord[]>
  get(node: string, atMs: number): Promise<ReportRecord | undefined>
  /** Runs per hour (UTC) from the one that holds `sinceMs` to the one that holds `untilMs`; hours without runs are left out. */
  perHour(
    sinceMs: number,
    untilMs: number,
  ): Promise<
    {
      readonly atMs: number
      readonly changed: number
      readonly unchanged: number
      readonly failed: number
    }[]
  >
}

/** Anything else that must outlive the console, by key, e.g. `console`. JSON values. */
export interface Settings {
  /** With the revision `set` needs; it grows with every write. */
  get(key: string): Promise<{ readonly value: unknown; readonly revision: number } | undefined>
  /**
   * Answers the revision it has now. `after`: only when it still has this revision (0: when there is none), whoever else writes at the same
   * moment; undefined: it has another, and nothing was written.
   */
  set(key: string, value: unknown, after?: number): Promise<number | undefined>
}
