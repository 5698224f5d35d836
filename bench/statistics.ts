// What is said about a list of measured values.

export interface Spread {
  readonly n: number
  readonly p50: number
  readonly p99: number
  readonly min: number
  readonly max: number
}

/** `spreadOf([3, 1, 2])` is `{ n: 3, p50: 2, p99: 3, min: 1, max: 3 }`. Percentiles by nearest rank; never empty. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  if (sorted.length === 0) throw new Error('bench: nothing was measured')
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
  return { n: sorted.length, p50: rank(0.5), p99: rank(0.99), min: sorted[0]!, max: sorted.at(-1)! }
}

/** The middle of pairwise ratios: what a machine that is busy now and then disturbs least. */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  return spreadOf(ours.map((value, i) => value / theirs[i]!)).p50
}
