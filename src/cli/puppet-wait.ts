// Waiting in front of an operator until Puppet runs have ended, and what each of them changed or would change. [cli 8.11, M-015]

import { PUPPET_WAIT_SECONDS } from '#base/limits.ts'
import type { CallHandle, CallReply } from '#client/api.ts'
import { PUPPET } from '#client/puppet-words.ts'
import { type RunEnd, waitForRuns } from '#client/run-wait.ts'
import type { Value, Values } from '#message/request.ts'
import { callChoice } from './call-options.ts'
import type { CommandContext } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { directedOptions } from './puppet-calls.ts'
import { resultJson } from './results.ts'
import { nameList } from './statistics.ts'
import { oneLine, type Style, type Terminal } from './terminal.ts'
import { usageError } from './usage-error.ts'

export interface RunWaiting {
  /** Waits for the runs that were accepted, and shows each as it ends. */
  show(replies: readonly CallReply[]): Promise<ShownEnds>
}

export interface ShownEnds {
  /** The replies as --json prints them, those of runs with how they ended. */
  results(replies: readonly CallReply[]): readonly object[]
  /** `callCode`: what it would be without the runs. */
  exitCode(callCode: number): number
}

/** How a run ended. `unknown`: nobody saw it. */
export interface RunOutcome {
  readonly outcome: 'changed' | 'unchanged' | 'failed' | 'unknown'
  /** Nothing was changed: changes are what would be. */
  readonly noop: boolean
  /** Seconds since 1970 by the node's clock; null: unknown. */
  readonly started: number | null
  readonly changes: readonly RunChange[]
  readonly more_changes: number
  /** Of a run that failed. */
  readonly errors: readonly string[]
  /** Why it is unknown, else empty. */
  readonly reason: string
}

type RunChange = Readonly<Record<'resource' | 'property' | 'status' | 'old' | 'new' | 'message', string>>

/** A node that is asked how it is answers at once or is not there. */
const STATUS_SECONDS_MAX = 10
const TEXT_MAX = 100
const ERRORS_MAX = 5

/** Ctrl-C from now on ends the waiting, also one that has not begun. Throws USAGE_INVALID for a limit of no seconds. */
export async function openRunWaiting(context: CommandContext): Promise<RunWaiting> {
  const limitSeconds = context.options.number('wait-limit') ?? PUPPET_WAIT_SECONDS
  if (limitSeconds <= 0) throw usageError('--wait-limit has to be greater than 0')
  const { options } = await callChoice(context, { nodesFromStdin: false })
  const ending = new AbortController()
  let call: CallHandle<object> | undefined
  context.onInterrupt(() => {
    ending.abort()
    call?.stop()
  })
  const either = AbortSignal.any([ending.signal, context.signal])
  const ask = async (action: string, nodes: readonly string[], timeoutSeconds?: number) => {
    const client = await context.client()
    const limits = timeoutSeconds === undefined ? {} : { timeoutSeconds }
    call = client
      .agent('puppet')
      .call(action, {}, { ...limits, ...directedOptions(options), nodes, signal: context.signal })
    const replies: CallReply[] = []
    for await (const reply of call) if (reply.expected) replies.push(reply as CallReply)
    await call.summary
    return replies
  }
  const wait = (runs: ReadonlyMap<string, number>, says: Parameters<typeof waitForRuns>[0]['says']) =>
    waitForRuns({
      ...{ runs, says, now: context.now, limitMs: limitSeconds * 1000, stopped: () => either.aborted },
      pause: (ms) => context.pause(ms, either),
      status: async (hosts) => answersOf(await ask('status', hosts, STATUS_SECONDS_MAX), PUPPET.statusOf),
      reports: async (hosts) => answersOf(await ask('last_run_report', hosts), (data) => data),
    })
  return { show: (replies) => showEnds(context, replies, wait) }
}

function answersOf<T>(replies: readonly CallReply[], read: (data: Values) => T): Map<string, T | string> {
  return new Map(
    replies.map((reply) => [reply.sender, reply.statusCode === 0 ? read(reply.data) : reply.statusMessage]),
  )
}

