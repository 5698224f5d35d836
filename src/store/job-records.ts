// Contract of the store, part two: jobs with one line per node, and what was before them. Made so that a console killed in mid-job comes
// back knowing what was not sent, answered and unknown: nodes are marked as sent before anything leaves, and answers are entered in batches.

/** As in the console's API; new kinds may come. */
export type JobKind = 'call' | 'runall' | 'clone' | 'undo' | 'inspect'
export type JobState = 'running' | 'done' | 'stopped' | 'failed' | 'interrupted'
export type JobOutcome = 'ok' | 'failed' | 'refused' | 'noResponse' | 'notAddressed' | 'unknown' | 'waiting'

/** targeted = the sum of the others, always. */
export interface JobCounts {
  readonly targeted: number
  readonly ok: number
  readonly failed: number
  readonly refused: number
  readonly noResponse: number
  readonly notAddressed: number
  readonly unknown: number
  readonly waiting: number
}

export interface NewJobRecord {
  /** Of Store.newId(). */
  readonly id: string
  readonly kind: JobKind
  /** e.g. `service restart`. */
  readonly title: string
  readonly agent: string
  readonly action: string
  /** JSON; secrets masked by the caller. At most 1 MiB of text, as rollOut, detail and summary: STORE_TOO_LARGE. */
  readonly inputs: unknown
  readonly account: string
  readonly startedAtMs: number
  readonly deadlineMs?: number
  /** The same on the command line. */
  readonly command: string
  /** JSON. */
  readonly rollOut?: unknown
  /** The job this one repeats or undoes. */
  readonly of?: string
  /** Whatever else its kind needs to be shown or undone. JSON. */
  readonly detail?: unknown
}

export interface JobRecord extends NewJobRecord {
  /** Name of the console that runs it: OpenStore.console. */
  readonly console: string
  readonly state: JobState
  readonly stopReason?: string
  readonly problem?: string
  readonly counts: JobCounts
  /** Grows with every change. */
  readonly revision: number
  readonly endedAtMs?: number
  /** It has before-states. */
  readonly canUndo: boolean
  /** What was worked out at its end, e.g. aggregates and latencies. JSON. */
  readonly summary?: unknown
}

export interface JobUpdate {
  readonly state?: JobState
  readonly stopReason?: string
  readonly problem?: string
  readonly endedAtMs?: number
  readonly deadlineMs?: number
  readonly summary?: unknown
  readonly detail?: unknown
}

/** One node's line. Everything but node and outcome may be absent. */
export interface ResultRecord {
  readonly node: string
  readonly outcome: JobOutcome
  /** Something may have been sent to it. */
  readonly sent: boolean
  readonly statusCode?: number
  /** At most 8,192 characters are kept. */
  readonly message?: string
  /** JSON. At most 1 MiB of text is kept: long strings in it are cut, or it becomes a string of its beginning; `cut` says so. */
  readonly data?: unknown
  readonly cut?: boolean
  /** Keys of the groups of equal answers it belongs to, exact and normalised, at most 64 characters. */
  readonly group?: string
  readonly normalisedGroup?: string
  readonly elapsedMs?: number
  readonly atMs?: number
}

/** `sent`: absent means true for every outcome but notAddressed and waiting. */
export type NewResult = Omit<ResultRecord, 'sent' | 'cut'> & { readonly sent?: boolean }

/** Nodes with the same group key. */
export interface ResultGroup {
  readonly key: string
  readonly outcome: JobOutcome
  readonly count: number
  /** The first 20 nodes by name. */
  readonly first: readonly string[]
  /** Of the first node. */
  readonly statusCode?: number
  readonly message?: string
  readonly data?: unknown
  readonly cut?: boolean
}

