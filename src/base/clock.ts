// Time as a value handed in, so that rules about time can be tested without waiting. Timers are node's own; only `now`
// is replaced, and ManualClock fires its own timers.

export interface Clock {
  /** Milliseconds since 1970, e.g. 1795324648123. May jump. */
  now(): number
  /** Milliseconds from an arbitrary start, never going back: for measuring. */
  monotonic(): number
  /** Calls `fn` once after `ms`; returns its cancellation. */
  after(ms: number, fn: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}

/** A clock that stands still until `advance` is called. Timers fire in order of their time. */
export class ManualClock implements Clock {
  #nowMs: number
  #timers: { atMs: number; fn: () => void }[] = []

  constructor(startMs = 1_795_324_648_000) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer)
    }
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const due = this.#timers.filter((t) => t.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (!due) break
      this.#timers = this.#timers.filter((t) => t !== due)
      this.#nowMs = due.atMs
      due.fn()
    }
    this.#nowMs = untilMs
  }
}