async function showEnds(
  context: CommandContext,
  replies: readonly CallReply[],
  wait: (
    runs: ReadonlyMap<string, number>,
    says: Parameters<typeof waitForRuns>[0]['says'],
  ) => Promise<readonly RunEnd[]>,
): Promise<ShownEnds> {
  const { terminal, json, options } = context
  const accepted = replies.filter((reply) => reply.statusCode === 0)
  const runs = new Map(accepted.map(({ sender, data }) => [sender, numberOf(data.initiated_at)]))
  const outcomes = new Map<string, RunOutcome>()
  const bar = json || runs.size === 0 || options.flag('no-progress') ? undefined : terminal.progress()
  const print = (text: string): void => (bar && terminal.interactive ? bar.line(text) : terminal.out(text))
  if (!json && runs.size > 0)
    terminal.err(`Waiting until Puppet has run on ${nodes(runs.size)}; Ctrl-C ends the waiting, not the runs`)
  const ends = await wait(runs, {
    ended(end) {
      const outcome = outcomeOf(end)
      outcomes.set(end.host, outcome)
      if (!json) print(outcomeLines(end.host, outcome, context).join('\n'))
    },
    round(done, total, note) {
      bar?.update(done, total)
      bar?.note(oneLine(note))
    },
  })
  bar?.finish()
  const all = [...outcomes.values()]
  const unknown = ends.map(({ host }) => host).filter((host) => outcomes.get(host)?.outcome === 'unknown')
  if (!json && all.length > 0) {
    const lists = nameList('End of the run not seen on:', unknown.sort(), terminal.style)
    terminal.out([`${countLine(all)}\n`, ...lists].join('\n'))
  }
  return {
    results: (list) =>
      list.map((reply) => {
        const run = outcomes.get(reply.sender)
        return { ...resultJson('puppet', 'runonce', reply), ...(run ? { run } : {}) }
      }),
    exitCode(callCode) {
      if (callCode === EXIT.failures || all.some(({ outcome }) => outcome === 'failed')) return EXIT.failures
      return unknown.length > 0 ? EXIT.silence : callCode
    },
  }
}

function outcomeOf(end: RunEnd): RunOutcome {
  if ('why' in end) {
    const nothing = { noop: false, started: null, changes: [], more_changes: 0, errors: [] }
    return { outcome: 'unknown', ...nothing, reason: end.why }
  }
  const { report } = end
  const logs = listOf(report.logs)
  const changes = [...listOf(report.events).map(changeOf), ...logs.flatMap(refreshOf)].filter(isTold)
  const failed = report.status === 'failed' || changes.some(({ status }) => status === 'failure')
  const logged = failed ? logs.filter(({ level }) => ERROR_LEVELS.includes(String(level))) : []
  return {
    outcome: failed ? 'failed' : changes.length > 0 ? 'changed' : 'unchanged',
    noop: report.noop === true || (changes.length > 0 && changes.every(({ status }) => status === 'noop')),
    started: typeof report.time === 'number' ? report.time : null,
    changes,
    more_changes: numberOf(report.more_events),
    errors: logged.slice(0, ERRORS_MAX).map(({ msg }) => textOf(msg)),
    reason: '',
  }
}

const ERROR_LEVELS = ['err', 'alert', 'emerg', 'crit']

function listOf(value: Value | undefined): readonly Values[] {
  const list = Array.isArray(value) ? (value as readonly Value[]) : []
  return list.filter((one): one is Values => typeof one === 'object' && one !== null && !Array.isArray(one))
}

function changeOf(event: Values): RunChange {
  const of = (name: string): string => textOf(event[name])
  return {
    ...{ resource: of('resource'), property: of('property'), status: of('status') },
    ...{ old: of('old'), new: of('new'), message: of('message') },
  }
}

