// The report Puppet wrote about its last run: what changed or failed and why, how long the parts took. A report of two thousand resources is
// megabytes of YAML of which nearly nothing is of interest: it is cut into its entries as text, and only those with something to tell are
// parsed. Lines of the log are run-summary.ts's. [agents 10.1, live 5 O15]

import { messageOf, TroupeError } from '#base/errors.ts'
import {
  PUPPET_EVENT_TEXT_CHARACTERS_MAX,
  PUPPET_EVENTS_MAX,
  PUPPET_METRICS_MAX,
  PUPPET_WHOLE_REPORT_BYTES_MAX,
} from '#base/limits.ts'
import type { PuppetMachine } from './puppet-machine.ts'
import { mapOf, numberOf, type PuppetMap, type PuppetValue, textOf } from './puppet-value.ts'

export interface RunReport {
  /** Of the transaction; empty in old reports. */
  readonly id: string
  /** When the run began, seconds since 1970; 0: it does not say. */
  readonly startedAt: number
  /** `changed`, `unchanged`, `failed`; empty in old reports. */
  readonly status: string
  readonly environment: string
  readonly puppetVersion: string
  readonly noop: boolean
  readonly configVersion: PuppetValue
  /** Of resources that changed, failed, or would change. */
  readonly events: readonly RunEvent[]
  /** How many there are beyond PUPPET_EVENTS_MAX. */
  readonly moreEvents: number
  /** Seconds by step or type, longest first, without the total. */
  readonly seconds: readonly { readonly name: string; readonly seconds: number }[]
}

export interface RunEvent {
  /** e.g. `File[/etc/motd]` */
  readonly resource: string
  readonly property: string
  /** `success`, `failure`, `noop`, `audit`. */
  readonly status: string
  readonly message: string
  readonly old: string
  readonly new: string
  /** Seconds since 1970; 0: it does not say. */
  readonly at: number
}

