// Whom a call still waits for, and whether it may end: the heart of discovery without a fixed wait. Pure: times go in, decisions
// come out; call.ts owns timers and messages.
//
// A request is out. The expected nodes become known in one of two ways: `expect(list)` (a roster, or names the operator gave),
// or by signs of life (replies, answers to a discovery ping) until these fall quiet. From then on the call ends as soon as
//   - every expected node has answered, or
//   - the only ones missing have shown no sign of life by the discovery deadline, and no more signs are coming in: they are named,
//     not waited for; many silent nodes are more likely behind than gone, so they get longer, or
//   - the reply deadline passes: all missing ones are named.

export interface AwaitingOptions {
  /** When the request went out, monotonic milliseconds. */
  readonly startMs: number
  /** No reply is waited for longer than this. */
  readonly replyTimeoutMs: number
  /** Signs of life count until then; afterwards a silent node is not waited for. */
  readonly discoveryTimeoutMs: number
  /** Without an expectation: how long no new sign of life must have come. Grows with the fleet's own slowness. */
  readonly quietMs: number
  /** A node does nothing for its answer, so one that is merely known to be alive is not waited for longer than a silent one. */
  readonly answersAtOnce?: boolean
}

/** What one more silent node adds to the time for a sign of life: all of them are served by the same broker and the same client. */
export const SILENT_NODE_MS = 1
/** As long as nobody at all has been heard of several nodes, so many discovery times: it is rather the way to them than all of them. */
const NOBODY_FACTOR = 2
/** Of a request's delay on its way to the broker: the way to the nodes and the way back are as slow. */
const DELAY_FACTOR = 2
/** Of how many times the latest sign of life's delay the quiet must last, so that slow fleets get more of it. */
const QUIET_FACTOR = 2
/** Quiet that ends discovery when most nodes are known and only unknown ones are listened for. */
const QUIET_BESIDE_LIST_MS = 100
/** Of the discovery time: after the deadline silent nodes are still waited for while others' signs are no further apart. */
const LIVELY_SHARE = 0.5
/** After the last expected answer, when nodes answered that nobody expected: the expectation is incomplete, so listen on. */
const EXTRA_GRACE_MS = 100

export class Awaiting {
  readonly #options: AwaitingOptions
  #startMs: number
  #quietMs: number
  readonly #answered = new Set<string>()
  /** Targeted, no answer yet, but a sign of life. Disjoint from the next two. */
  readonly #working = new Set<string>()
  /** Targeted, no answer and no sign of life. */
  readonly #silent = new Set<string>()
  /** Said that the filter does not fit them. */
  readonly #notMatching = new Set<string>()
  #known: ReadonlySet<string> | undefined
  #extras = false
  #lastSignMs: number
  /** When a node was heard of for the first time: that others are not silent says that more may come, what a known one says does not. */
  #lastNewMs: number
  /** What the broker's slowness adds to the discovery time. */
  #delayMs = 0
  /** From when the discovery time counts: the start, or when a broken connection came back. */
  #listeningMs: number
  #connection: 'whole' | 'broken' | 'mended' = 'whole'

  constructor(options: AwaitingOptions) {
    this.#options = options
    this.#startMs = options.startMs
    this.#quietMs = options.quietMs
    this.#lastSignMs = this.#lastNewMs = this.#listeningMs = options.startMs
  }

  /** The broker has the request, `delayMs` after it was handed over: all times count from now. */
  begin(nowMs: number, delayMs = 0): void {
    this.#startMs = this.#listeningMs = nowMs
    this.#delayMs = DELAY_FACTOR * Math.max(0, delayMs - this.#silent.size * SILENT_NODE_MS)
  }

  /** The client itself could not listen for so long: none of that time counts. */
  deaf(ms: number): void {
    this.#startMs += ms
    this.#listeningMs += ms
    this.#lastSignMs += ms
    this.#lastNewMs += ms
  }

  /** The connection has broken: silence says nothing any more. */
  lost(): void {
    this.#connection = 'broken'
  }

  /** The connection is back: silent nodes get the discovery time again, because answers are sent again as nodes come back. */
  back(nowMs: number): void {
    this.#connection = 'mended'
    this.#listeningMs = this.#lastSignMs = this.#lastNewMs = nowMs
  }

  /** The expected nodes are known for sure. */
  get informed(): boolean {
    return this.#known !== undefined
  }

