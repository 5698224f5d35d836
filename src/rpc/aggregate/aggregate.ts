// What an aggregate function is, and the functions of the framework: they turn the replies of a call into a few lines, as the
// `summarize` block of a DDL asks. summarize.ts runs them. [agents 4]

import { SUMMARY_VALUES_MAX, SUMMARY_WIDTH_MAX } from '#base/limits.ts'
import type { Value, Values } from '#message/request.ts'
import { printable, rubyText } from '../inspect.ts'

/** What a function sees of a reply. */
export interface AggregateReply {
  readonly sender: string
  readonly statusCode: number
  readonly data: Values
}

export interface AggregateSetup {
  /** The output it works on, e.g. `status`. */
  readonly output: string
  /** From the DDL, e.g. `{ true: 'enabled', false: 'disabled' }`. */
  readonly arguments: Values
}

/** A function by its name in DDLs. `start` is called once per call and may throw: a start-up failure. */
export interface AggregateFunction {
  start(setup: AggregateSetup): Aggregate
}

/** One use of a function in one call. Both may throw; the summary then says what went wrong and the command goes on. */
export interface Aggregate {
  /** A reply's value of the output; null when it has none. Replies of every status come by. */
  add(value: Value, reply: AggregateReply): void
  summarize(): AggregateResult
}

/** `format` is used when the DDL gives none. A number of null is no result at all, of which nothing is shown. */
export type AggregateResult =
  | { readonly kind: 'counts'; readonly counts: ReadonlyMap<string, number>; readonly format: string }
  | { readonly kind: 'number'; readonly value: number | null; readonly format: string }

/** `summary(:x)`: how often each value comes; members of lists are counted one by one, nil not at all. */
const summary: AggregateFunction = {
  start() {
    const counts = new Map<string, number>()
    return {
      add(value) {
        for (const item of Array.isArray(value) ? (value as readonly Value[]) : [value])
          if (item !== null) count(counts, printable(rubyText(item)))
      },
      summarize: () => ({ kind: 'counts', counts, format: `%${longest(counts)}s = %s` }),
    }
  },
}

/** `boolean_summary(:x, {:true => "enabled", :false => "disabled"})`: only false counts as false, nil not at all. */
const booleanSummary: AggregateFunction = {
  start(setup) {
    const labels = { yes: labelOf(setup, 'true'), no: labelOf(setup, 'false') }
    const counts = new Map<string, number>()
    return {
      add(value) {
        if (value !== null) count(counts, value === false ? labels.no : labels.yes)
      },
      summarize: () => ({ kind: 'counts', counts, format: '%5s = %s' }),
    }
  },
}

/** `average(:x)`: the mean of the numbers; nil is skipped. */
const average: AggregateFunction = {
  start({ output }) {
    const total = adder(output)
    return {
      add: total.add,
      summarize: () => ({
        kind: 'number',
        value: total.count() === 0 ? null : total.sum() / total.count(),
        format: `Average of ${escapePercent(output)}: %f`,
      }),
    }
  },
}

const sum: AggregateFunction = {
  start({ output }) {
    const total = adder(output)
    return {
      add: total.add,
      summarize: () => ({
        kind: 'number',
        value: total.count() === 0 ? null : total.sum(),
        format: `Sum of ${escapePercent(output)}: %f`,
      }),
    }
  },
}

export const AGGREGATES: ReadonlyMap<string, AggregateFunction> = new Map([
  ['summary', summary],
  ['boolean_summary', booleanSummary],
  ['average', average],
  ['sum', sum],
])

function labelOf({ arguments: given }: AggregateSetup, key: 'true' | 'false'): string {
  const label = Object.hasOwn(given, key) ? given[key] : key
  if (typeof label !== 'string') throw new Error(`boolean_summary needs a text for ${key}`)
  return label
}

/** Values beyond SUMMARY_VALUES_MAX are counted together, so that a hostile node cannot fill the memory or the screen. */
function count(counts: Map<string, number>, value: string): void {
  const key = counts.size < SUMMARY_VALUES_MAX || counts.has(value) ? value : '(other values)'
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function longest(counts: ReadonlyMap<string, number>): number {
  let most = 1
  for (const key of counts.keys()) most = Math.max(most, [...key].length)
  return Math.min(most, SUMMARY_WIDTH_MAX)
}

function adder(output: string): { add: (value: Value) => void; sum: () => number; count: () => number } {
  let sum = 0
  let count = 0
  return {
    add(value) {
      if (value === null) return
      if (typeof value !== 'number') throw new Error(`${output} is no number`)
      sum += value
      count++
    },
    sum: () => sum,
    count: () => count,
  }
}

function escapePercent(text: string): string {
  return text.replaceAll('%', '%%')
}
