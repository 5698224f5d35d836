// The account of a call: every targeted node ends up in exactly one of ok, failed, refused, no response, not addressed, so
// silence always has a name. Pure bookkeeping: who is targeted and when the call ends is the client's. [cli 6.7, B-003, B-004]

export type Outcome = 'ok' | 'failed' | 'refused'

/** `counted`: the first answer of a targeted node; `unexpected`: of a node nobody targeted; `duplicate`: a further answer. */
export type Verdict = 'counted' | 'duplicate' | 'unexpected'

/** targeted = ok + failed + refused + noResponse + notAddressed, in numbers as in names. Names are sorted. */
export interface AccountSummary {
  readonly targeted: number
  readonly ok: number
  readonly failed: number
  readonly refused: number
  readonly noResponse: number
  readonly notAddressed: number
  /** Nodes that answered although nobody targeted them; not part of targeted. */
  readonly unexpected: number
  /** Second and further answers, of whichever node. */
  readonly duplicates: number
  readonly names: {
    readonly ok: readonly string[]
    readonly failed: readonly string[]
    readonly refused: readonly string[]
    readonly noResponse: readonly string[]
    readonly notAddressed: readonly string[]
    readonly unexpected: readonly string[]
  }
}

type State = Outcome | 'noResponse' | 'notAddressed'

export class Account {
  readonly #targeted = new Map<string, State>()
  readonly #unexpected = new Map<string, Outcome>()
  #duplicates = 0

  /** `new Account(['web1.example.com'])`; more nodes may be targeted later. */
  constructor(targeted: Iterable<string> = []) {
    this.target(targeted)
  }

  /** Adds nodes, e.g. while discovery goes on. An answer that came before its node was targeted is counted now. */
  target(identities: Iterable<string>): void {
    for (const identity of identities) {
      if (this.#targeted.has(identity)) continue
      this.#targeted.set(identity, this.#unexpected.get(identity) ?? 'noResponse')
      this.#unexpected.delete(identity)
    }
  }

  /** Enters an answer and says what it was. The first answer of a node is the one that counts. */
  reply(sender: string, outcome: Outcome): Verdict {
    const state = this.#targeted.get(sender)
    if (state === 'noResponse' || state === 'notAddressed') {
      this.#targeted.set(sender, outcome)
      return 'counted'
    }
    if (state !== undefined || this.#unexpected.has(sender)) {
      this.#duplicates++
      return 'duplicate'
    }
    this.#unexpected.set(sender, outcome)
    return 'unexpected'
  }

  /** Enters nodes the request was never sent to (a batch that was interrupted). Who has answered stays counted. */
  notAddressed(identities: Iterable<string>): void {
    for (const identity of identities) {
      this.target([identity])
      if (this.#targeted.get(identity) === 'noResponse') this.#targeted.set(identity, 'notAddressed')
    }
  }

  /** Nodes targeted so far. */
  get size(): number {
    return this.#targeted.size
  }

  /** True when no targeted node still owes an answer. */
  get complete(): boolean {
    for (const state of this.#targeted.values()) if (state === 'noResponse') return false
    return true
  }

  summary(): AccountSummary {
    const names: Record<State, string[]> = { ok: [], failed: [], refused: [], noResponse: [], notAddressed: [] }
    for (const [identity, state] of this.#targeted) names[state].push(identity)
    for (const list of Object.values(names)) list.sort()
    const unexpected = [...this.#unexpected.keys()].sort()
    return {
      targeted: this.#targeted.size,
      ok: names.ok.length,
      failed: names.failed.length,
      refused: names.refused.length,
      noResponse: names.noResponse.length,
      notAddressed: names.notAddressed.length,
      unexpected: unexpected.length,
      duplicates: this.#duplicates,
      names: { ...names, unexpected },
    }
  }
}
