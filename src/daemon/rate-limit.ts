// At most so many per second, and a count of what was held back: for refusals and log lines a hostile peer can cause.
// One window of a second, no timers.

import type { Clock } from '#base/clock.ts'

export interface RateLimit {
  /** True when one more may go now. */
  take(): boolean
  /** How many were held back since the last call of `missed`. */
  missed(): number
}

/** `createRateLimit(10, clock)` lets ten per second through. */
export function createRateLimit(perSecond: number, clock: Clock): RateLimit {
  let windowAtMs = Number.NEGATIVE_INFINITY
  let taken = 0
  let missed = 0
  return {
    take() {
      const nowMs = clock.monotonic()
      if (nowMs - windowAtMs >= 1000) {
        windowAtMs = nowMs
        taken = 0
      }
      if (taken < perSecond) {
        taken++
        return true
      }
      missed++
      return false
    },
    missed() {
      const count = missed
      missed = 0
      return count
    },
  }
}