/** A restart, say, that a try did not make: Puppet tells of it in the log alone. `source`: `/Stage[main]/Ntp/Service[ntp]`. */
function refreshOf({ source, msg }: Values): RunChange[] {
  const message = textOf(msg)
  if (!WOULD_REFRESH.test(message)) return []
  const path = textOf(source)
  const at = [...path.matchAll(/(?:^|\/)(?=[A-Z][\w:]*\[)/g)].at(-1)
  const resource = at ? path.slice(at.index).replace(/^\//, '') : path
  return [{ resource, property: '', status: 'noop', old: '', new: '', message }]
}

const WOULD_REFRESH = /^Would have triggered 'refresh'/

/** Not what is only looked at, nor that a class or stage would pass on what is listed anyway. */
function isTold({ resource, status, message }: RunChange): boolean {
  return status !== 'audit' && !(/^(Class|Stage|Whit)\[/.test(resource) && WOULD_REFRESH.test(message))
}

const STYLES: Readonly<Record<RunOutcome['outcome'], Style>> = {
  changed: 'cyan',
  unchanged: 'green',
  failed: 'red',
  unknown: 'yellow',
}

function outcomeLines(host: string, run: RunOutcome, { terminal, verbose }: CommandContext): string[] {
  const head = `${oneLine(host).padEnd(40)} ${terminal.style(STYLES[run.outcome], headOf(run))}`
  const most = verbose ? Number.POSITIVE_INFINITY : TEXT_MAX
  const lines = run.changes.map((change) => `   ${changeText(change, most, terminal)}`)
  const more = run.more_changes > 0 ? [`   and ${run.more_changes} more`] : []
  // What failed is told by its event; without one, the log tells why there was no catalogue at all.
  const told = run.changes.some(({ status }) => status === 'failure')
  const errors = told ? [] : run.errors.map((text) => `   ${terminal.style('red', oneLine(text))}`)
  return [head, ...lines, ...more, ...errors, '']
}

function headOf({ outcome, noop, changes, more_changes, reason }: RunOutcome): string {
  const many = changes.filter(({ status }) => status !== 'failure').length + more_changes
  const count = `${many} ${many === 1 ? 'change' : 'changes'}`
  switch (outcome) {
    case 'unknown':
      return `unknown: ${oneLine(reason)}`
    case 'failed':
      return many === 0 ? 'failed' : `failed, ${count}`
    case 'changed':
      return noop ? `${count} would be made` : `${count} made`
    case 'unchanged':
      return noop ? 'nothing would change' : 'nothing to change'
  }
}

/** `File[/etc/motd] content: {md5}ab -> {md5}cd`, or what Puppet says where values would say nothing. */
function changeText(change: RunChange, most: number, terminal: Terminal): string {
  const what = [change.resource, change.property]
    .filter((text) => text !== '')
    .map(oneLine)
    .join(' ')
  const shortened = (text: string): string => {
    const line = oneLine(text)
    return line.length > most ? `${line.slice(0, most)}...` : line
  }
  if (change.status === 'failure') return `${what}: ${terminal.style('red', `failed: ${oneLine(change.message)}`)}`
  if (change.old === '' && change.new === '') return `${what}: ${shortened(change.message)}`
  return `${what}: ${shortened(change.old)} -> ${shortened(change.new)}`
}

function countLine(all: readonly RunOutcome[]): string {
  const having = (test: (run: RunOutcome) => boolean): number => all.filter(test).length
  const counts = [
    [having(({ outcome, noop }) => outcome === 'changed' && noop), 'would change'],
    [having(({ outcome, noop }) => outcome === 'changed' && !noop), 'changed'],
    [having(({ outcome }) => outcome === 'unchanged'), 'as they should be'],
    [having(({ outcome }) => outcome === 'failed'), 'failed'],
    [having(({ outcome }) => outcome === 'unknown'), 'unknown'],
  ] as const
  const said = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`)
  return `Puppet ran on ${nodes(having(({ outcome }) => outcome !== 'unknown'))} of ${all.length}: ${said.join(', ')}`
}

const nodes = (count: number): string => `${count} ${count === 1 ? 'node' : 'nodes'}`

function numberOf(value: Value | undefined): number {
  return typeof value === 'number' ? value : 0
}

function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value)
}
