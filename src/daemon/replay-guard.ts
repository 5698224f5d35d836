// Remembers which requests were claimed on this node, by the proof of their exact bytes, for as long as they are valid: each runs at
// most once, also across a restart when there is a journal. Bounded; when full it refuses rather than forgets.

import { createHash } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import { REPLAY_ENTRIES_MAX } from '#base/limits.ts'
import type { Journal } from './replay-journal.ts'

export interface ReplayGuard {
  /** Requests sent before this (milliseconds since 1970) may have been run by an earlier life of this node. */
  readonly mistrustBeforeMs: number
  /** Was this request claimed before? Changes nothing. */
  seen(proof: string): boolean
  /** Claims a request for good: `ok` once, `seen` after that, `full` when nothing more can be remembered. */
  claim(proof: string, untilMs: number): 'ok' | 'seen' | 'full'
  /** How many are remembered now. */
  size(): number
  close(): void
}

const SWEEP_EVERY_MS = 60_000
const SWEEP_SIZE_MIN = 1024

/**
 * `createReplayGuard({ clock, journal })`; without a journal nothing sent before now is believed, which protects across restarts
 * up to the difference of the clocks.
 */
export function createReplayGuard(options: {
  readonly clock: Clock
  readonly journal?: Journal
  readonly entriesMax?: number
}): ReplayGuard {
  const { clock, journal } = options
  const entriesMax = options.entriesMax ?? REPLAY_ENTRIES_MAX
  const entries = journal?.entries ?? new Map<string, number>()
  let sweepAtSize = Math.max(SWEEP_SIZE_MIN, entries.size * 2)
  let sweptAtMs = clock.monotonic()

  const sweep = (): void => {
    const nowMs = clock.now()
    for (const [proof, untilMs] of entries) if (untilMs < nowMs) entries.delete(proof)
    sweepAtSize = Math.max(SWEEP_SIZE_MIN, entries.size * 2)
    sweptAtMs = clock.monotonic()
    journal?.compact(entries)
  }

  return {
    mistrustBeforeMs: journal?.mistrustBeforeMs ?? clock.now(),
    seen: (proof) => entries.has(keyOf(proof)),
    claim(proof, untilMs) {
      const key = keyOf(proof)
      if (entries.has(key)) return 'seen'
      if (entries.size >= Math.min(sweepAtSize, entriesMax) || clock.monotonic() - sweptAtMs >= SWEEP_EVERY_MS) sweep()
      if (entries.size >= entriesMax) return 'full'
      entries.set(key, untilMs)
      journal?.append(key, untilMs)
      return 'ok'
    },
    size: () => entries.size,
    close: () => journal?.close(),
  }
}

/** 32 hex digits, whatever the security scheme's proofs look like. */
function keyOf(proof: string): string {
  if (proof.length === 32) return proof
  return createHash('sha256').update(proof).digest('hex').slice(0, 32)
}