export interface Jobs {
  /** State running; every target waiting and not sent. Targets twice are one. Throws STORE_CONFLICT: the id is taken. */
  insert(job: NewJobRecord, targets: readonly string[]): Promise<JobRecord>
  get(id: string): Promise<JobRecord | undefined>
  /** Newest first. `before`: the id of the last one seen. `text`: part of title, agent, action or command, any case. */
  list(ask: {
    readonly kind?: JobKind
    readonly account?: string
    readonly node?: string
    readonly state?: JobState
    readonly text?: string
    readonly before?: string
    /** Default 50, at most 500. */
    readonly limit?: number
  }): Promise<JobRecord[]>
  /** Fields left out stay. undefined: there is no such job. */
  update(id: string, change: JobUpdate): Promise<JobRecord | undefined>
  /**
   * BEFORE anything is sent to these nodes: whoever is not marked was certainly not reached. All targets at once are one mark; the first
   * call with some of them writes a line for each target. Tries again for ten seconds when PostgreSQL is away, as addResults does.
   */
  markSent(id: string, nodes: readonly string[]): Promise<void>
  /**
   * Enters or replaces the lines of these nodes (also of such that were no targets: they are targeted then), in one transaction per 2,000 and with
   * equal replies kept once; best called with what came in during 200 ms. Repeating a batch does no harm. Answers the job's counts after it.
   * Throws STORE_CONFLICT: there is no such job.
   */
  addResults(id: string, results: readonly NewResult[]): Promise<JobCounts>
  /** All that still wait become noResponse when they were sent something, notAddressed when not: at the end of a job. */
  settleWaiting(id: string, atMs: number): Promise<JobCounts>
  /**
   * By node name, each once. `after`: the last name seen. Answers fewer than asked for when their data are over 16 MiB: `next`
   * says whether and from where to go on.
   */
  results(
    id: string,
    ask: {
      readonly after?: string
      /** Default 100, at most 1,000. */
      readonly limit?: number
      readonly outcomes?: readonly JobOutcome[]
      readonly group?: string
      readonly normalisedGroup?: string
      /** false: leaves the data out. */
      readonly data?: boolean
    },
  ): Promise<{ readonly results: ResultRecord[]; readonly next?: string }>
  /** Line of one node. */
  result(id: string, node: string): Promise<ResultRecord | undefined>
  /** Names of all nodes, or of those with these outcomes or this group, by name. */
  nodesOf(
    id: string,
    ask?: {
      readonly outcomes?: readonly JobOutcome[]
      readonly group?: string
      readonly normalisedGroup?: string
    },
  ): Promise<string[]>
  /**
   * Groups of equal answers: failed, refused, noResponse, unknown, notAddressed, ok, waiting in this order, the largest first; `more`: how many
   * there are beyond `limit` (default and at most 500). Lines without a key form one group per outcome, whose key is the outcome.
   */
  groups(
    id: string,
    ask: { readonly normalised: boolean; readonly limit?: number },
  ): Promise<{ readonly groups: ResultGroup[]; readonly more: number }>
  /** Milliseconds until each answer, ascending. */
  elapsed(id: string): Promise<number[]>
  /**
   * At the start of a console, before it makes jobs: its own jobs that are still running, and those of other consoles whose deadline (or start, if
   * they have none) is more than a day ago, become `interrupted`; what waited becomes `unknown` where something may have been sent and
   * `notAddressed` elsewhere. Answers these jobs.
   */
  interrupted(nowMs: number): Promise<JobRecord[]>
}

/** How a resource was on a node before a job changed it. */
export interface BeforeRecord {
  readonly node: string
  /** e.g. `user`. */
  readonly type: string
  readonly title: string
  /** Order in which things were changed on the node; undo goes the other way. */
  readonly step: number
  /** JSON: its properties as they were, e.g. `{ ensure: 'absent' }`. May hold secrets: never show it unmasked. At most 1 MiB of text: STORE_TOO_LARGE. */
  readonly before: unknown
}

export interface Befores {
  /** The first that is recorded for a resource of a job on a node stays: later ones are not its state before the job. */
  add(job: string, befores: readonly BeforeRecord[]): Promise<void>
  /** By node, then step. `after`: the last one seen. Default 500 at a time, at most 1,000. */
  list(
    job: string,
    ask?: {
      readonly node?: string
      readonly after?: BeforeRecord
      readonly limit?: number
    },
  ): Promise<BeforeRecord[]>
  count(job: string): Promise<number>
  /** Nodes of which anything is recorded, by name. */
  nodesOf(job: string): Promise<string[]>
}
