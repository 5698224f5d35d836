// What Puppet did on the nodes, looked up now and then and whenever somebody asks: the last run of every node for the overview, every run it saw
// for the history, and the reports of those that changed something or failed. [live 5, O14, O15] [issue: last Puppet runs]

import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import { PUPPET_ROUND_NODES_AT_ONCE_MAX, REPORTS_FETCHED_AT_ONCE_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import type { CallReply } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import type { ReportRecord } from '#store/fleet-records.ts'
import type { LastRun, LastRuns } from '../api/puppet.ts'
import type { NodeResult } from '../jobs/running-job.ts'
import type { NodeBook } from '../nodes/node-book.ts'
import type { ConsoleParts } from '../parts.ts'
import { lastRunOf, nodeReportOf, puppetStateOf, reportRecordOf } from './last-run.ts'

export interface RunWatchParts {
  readonly store: Pick<ConsoleParts['store'], 'reports'>
  readonly clock: Clock
  readonly log: Log
  readonly nodes: NodeBook
  readonly ownClient: ConsoleParts['ownClient']
  readonly bus: ConsoleParts['bus']
  readonly collective: string
  /** Seconds between two rounds; 0: only when somebody asks. Default 900. */
  readonly intervalSeconds?: number
  /** false: nobody is asked (Live Management is off). Default true. */
  wanted?(): boolean
}

export interface RunWatch {
  open(): void
  close(): Promise<void>
  /** Asks all nodes now. Never rejects. */
  round(): Promise<void>
  runs(): LastRuns
  /** What a job heard from a node. */
  heard(result: NodeResult, job: { readonly agent: string; readonly action: string }): void
}

const INTERVAL_SECONDS = 900
/** The first round comes soon after the start, milliseconds: when the nodes are known. */
const FIRST_ROUND_MS = 5_000
/** While the broker is away, milliseconds until it is looked whether it is back. */
const AWAY_MS = 15_000
const JITTER = 0.2
/** A run that was started is over after so long in most cases: then the node is asked what it did. */
const AFTER_RUN_MS = 90_000
/** What was heard is written together, milliseconds. */
const WRITE_AFTER_MS = 500

export function createRunWatch(parts: RunWatchParts): RunWatch {
  const { clock, log, nodes, store } = parts
  const intervalMs = (parts.intervalSeconds ?? INTERVAL_SECONDS) * 1000
  let asOfMs: number | undefined
  let cancelRound: (() => void) | undefined
  let cancelWrite: (() => void) | undefined
  let cancelStarted: (() => void) | undefined
  let rounding: Promise<void> | undefined
  let closed = false
  let heardRuns: LastRun[] = []
  let writing: Promise<void> = Promise.resolve()
  /** Nodes that were told to run and not asked since. */
  const started = new Set<string>()

  return { open, close, round, runs, heard }

  function open(): void {
    for (const { row, lastRun } of nodes.known()) {
      if (lastRun && row.lastSeenMs !== undefined) asOfMs = Math.max(asOfMs ?? 0, row.lastSeenMs)
    }
    if (intervalMs > 0) cancelRound = clock.after(FIRST_ROUND_MS, () => void round())
  }

  async function close(): Promise<void> {
    closed = true
    for (const cancel of [cancelRound, cancelWrite, cancelStarted]) cancel?.()
    await write()
  }

  function round(): Promise<void> {
    rounding ??= askAll().finally(() => {
      rounding = undefined
      cancelRound?.()
      if (closed || intervalMs === 0) return
      const usualMs = intervalMs * (1 + JITTER * Math.random())
      cancelRound = clock.after(parts.bus().connected ? usualMs : Math.min(AWAY_MS, usualMs), () => void round())
    })
    return rounding
  }

  async function askAll(): Promise<void> {
    // What is wrong with the bus is said elsewhere, once.
    if (!parts.bus().connected) return
    try {
      const rows = nodes.known().flatMap(({ row }) => (row.state === 'lost' ? [] : [row]))
      // Silent ones together, so that only their group is waited for.
      rows.sort((a, b) => Number(a.state === 'silent') - Number(b.state === 'silent'))
      await askNodes(rows.map(({ name }) => name))
      asOfMs = clock.now()
    } catch (error) {
      log.warn(`the nodes could not be asked for their Puppet runs: ${messageOf(error)}`)
    }
  }

  /** Statuses, summaries, and the reports of what is new and of interest. */
  async function askNodes(names: readonly string[]): Promise<void> {
    if (names.length === 0 || parts.wanted?.() === false) return
    await each('status', names, ({ sender, data }) => nodes.puppet(sender, puppetStateOf(data)))
    const fresh: LastRun[] = []
    await each('last_run_summary', names, ({ sender, data }) => {
      const before = lastRunAt(sender)
      const run = enter(sender, data)
      if (run.atMs !== before && (run.outcome === 'failed' || run.outcome === 'changed')) fresh.push(run)
    })
    fresh.sort((a, b) => Number(b.outcome === 'failed') - Number(a.outcome === 'failed'))
    const wanted = new Map(fresh.slice(0, REPORTS_FETCHED_AT_ONCE_MAX).map((run) => [run.node, run]))
    const reports: ReportRecord[] = []
    await each('last_run_report', [...wanted.keys()], ({ sender, data }) => {
      const run = wanted.get(sender)
      const record = run && reportRecordOf(run, nodeReportOf(run, data))
      if (record) reports.push(record)
    })
    await write()
    if (reports.length > 0) await store.reports.add(reports)
  }

  async function each(action: string, names: readonly string[], act: (reply: CallReply) => void): Promise<void> {
    if (names.length === 0 || closed) return
    const client = await parts.ownClient()
    const groups = { batch: PUPPET_ROUND_NODES_AT_ONCE_MAX, batchSleepSeconds: 0 }
    const call = client.agent('puppet').call(action, {}, { nodes: names, collective: parts.collective, ...groups })
    for await (const reply of call) if (reply.expected && reply.statusCode === 0) act(reply as CallReply)
    await call.summary
  }

  function lastRunAt(node: string): number | undefined {
    return nodes.lastRun(node)?.atMs
  }

  function enter(node: string, data: Values): LastRun {
    const run = lastRunOf(node, data)
    nodes.puppet(node, { lastRun: run })
    heardRuns.push(run)
    cancelWrite ??= clock.after(WRITE_AFTER_MS, () => void write())
    return run
  }

  function write(): Promise<void> {
    cancelWrite?.()
    cancelWrite = undefined
    const records = heardRuns.map((run) => reportRecordOf(run)).filter((record) => record !== undefined)
    heardRuns = []
    if (records.length > 0) {
      writing = writing
        .then(() => store.reports.add(records))
        .then(
          () => {},
          (error) => log.error(`${records.length} Puppet runs could not be written down: ${messageOf(error)}`),
        )
    }
    return writing
  }

  function runs(): LastRuns {
    const all = nodes.known().map(({ row, lastRun }) => ({
      ...(lastRun ?? {
        node: row.name,
        outcome: 'unknown' as const,
        changed: 0,
        failed: 0,
        outOfSync: 0,
        total: 0,
        seconds: 0,
      }),
      ...(row.disabledReason === undefined ? {} : { enabled: false, disabledReason: row.disabledReason }),
    }))
    return { runs: all, ...(asOfMs === undefined ? {} : { asOfMs }) }
  }

  function heard({ node, outcome, data }: NodeResult, { agent, action }: { agent: string; action: string }): void {
    if (agent !== 'puppet' || typeof data !== 'object' || data === null) return
    const values = data as Values
    // Of a job that has waited for the end of the run.
    const isOver = action === 'runonce' && typeof values.lastrun === 'number'
    if (isOver) laterAsk(node, 0)
    if (isOver || outcome !== 'ok') return
    if (action === 'status') nodes.puppet(node, puppetStateOf(values))
    else if (action === 'last_run_summary') enter(node, values)
    else if (action === 'enable') nodes.puppet(node, { enabled: true, disabledReason: undefined })
    else if (action === 'disable') laterAsk(node, 0)
    else if (action === 'runonce') laterAsk(node, AFTER_RUN_MS)
  }

  function laterAsk(node: string, ms: number): void {
    started.add(node)
    cancelStarted?.()
    cancelStarted = clock.after(Math.max(ms, WRITE_AFTER_MS), () => {
      const names = [...started]
      started.clear()
      cancelStarted = undefined
      askNodes(names).catch((error) => log.warn(`nodes that ran Puppet could not be asked: ${messageOf(error)}`))
    })
  }
}