  /**
   * These nodes are expected to answer; more may come by signs of life. `complete`: nobody else is thought of, so the call may end when
   * they have answered; otherwise the signs of life must have fallen quiet as well, if only for a moment.
   */
  expect(identities: Iterable<string>, complete = true): void {
    const known = new Set(identities)
    if (complete) this.#known = known
    else this.#quietMs = Math.min(this.#quietMs, QUIET_BESIDE_LIST_MS)
    for (const identity of known) {
      const seen = this.#answered.has(identity) || this.#working.has(identity) || this.#notMatching.has(identity)
      if (!seen) this.#silent.add(identity)
    }
    if (complete) for (const identity of this.#answered) if (!known.has(identity)) this.#extras = true
  }

  /** The node is there and the request is for it, but it has not answered yet. */
  sign(identity: string, nowMs: number): void {
    if (this.#answered.has(identity) || this.#working.has(identity)) return
    this.#silent.delete(identity)
    this.#notMatching.delete(identity)
    this.#working.add(identity)
    this.#lastSignMs = this.#lastNewMs = nowMs
  }

  /** The node answered the call. */
  answer(identity: string, nowMs: number): void {
    if (this.#answered.has(identity)) return
    this.#silent.delete(identity)
    if (!this.#working.delete(identity)) this.#lastNewMs = nowMs
    this.#notMatching.delete(identity)
    this.#answered.add(identity)
    this.#lastSignMs = nowMs
    if (this.#known && !this.#known.has(identity)) this.#extras = true
  }

  /** The node is there and says that the filter does not fit it: the roster was behind. */
  notMatching(identity: string, nowMs: number): void {
    if (this.#answered.has(identity)) return
    if (this.#silent.delete(identity)) this.#lastNewMs = nowMs
    this.#working.delete(identity)
    this.#notMatching.add(identity)
  }

  hasAnswered(identity: string): boolean {
    return this.#answered.has(identity)
  }

  /** Everyone the call is for, as far as known. */
  targeted(): string[] {
    return [...this.#answered, ...this.#working, ...this.#silent]
  }

  /** How many nodes the call is for, as far as known. */
  get targetedCount(): number {
    return this.#answered.size + this.#working.size + this.#silent.size
  }

  missing(): string[] {
    return [...this.#working, ...this.#silent]
  }

  /** Targeted nodes that gave no sign of life at all. */
  silent(): string[] {
    return [...this.#silent]
  }

  /** How long signs of life are waited for when there is none: the discovery time, and more for many nodes. */
  get patienceMs(): number {
    return this.#options.discoveryTimeoutMs + this.#silent.size * SILENT_NODE_MS
  }

  /** When the latest answer or other sign of life came; before any, when the call began. */
  get lastSignMs(): number {
    return this.#lastSignMs
  }

  /** Whether there has been any. */
  get heard(): boolean {
    return this.#answered.size > 0 || this.#working.size > 0
  }

  get answeredCount(): number {
    return this.#answered.size
  }

  /** True when the expected nodes are known: given, or the signs of life have fallen quiet. */
  settled(nowMs: number): boolean {
    return this.#known !== undefined || nowMs >= this.#quietAtMs()
  }

  /** 0: the call may end now; otherwise milliseconds until the question should be asked again if nothing happens. */
  waitMs(nowMs: number): number {
    const { replyTimeoutMs } = this.#options
    const startMs = this.#startMs
    const replyLeftMs = startMs + replyTimeoutMs - nowMs
    if (replyLeftMs <= 0) return 0
    if (!this.settled(nowMs)) return Math.min(this.#quietAtMs() - nowMs, replyLeftMs)
    if (this.#working.size === 0 && this.#silent.size === 0) {
      const graceLeftMs = this.#extras ? this.#lastSignMs + EXTRA_GRACE_MS - nowMs : 0
      return Math.max(0, Math.min(graceLeftMs, replyLeftMs))
    }
    if ((this.#working.size > 0 && !this.#options.answersAtOnce) || this.#connection === 'broken') return replyLeftMs
    return Math.max(0, Math.min(this.#silentUntilMs() - nowMs, replyLeftMs))
  }

  /** A large or loaded fleet may take longer than the discovery time to answer: whoever is silent may merely be behind others. */
  #silentUntilMs(): number {
    const { discoveryTimeoutMs } = this.#options
    const nobody = !this.heard && this.#notMatching.size === 0 && this.#silent.size > 1
    const firstMs = this.#delayMs + this.patienceMs + (nobody ? (NOBODY_FACTOR - 1) * discoveryTimeoutMs : 0)
    const nextMs = this.patienceMs - discoveryTimeoutMs * (1 - LIVELY_SHARE)
    return Math.max(this.#listeningMs + firstMs, this.#lastNewMs + nextMs)
  }

  #quietAtMs(): number {
    const { replyTimeoutMs } = this.#options
    const startMs = this.#startMs
    if (this.#connection === 'broken') return startMs + replyTimeoutMs
    if (this.#connection === 'mended') return this.#silentUntilMs()
    // Nobody at all has answered: only the deadline tells.
    if (!this.heard) return this.#silentUntilMs()
    const slownessMs = (this.#lastNewMs - startMs) * QUIET_FACTOR
    return Math.min(this.#silentUntilMs(), this.#lastNewMs + Math.max(this.#quietMs, slownessMs))
  }
}
