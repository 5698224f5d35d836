// What nodes say of their Puppet, as the console keeps it. [live 5, O15; agents 10.3]

import { isMap } from '#base/is-map.ts'
import { REPORT_TEXT_CHARACTERS_MAX } from '#base/limits.ts'
import type { Value, Values } from '#message/request.ts'
import type { ReportRecord } from '#store/fleet-records.ts'
import type { LastRun, RunReport } from '../api/puppet.ts'
import type { PuppetState } from '../nodes/node-book.ts'
import { toldMs } from '../nodes/told-time.ts'

/** The outputs of `puppet last_run_summary`. */
export function lastRunOf(node: string, data: Values): LastRun {
  const atMs = toldMs(data.lastrun)
  const [changed, failed, outOfSync, total] = [
    whole(data.changed_resources),
    whole(data.failed_resources),
    whole(data.out_of_sync_resources),
    whole(data.total_resources),
  ]
  const version = data.config_version
  // A run that got no catalogue leaves out everything but its time.
  const outcome =
    atMs === undefined ? 'never' : failed > 0 || total === 0 ? 'failed' : changed > 0 ? 'changed' : 'unchanged'
  return {
    ...{ node, outcome, changed, failed, outOfSync, total, seconds: Math.max(0, numberIn(data.total_time)) },
    ...(atMs === undefined ? {} : { atMs }),
    ...(version === null || version === undefined || version === '' ? {} : { configVersion: textIn(version, 200) }),
  }
}

/** The outputs of `puppet status`. */
export function puppetStateOf(data: Values): PuppetState {
  const { enabled, disable_message: reason } = data
  return {
    ...(typeof enabled === 'boolean' ? { enabled } : {}),
    disabledReason: enabled === false ? textIn(reason, 1_000) : undefined,
  }
}

/** undefined: it never ran. */
export function reportRecordOf(run: LastRun, report?: RunReport): ReportRecord | undefined {
  const { node, atMs, outcome, changed, failed, outOfSync, total, seconds, configVersion } = run
  if (atMs === undefined || outcome === 'never' || outcome === 'unknown') return undefined
  return {
    ...{ node, atMs, outcome, changed, failed, outOfSync, total, seconds },
    ...(configVersion === undefined ? {} : { configVersion }),
    ...(report?.environment === undefined ? {} : { environment: report.environment }),
    ...(report?.noop === undefined ? {} : { noop: report.noop }),
    ...(report === undefined ? {} : { report: keptPartOf(report) }),
  }
}

type KeptPart = Pick<RunReport, 'events' | 'logs' | 'metrics' | 'puppetVersion'>

function keptPartOf({ events, logs, metrics, puppetVersion }: RunReport): KeptPart {
  return { events, logs, metrics, ...(puppetVersion === undefined ? {} : { puppetVersion }) }
}

/** A run the console has kept. */
export function keptReportOf(record: ReportRecord): RunReport {
  const { report, environment, noop, ...run } = record
  const kept = (typeof report === 'object' && report !== null ? report : {}) as Partial<KeptPart>
  return {
    id: String(record.atMs),
    source: 'history',
    run,
    ...(environment === undefined ? {} : { environment }),
    ...(noop === undefined ? {} : { noop }),
    ...{ events: kept.events ?? [], logs: kept.logs ?? [], metrics: kept.metrics ?? [] },
    ...(kept.puppetVersion === undefined ? {} : { puppetVersion: kept.puppetVersion }),
  }
}

/** The outputs of `puppet last_run_report` beside the run they belong to. */
export function nodeReportOf(run: LastRun, data: Values): RunReport {
  const { environment, noop, puppet_version: puppetVersion, status } = data
  return {
    id: 'latest',
    source: 'node',
    run: status === 'failed' && run.outcome !== 'never' ? { ...run, outcome: 'failed' } : run,
    ...(typeof environment === 'string' && environment !== '' ? { environment } : {}),
    ...(typeof noop === 'boolean' ? { noop } : {}),
    ...(typeof puppetVersion === 'string' && puppetVersion !== '' ? { puppetVersion } : {}),
    events: mapsIn(data.events).map((event) => ({
      resource: textIn(event.resource),
      status: textIn(event.status, 20),
      message: textIn(event.message),
      ...(event.property === '' ? {} : { property: textIn(event.property, 200) }),
      ...(event.old === '' ? {} : { old: textIn(event.old) }),
      ...(event.new === '' ? {} : { new: textIn(event.new) }),
    })),
    logs: mapsIn(data.logs).map(({ level, msg, source, time }) => {
      const atMs = toldMs(time)
      return {
        ...{ level: textIn(level, 20), message: textIn(msg) },
        ...(source === undefined || source === '' ? {} : { source: textIn(source) }),
        ...(atMs === undefined ? {} : { atMs }),
      }
    }),
    metrics: mapsIn(data.metrics).map(({ name, seconds }) => ({ name: textIn(name, 200), seconds: numberIn(seconds) })),
  }
}

function mapsIn(value: Value | undefined): readonly Values[] {
  if (!Array.isArray(value)) return []
  return (value as readonly Value[]).filter(isMap).slice(0, REPORT_LINES_MAX) as readonly Values[]
}

/** As many as the agent sends. */
const REPORT_LINES_MAX = 1_000

function numberIn(value: Value | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value) : 0
}

function whole(value: Value | undefined): number {
  return Math.min(Math.floor(numberIn(value)), Number.MAX_SAFE_INTEGER)
}

function textIn(value: Value | undefined, charactersMax = REPORT_TEXT_CHARACTERS_MAX): string {
  const text =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.slice(0, charactersMax)
}
