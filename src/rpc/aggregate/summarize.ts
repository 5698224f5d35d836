// The summaries a DDL declares for an action, computed from the replies of one call. A function that fails costs its own summary
// only. Colours and blank lines are the screen's. [agents 4, cli 6.6]

import { isTroupeError } from '#base/errors.ts'
import { PRINTF_LENGTH_MAX } from '#base/limits.ts'
import type { ActionDdl, AggregateDdl } from '../ddl/ddl.ts'
import { printable } from '../inspect.ts'
import { formatPrintf } from '../printf.ts'
import {
  AGGREGATES,
  type Aggregate,
  type AggregateFunction,
  type AggregateReply,
  type AggregateResult,
} from './aggregate.ts'

export interface SummaryBlock {
  /** `Summary of Service Status:` */
  readonly title: string
  /** Indented: `   running = 2`. */
  readonly lines: readonly string[]
  /** true: the lines say why there is no summary. */
  readonly failed: boolean
  readonly output: string
  readonly function: string
  /** Absent when it failed. */
  readonly result?: AggregateResult
}

type FunctionsByName = ReadonlyMap<string, AggregateFunction>

/**
 * Blocks in order of output names. `functions` adds to those of the framework, e.g. `nagios_states`. An average of nothing gives no
 * block; counts of nothing give `No aggregate summary could be computed`.
 */
export function summarize(
  action: ActionDdl,
  replies: readonly AggregateReply[],
  functions: FunctionsByName = new Map(),
): readonly SummaryBlock[] {
  const sorted = [...action.aggregates].sort((a, b) => (a.output === b.output ? 0 : a.output < b.output ? -1 : 1))
  return sorted.flatMap((aggregate) => {
    const block = blockOf(aggregate, action, replies, functions)
    return block === null ? [] : [block]
  })
}

function blockOf(
  aggregate: AggregateDdl,
  action: ActionDdl,
  replies: readonly AggregateReply[],
  functions: FunctionsByName,
): SummaryBlock | null {
  const output = action.outputs.find(({ name }) => name === aggregate.output)
  const block = {
    title: `Summary of ${printable(output?.displayAs ?? aggregate.output)}:`,
    output: aggregate.output,
    function: aggregate.function,
  }
  const outcome = output
    ? compute(aggregate, replies, functions)
    : `unspecified output '${printable(aggregate.output)}' for the action`
  if (outcome === null) return null
  if (typeof outcome === 'string')
    return { ...block, lines: [`     Could not compute summary - ${outcome}`], failed: true }
  if (outcome.lines.length === 0)
    return { ...block, lines: ['     No aggregate summary could be computed'], failed: true }
  return { ...block, lines: outcome.lines.map((line) => `   ${line}`), failed: false, result: outcome.result }
}

interface Computed {
  readonly result: AggregateResult
  readonly lines: readonly string[]
}

/** Lines, or null for nothing to show, or why there are none. */
function compute(
  aggregate: AggregateDdl,
  replies: readonly AggregateReply[],
  functions: FunctionsByName,
): Computed | null | string {
  const { output } = aggregate
  let running: Aggregate
  try {
    const found = AGGREGATES.get(aggregate.function) ?? functions.get(aggregate.function)
    if (!found) return `unknown function '${printable(aggregate.function)}'`
    running = found.start({ output, arguments: aggregate.arguments })
  } catch {
    return 'exception in start-up hook'
  }
  try {
    for (const reply of replies)
      running.add(Object.hasOwn(reply.data, output) ? (reply.data[output] ?? null) : null, reply)
  } catch {
    return 'exception while processing result data'
  }
  try {
    const result = running.summarize()
    if (result.kind === 'number' && result.value === null) return null
    return { result, lines: linesOf(result, aggregate.format ?? result.format) }
  } catch (error) {
    return isTroupeError(error, 'DDL_BAD_FORMAT')
      ? `exception while summarizing: ${error.message}`
      : 'exception while summarizing'
  }
}

function linesOf(result: AggregateResult, format: string): readonly string[] {
  if (result.kind === 'number') return [formatPrintf(format, [result.value])]
  const sorted = [...result.counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
  return sorted.map(([value, count]) => formatPrintf(format, [shortened(value), count]))
}

/** A value of megabytes is cut: formatted lines are bounded, and nobody reads it. */
function shortened(value: string): string {
  return value.length > PRINTF_LENGTH_MAX / 2 ? `${value.slice(0, PRINTF_LENGTH_MAX / 2)}...` : value
}
