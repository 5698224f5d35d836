// Limits and group sizes: numbers or percentages of the nodes found, and which nodes a limit takes. [cli 5, wire 8.4, 8.5]

import { TroupeError } from '#base/errors.ts'

export type Count = number | `${number}%`

/**
 * How many of `total` nodes a limit means: a percentage is rounded down, at least 1. Throws USAGE_BAD_LIMIT.
 * `limitOf('50%', 3)` is 1, `limitOf(10, 3)` is 3.
 */
export function limitOf(limit: Count, total: number): number {
  const { amount, percent } = parseCount(limit)
  return Math.min(total, percent ? Math.max(1, Math.floor((total * amount) / 100)) : amount)
}

/** The size of a group: a percentage is rounded up. Throws USAGE_BAD_LIMIT. `groupSizeOf('50%', 3)` is 2. */
export function groupSizeOf(batch: Count, total: number): number {
  const { amount, percent } = parseCount(batch)
  return Math.max(1, percent ? Math.ceil((total * amount) / 100) : amount)
}

function parseCount(count: Count): { amount: number; percent: boolean } {
  const match = /^(\d{1,9})(%?)$/.exec(String(count))
  const amount = match ? Number(match[1]) : 0
  if (!match || amount === 0) {
    const valid = 'a number above 0, or a percentage such as 50%'
    throw new TroupeError(
      'USAGE_BAD_LIMIT',
      `cannot use ${JSON.stringify(count)} as a number of nodes: it has to be ${valid}`,
    )
  }
  return { amount, percent: match[2] === '%' }
}

/** `count` of `nodes`: the first ones, or random ones (repeatable when a seed is given: drawn from the sorted list). */
export function chooseNodes(
  nodes: readonly string[],
  count: number,
  how: { readonly method: 'first' | 'random'; readonly seed?: number },
): string[] {
  if (how.method === 'first') return nodes.slice(0, count)
  const pool = [...nodes].sort()
  const random = how.seed === undefined ? Math.random : seededRandom(how.seed)
  for (let i = 0; i < Math.min(count, pool.length); i++) {
    const j = i + Math.floor(random() * (pool.length - i))
    const drawn = pool[j] as string
    pool[j] = pool[i] as string
    pool[i] = drawn
  }
  return pool.slice(0, count)
}

/** Mulberry32: 32 bits of state are plenty for drawing nodes; not for secrets. */
function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
