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

/** Summaries of a call whose replies come one by one and are not kept. */
export interface RunningSummaries {
  add(reply: AggregateReply): void
  /** As summarize gives them, of what has been added so far. */
  blocks(): readonly SummaryBlock[]
}

/**
 * Blocks in order of output names. `functions` adds to those of the framework, e.g. `nagios_states`. An average of nothing gives no
 * block; counts of nothing give `No aggregate summary could be computed`.
 */
export function summarize(
  action: ActionDdl,
  replies: readonly AggregateReply[],
  functions: FunctionsByName = new Map(),
): readonly SummaryBlock[] {
  const running = startSummaries(action, functions)
  for (const reply of replies) running.add(reply)
  return running.blocks()
}

export function startSummaries(action: ActionDdl, functions: FunctionsByName = new Map()): RunningSummaries {
  const sorted = [...action.aggregates].sort((a, b) => (a.output === b.output ? 0 : a.output < b.output ? -1 : 1))
  const all = sorted.map((aggregate) => startOne(aggregate, action, functions))
  return {
    add(reply) {
      for (const one of all) one.add(reply)
    },
    blocks: () => all.map((one) => one.block()).filter((block) => block !== null),
  }
}

function startOne(aggregate: AggregateDdl, action: ActionDdl, functions: FunctionsByName) {
  const declared = action.outputs.find(({ name }) => name === aggregate.output)
  const { output } = aggregate
  const head = {
    title: `Summary of ${printable(declared?.displayAs ?? output)}:`,
    output,
    function: aggregate.function,
  }
  const started = declared ? start(aggregate, functions) : `unspecified output '${printable(output)}' for the action`
  let problem = typeof started === 'string' ? started : undefined
  return {
    add(reply: AggregateReply): void {
      if (problem !== undefined || typeof started === 'string') return
      try {
        started.add(Object.hasOwn(reply.data, output) ? (reply.data[output] ?? null) : null, reply)
      } catch {
        problem = 'exception while processing result data'
      }
    },
    block(): SummaryBlock | null {
      const outcome = problem ?? (typeof started === 'string' ? started : finish(started, aggregate))
      if (outcome === null) return null
      if (typeof outcome === 'string')
        return { ...head, lines: [`     Could not compute summary - ${outcome}`], failed: true }
      if (outcome.lines.length === 0)
        return { ...head, lines: ['     No aggregate summary could be computed'], failed: true }
      return { ...head, lines: outcome.lines.map((line) => `   ${line}`), failed: false, result: outcome.result }
    },
  }
}

/** The function at work, or why it is not. */
function start(aggregate: AggregateDdl, functions: FunctionsByName): Aggregate | string {
  try {
    const found = AGGREGATES.get(aggregate.function) ?? functions.get(aggregate.function)
    if (!found) return `unknown function '${printable(aggregate.function)}'`
    return found.start({ output: aggregate.output, arguments: aggregate.arguments })
  } catch {
    return 'exception in start-up hook'
  }
}

/** Lines, or null for nothing to show, or why there are none. */
function finish(
  running: Aggregate,
  aggregate: AggregateDdl,
): { readonly result: AggregateResult; readonly lines: readonly string[] } | null | string {
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
