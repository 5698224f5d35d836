// Work in pieces, so that neither a statement nor the program is held up for long, and work that is tried again while PostgreSQL is away.

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { isTroupeError } from '#base/errors.ts'
import { STORE_BATCH_ROWS, STORE_RETRY_MS_MAX } from '#base/limits.ts'

/** Pieces that follow each other without a pause let others have a turn after so long. A turn may take long when answers come in: not after each. */
const TURN_MS = 10

/** Calls `write` with at most 500 at a time; others get their turn in between, when it takes longer. */
export async function inBatches<T>(
  rows: readonly T[],
  write: (batch: readonly T[]) => Promise<void>,
  size = STORE_BATCH_ROWS,
): Promise<void> {
  let turnAt = performance.now()
  for (let from = 0; from < rows.length; from += size) {
    if (performance.now() - turnAt > TURN_MS) {
      await nextTurn()
      turnAt = performance.now()
    }
    await write(rows.slice(from, from + size))
  }
}

/** Calls `step` until it says that nothing was left; others get their turn in between. Answers the sum. */
export async function untilNone(step: () => Promise<number>): Promise<number> {
  let sum = 0
  for (;;) {
    const count = await step()
    if (count === 0) return sum
    sum += count
    await nextTurn()
  }
}

/** For work that may be done twice: nobody knows whether a commit arrived when the connection broke on it. */
export async function persisting<T>(work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  for (let pauseMs = 50; ; pauseMs = Math.min(2 * pauseMs, 1_000)) {
    try {
      return await work()
    } catch (error) {
      const again = isTroupeError(error, 'STORE_UNREACHABLE') || isTroupeError(error, 'STORE_LOCKED')
      if (!again || performance.now() - startedAt + pauseMs > STORE_RETRY_MS_MAX) throw error
      await sleep(pauseMs)
    }
  }
}

/** By key, the last of each, in the order of the keys: two writers of the same rows then wait for each other, never in a circle. */
export function lastOfEach<T>(rows: readonly T[], keyOf: (row: T) => string): T[] {
  const byKey = new Map<string, T>()
  for (const row of rows) byKey.set(keyOf(row), row)
  return [...byKey.keys()].sort().map((key) => byKey.get(key) as T)
}