/** undefined: there is no report. Throws RPC_PUPPET_STATE when it cannot be read. */
export async function readRunReport(machine: PuppetMachine, path: string): Promise<RunReport | undefined> {
  try {
    const text = await machine.readFile(path, PUPPET_WHOLE_REPORT_BYTES_MAX, { cut: true })
    if (text === undefined) return undefined
    const { parsePuppetYaml } = await import('./puppet-yaml.ts')
    return reportOf(text, parsePuppetYaml)
  } catch (error) {
    throw new TroupeError('RPC_PUPPET_STATE', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}

function reportOf(text: string, parse: (yaml: string) => PuppetValue): RunReport {
  const sections = sectionsOf(text)
  const head = mapOf(parse(sections.get('') || '{}'))
  const all: RunEvent[] = []
  for (const entry of entriesOf(sections.get('resource_statuses') ?? '')) {
    if (all.length > EVENTS_COUNTED_MAX) break
    if (!INTERESTING.test(entry)) continue
    all.push(...eventsOf(entry, parse))
  }
  return {
    id: textOf(head.transaction_uuid),
    startedAt: secondsOf(head.time),
    status: textOf(head.status),
    environment: textOf(head.environment),
    puppetVersion: textOf(head.puppet_version),
    noop: head.noop === true,
    configVersion: head.configuration_version ?? null,
    events: all.slice(0, PUPPET_EVENTS_MAX),
    moreEvents: Math.max(0, all.length - PUPPET_EVENTS_MAX),
    seconds: timesIn(parsed(sections.get('metrics') ?? '', parse)),
  }
}

/** Beyond so many nobody counts any more. */
const EVENTS_COUNTED_MAX = 10_000
const INTERESTING = /^ +(?:changed|failed|out_of_sync|failed_to_restart): true$/m
/** Sections that are maps or lists of their own; everything else at the top is the head, under ''. */
const SECTIONS = new Set(['logs', 'metrics', 'resource_statuses'])

/** The text of each section with its own indentation; old Puppets indent all of it. */
function sectionsOf(text: string): Map<string, string> {
  const sections = new Map<string, string>([['', '']])
  const body = text.replace(/^---[^\n]*\n/, '')
  const indent = /^ */.exec(body)?.[0].length ?? 0
  let now = ''
  let from = 0
  const keep = (end: number): void => {
    if (now === '' || SECTIONS.has(now)) sections.set(now, (sections.get(now) ?? '') + body.slice(from, end))
  }
  const KEY = new RegExp(`^ {${indent}}([a-z_]+):(.*)\n?`, 'gm')
  for (let found = KEY.exec(body); found; found = KEY.exec(body)) {
    keep(found.index)
    const [line, name = ''] = found
    now = SECTIONS.has(name) ? name : ''
    from = now === '' ? found.index : found.index + line.length
  }
  keep(body.length)
  return sections
}

/** The entries of a map, each with its key. Keys that are long stand behind `? `, their values behind `: `. */
function* entriesOf(section: string): Generator<string> {
  const indent = /^ */.exec(section)?.[0].length ?? 0
  const START = new RegExp(`^ {${indent}}(?![ :#-])`, 'gm')
  let from: number | undefined
  for (let found = START.exec(section); found; found = START.exec(section)) {
    if (from !== undefined) yield section.slice(from, found.index)
    from = found.index
    START.lastIndex = found.index + indent + 1
  }
  if (from !== undefined) yield section.slice(from)
}

/** undefined for what cannot be parsed: the end of a report that was cut. */
function parsed(section: string, parse: (yaml: string) => PuppetValue): PuppetMap {
  // Tags shared by lines of the log are named in one place and meant in another, which is not here.
  const alone = section.replace(/^( +tags:) *[&*].*$/gm, '$1')
  try {
    return mapOf(parse(alone))
  } catch {
    return {}
  }
}

function eventsOf(entry: string, parse: (yaml: string) => PuppetValue): RunEvent[] {
  const [[key, value] = ['', null]] = Object.entries(parsed(entry, parse))
  const status = mapOf(value)
  const resource = shortened(textOf(status.resource) || key)
  const events = Array.isArray(status.events) ? (status.events as readonly PuppetValue[]) : []
  if (events.length === 0 && status.failed !== true && status.failed_to_restart !== true) return []
  if (events.length === 0) {
    const message = status.failed === true ? 'failed' : 'failed to restart'
    return [{ resource, property: '', status: 'failure', message, old: '', new: '', at: secondsOf(status.time) }]
  }
  return events.map((event) => {
    const { property, status: how, message, previous_value, desired_value, time, redacted } = mapOf(event)
    return {
      resource,
      property: shortened(textOf(property)),
      status: textOf(how),
      message: shortened(textOf(message)),
      old: redacted === true ? '[redacted]' : shortened(textOf(previous_value)),
      new: redacted === true ? '[redacted]' : shortened(textOf(desired_value)),
      at: secondsOf(time),
    }
  })
}

/** `metrics.time.values`: name, label, seconds. */
function timesIn(metrics: PuppetMap): RunReport['seconds'] {
  const { values } = mapOf(metrics.time)
  if (!Array.isArray(values)) return []
  return (values as readonly PuppetValue[])
    .flatMap((row) => (Array.isArray(row) ? [{ name: textOf(row[0]), seconds: numberOf(row[2]) }] : []))
    .filter(({ name }) => name !== 'total')
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, PUPPET_METRICS_MAX)
}

function secondsOf(value: PuppetValue | undefined): number {
  const atMs = Date.parse(textOf(value))
  return Number.isNaN(atMs) ? 0 : Math.floor(atMs / 1000)
}

function shortened(text: string): string {
  return text.length > PUPPET_EVENT_TEXT_CHARACTERS_MAX ? `${text.slice(0, PUPPET_EVENT_TEXT_CHARACTERS_MAX)}...` : text
}
