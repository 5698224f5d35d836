// What came of a Puppet run that somebody has started, as a line of a job says it: from the run's summary, and of a failure the first error
// of its report. [live 5, 7; agents 10.3]

import type { Values } from '#message/request.ts'
import { lastRunOf, nodeReportOf } from './last-run.ts'

export interface RunEnd {
  readonly outcome: 'ok' | 'failed'
  /** 1 of a run that failed: the action did what it could, Puppet did not. */
  readonly statusCode: 0 | 1
  /** e.g. `changed: 3 of 42 resources`, `would change: 3 of 42 resources`, `failed: 1 of 42 resources, 2 changed`. */
  readonly message: string
  readonly data: Values
}

/** `data`: the outputs of `puppet last_run_summary`. */
export function runEndOf(node: string, data: Values): RunEnd {
  const run = lastRunOf(node, data)
  const { changed, failed, outOfSync, total, seconds, atMs } = run
  const of = (count: number): string => `${count} of ${total} ${total === 1 ? 'resource' : 'resources'}`
  const isFailed = run.outcome === 'failed' || run.outcome === 'never'
  // What a try would change, Puppet counts as out of sync and not as changed.
  const would = !isFailed && changed === 0 && outOfSync > 0
  const counts = {
    ...{ changed_resources: changed, failed_resources: failed, out_of_sync_resources: outOfSync },
    ...{ total_resources: total, total_time: seconds, lastrun: Math.floor((atMs ?? 0) / 1000) },
  }
  if (isFailed) {
    const also = changed > 0 ? `, ${changed} changed` : ''
    const message = total === 0 ? 'failed: nothing was applied' : `failed: ${of(failed)}${also}`
    return { outcome: 'failed', statusCode: 1, message, data: { run: 'failed', ...counts } }
  }
  const [word, message] = would
    ? ['unchanged', `would change: ${of(outOfSync)}`]
    : changed > 0
      ? ['changed', `changed: ${of(changed)}`]
      : ['unchanged', `unchanged: ${total} ${total === 1 ? 'resource' : 'resources'}`]
  return { outcome: 'ok', statusCode: 0, message, data: { run: word, ...counts } }
}

const ERROR_LEVELS: readonly string[] = ['err', 'alert', 'emerg', 'crit']
const ERROR_CHARACTERS_MAX = 500

/** The first thing that went wrong, by the outputs of `puppet last_run_report`: `File[/etc/motd]: is a directory`. */
export function errorOf(data: Values): string | undefined {
  const { events, logs } = nodeReportOf(lastRunOf('', {}), data)
  const event = events.find(({ status }) => status === 'failure')
  const text = event ? `${event.resource}: ${event.message}` : logs.find(isError)?.message
  return text?.replace(/\s+/g, ' ').slice(0, ERROR_CHARACTERS_MAX)
}

const isError = ({ level }: { readonly level: string }): boolean => ERROR_LEVELS.includes(level)
