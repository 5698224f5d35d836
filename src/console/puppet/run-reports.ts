// The runs of one node: its last report from the node itself, and older ones from PuppetDB or as the console has kept them. [live 5, O15]

import { messageOf } from '#base/errors.ts'
import type { Client } from '#client/api.ts'
import type { RunReport, RunReports } from '../api/puppet.ts'
import { askOne } from '../nodes/node-detail.ts'
import type { ConsoleParts } from '../parts.ts'
import { keptReportOf, lastRunOf, nodeReportOf, reportRecordOf } from './last-run.ts'
import type { PuppetDb } from './puppetdb.ts'

export interface RunReportParts {
  readonly store: Pick<ConsoleParts['store'], 'reports'>
  readonly collective: string
  readonly puppetDb?: PuppetDb | undefined
}

const RUNS_SHOWN = 50

/** The newest first. Events, log and metrics only of the first; the others' by `runReport`. */
export async function runReports(
  parts: RunReportParts,
  node: string,
  client: () => Promise<Client>,
): Promise<RunReports> {
  const problems: string[] = []
  const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      problems.push(messageOf(error))
      return otherwise
    }
  }
  const [latest, older] = await Promise.all([
    attempt(async () => latestOf(parts, node, await client()), undefined),
    attempt(() => (parts.puppetDb ? parts.puppetDb.reports(node, RUNS_SHOWN) : kept(parts, node)), []),
  ])
  const rest = parts.puppetDb && older.length === 0 ? await attempt(() => kept(parts, node), []) : older
  if (typeof latest === 'string') problems.push(latest)
  const first = typeof latest === 'object' ? [latest] : []
  const atMs = first[0]?.run.atMs
  // PuppetDB's times are those of the report, the node's those of its summary: some seconds apart.
  const others = rest.filter(({ run }) => atMs === undefined || Math.abs((run.atMs ?? 0) - atMs) > SAME_RUN_MS)
  const problem = problems.join('; ')
  return { reports: [...first, ...others], ...(problem === '' ? {} : { problem }) }
}

const SAME_RUN_MS = 20_000

/** One run with everything that is known; undefined: there is none. */
export async function runReport(parts: RunReportParts, node: string, id: string): Promise<RunReport | undefined> {
  if (/^\d{1,15}$/.test(id)) {
    const record = await parts.store.reports.get(node, Number(id))
    return record && keptReportOf(record)
  }
  return parts.puppetDb?.report(node, id)
}

async function kept({ store }: RunReportParts, node: string): Promise<RunReport[]> {
  return (await store.reports.list(node, { limit: RUNS_SHOWN })).map(keptReportOf)
}

/** The node's own report, which is kept; or why there is none. */
async function latestOf(
  { store, collective }: RunReportParts,
  node: string,
  client: Client,
): Promise<RunReport | string> {
  const [summary, report] = await Promise.all([
    askOne(client, node, collective, 'puppet', 'last_run_summary'),
    askOne(client, node, collective, 'puppet', 'last_run_report'),
  ])
  if (!summary) return `${node} did not answer, or has no agent puppet`
  if (summary.statusCode !== 0) return `${node}: ${summary.statusMessage}`
  const run = lastRunOf(node, summary.data)
  if (run.outcome === 'never') return 'Puppet never ran on it'
  const made = nodeReportOf(run, report?.statusCode === 0 ? report.data : {})
  const record = reportRecordOf(made.run, made)
  if (record) await store.reports.add([record]).catch(() => {})
  return made
}
