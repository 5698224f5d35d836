// How long to wait before the next attempt to connect: exponential with full jitter, so that a fleet which lost its broker
// in one moment does not come back in one moment. Knows no socket; the connector asks it and sleeps.
// [wire 1.5] never resets the delay; this one does, after a connection that proved stable.

import type { Clock } from '#base/clock.ts'

export interface BackoffSettings {
  /** Upper bound of the first delay, e.g. 10 (`initial_reconnect_delay` 0.01 s). */
  readonly initialMs: number
  /** Growth of the bound at each failure, e.g. 2; 1 keeps it constant (`use_exponential_back_off` off). */
  readonly multiplier: number
  /** The bound never exceeds this, e.g. 30000. */
  readonly maxMs: number
  /**
   * A connection that lived this long counts as good and resets the delay, e.g. 5000. Not the mere login: a broker that
   * accepts and drops at once would be hammered at full speed.
   */
  readonly stableMs: number
}

/** [wire 1.6] */
export const DEFAULT_BACKOFF: BackoffSettings = { initialMs: 10, multiplier: 2, maxMs: 30_000, stableMs: 5_000 }

export interface Backoff {
  /** The delay before the next attempt, milliseconds: anything from 0 up to the current bound. */
  next(): number
  /** The connection has been made; how long it lives decides at `next` whether the delay starts anew. */
  connected(): void
}

/** `random` gives numbers in [0, 1) like Math.random. */
export function createBackoff(settings: BackoffSettings, clock: Clock, random: () => number = Math.random): Backoff {
  let boundMs = Math.min(settings.initialMs, settings.maxMs)
  let connectedAtMs: number | undefined
  return {
    connected() {
      connectedAtMs = clock.monotonic()
    },
    next() {
      if (connectedAtMs !== undefined && clock.monotonic() - connectedAtMs >= settings.stableMs) {
        boundMs = Math.min(settings.initialMs, settings.maxMs)
      }
      connectedAtMs = undefined
      const delayMs = random() * boundMs
      boundMs = Math.min(boundMs * settings.multiplier, settings.maxMs)
      return delayMs
    },
  }
}
