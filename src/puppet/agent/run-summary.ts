// What Puppet wrote about its last run: the summary with its counts and times, and the log lines of the report. A failed run leaves out
// most of the summary; what is missing counts as 0. [agents 10.1]

import { messageOf, TroupeError } from '#base/errors.ts'
import { PUPPET_LOGS_MAX, PUPPET_REPORT_BYTES_MAX, PUPPET_SUMMARY_BYTES_MAX } from '#base/limits.ts'
import type { PuppetMachine } from './puppet-machine.ts'
import { mapOf, numberOf, type PuppetMap, type PuppetValue, textOf } from './puppet-value.ts'

export interface RunSummary {
  /** The whole file as Puppet wrote it, e.g. `{ version: {...}, resources: { total: 8 }, time: {...} }`; empty: Puppet never ran. */
  readonly all: PuppetMap
  readonly resources: PuppetMap
  readonly time: PuppetMap
  readonly events: PuppetMap
  readonly changes: PuppetMap
  /** Of the catalogue: a number, or what the site's configuration makes of it. */
  readonly configVersion: PuppetValue
  /** Seconds since 1970; 0: Puppet never ran. */
  readonly lastRunAt: number
}

export interface RunLog {
  /** Seconds since 1970, 0 when the line has no time. */
  readonly at: number
  /** `debug info notice warning err alert emerg crit`. */
  readonly level: string
  readonly source: string
  readonly message: string
}

/** Throws RPC_PUPPET_STATE when the file is there and cannot be understood. */
export async function readRunSummary(machine: PuppetMachine, path: string): Promise<RunSummary> {
  const text = await reading(path, () => machine.readFile(path, PUPPET_SUMMARY_BYTES_MAX))
  const all = text === undefined ? {} : await reading(path, () => parseMap(text))
  const version = mapOf(all.version)
  const time = mapOf(all.time)
  return {
    all,
    time,
    resources: mapOf(all.resources),
    events: mapOf(all.events),
    changes: mapOf(all.changes),
    // Puppet 2.6 kept it beside the times.
    configVersion: version.config ?? null,
    lastRunAt: Math.max(0, Math.floor(numberOf(time.last_run))),
  }
}

/** The log lines of the last run, the last PUPPET_LOGS_MAX of them; none when there is no report. Throws RPC_PUPPET_STATE. */
export async function readRunLogs(machine: PuppetMachine, path: string): Promise<readonly RunLog[]> {
  const text = await reading(path, () => machine.readFile(path, PUPPET_REPORT_BYTES_MAX, { cut: true }))
  const section = text === undefined ? '' : logSection(text)
  if (section === '') return []
  const entries = mapOf(await reading(path, () => parse(section))).logs
  return logsOf(entries).slice(-PUPPET_LOGS_MAX)
}

/** `entries` of a report's `logs`, whatever else may stand there. */
export function logsOf(entries: PuppetValue | undefined): RunLog[] {
  if (!Array.isArray(entries)) return []
  return (entries as readonly PuppetValue[]).map((entry) => {
    const { time, level, source, message } = mapOf(entry)
    const atMs = Date.parse(textOf(time))
    return {
      at: Number.isNaN(atMs) ? 0 : Math.floor(atMs / 1000),
      level: textOf(level),
      source: textOf(source),
      message: textOf(message),
    }
  })
}

/**
 * The lines of `logs:` alone: the rest of a report can be hundreds of times as long. Old Puppets indent it. When the text was cut, the
 * last entry is left out, for it may be half.
 */
function logSection(text: string): string {
  const start = /^( *)(?:!ruby\/\S+ *)?logs: *(\[\])?$/m.exec(text)
  if (!start || start[2] !== undefined) return ''
  const indent = start[1] ?? ''
  const body = text.slice(start.index + start[0].length + 1)
  const end = new RegExp(`^${indent}[a-z_]+:`, 'm').exec(body)
  if (end) return `logs:\n${body.slice(0, end.index)}`
  const lastEntry = Math.max(body.lastIndexOf(`\n${indent}- `), body.lastIndexOf(`\n${indent}  - `))
  return text.length < PUPPET_REPORT_BYTES_MAX ? `logs:\n${body}` : `logs:\n${body.slice(0, lastEntry + 1)}`
}

async function parse(text: string): Promise<PuppetValue> {
  const { parsePuppetYaml } = await import('./puppet-yaml.ts')
  return parsePuppetYaml(text)
}

async function parseMap(text: string): Promise<PuppetMap> {
  const value = await parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it holds no map')
  return value as PuppetMap
}

async function reading<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw new TroupeError('RPC_PUPPET_STATE', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}
