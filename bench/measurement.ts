// What a measurement gives: rows of a table, each with its spread, target and verdict, and the profile behind them.

import type { ProfileEntry } from './profile-summary.ts'
import { type Spread, spreadOf } from './statistics.ts'

export interface Row {
  readonly what: string
  readonly unit: string
  readonly spread: Spread
  /** e.g. `100 of 100`. */
  readonly complete?: string
  /** Against the Ruby fleet of the same run: ours / theirs. */
  readonly ratio?: number
  /** e.g. `<= 750`; the verdict is `met`. */
  readonly target?: string
  readonly met?: boolean
  readonly note?: string
}

export interface Profiled {
  readonly program: string
  readonly busyMs: number
  readonly top: readonly ProfileEntry[]
}

export interface Result {
  readonly rows: readonly Row[]
  readonly profiles?: readonly Profiled[]
}

export interface BenchContext {
  /** A line of progress. */
  say(text: string): void
  /** Smaller numbers, to see that everything works. */
  readonly quick: boolean
  /** Where profiles go; undefined: none are made. */
  readonly profileDirectory: string | undefined
}

export type Measurement = (context: BenchContext) => Promise<Result>

/** A row whose target is an upper bound of the value at `at`. */
export function row(
  what: string,
  unit: string,
  values: readonly number[],
  more: Omit<Row, 'what' | 'unit' | 'spread' | 'target' | 'met'> & {
    readonly atMost?: number
    readonly at?: 'p50' | 'p99' | 'max'
  } = {},
): Row {
  const { atMost, at = 'p50', ...rest } = more
  const spread = spreadOf(values)
  if (atMost === undefined) return { what, unit, spread, ...rest }
  return { what, unit, spread, ...rest, target: `${at} <= ${atMost}`, met: spread[at] <= atMost }
}
