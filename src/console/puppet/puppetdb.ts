// Reports of runs from PuppetDB, when the site has one: its HTTP API v4, asked with the client certificate it wants. Only reading, bounded in time
// and size. [issue: from PuppetDB when configured]

import { request as httpRequest } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { messageOf, TroupeError } from '#base/errors.ts'
import { isMap } from '#base/is-map.ts'
import { PUPPETDB_ANSWER_BYTES_MAX, PUPPETDB_TIMEOUT_MS, REPORT_TEXT_CHARACTERS_MAX } from '#base/limits.ts'
import { parseJson } from '#base/parse-json.ts'
import type { LastRun, RunReport } from '../api/puppet.ts'

export interface PuppetDbOptions {
  /** e.g. `https://puppetdb.example.com:8081`; `http://` only for this machine. */
  readonly url: string
  /** PEM texts: who signed its certificate, and our own. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface PuppetDb {
  /** Newest first, at most `limit`; without events, logs and metrics. Throws CONSOLE_PUPPETDB. */
  reports(node: string, limit: number): Promise<RunReport[]>
  /** One with everything; undefined: there is none of that hash on that node. */
  report(node: string, hash: string): Promise<RunReport | undefined>
  close(): void
}

/** Fields of a report that cost little. */
const FIELDS = [
  'hash',
  'certname',
  'puppet_version',
  'configuration_version',
  'start_time',
  'end_time',
  'status',
  'noop',
  'environment',
  'metrics',
]
const HASH = /^[0-9a-f]{40,64}$/

export function createPuppetDb({ url, ca, cert, key }: PuppetDbOptions): PuppetDb {
  const base = new URL(url)
  const isTls = base.protocol === 'https:'
  const agent = isTls
    ? new Agent({
        keepAlive: true,
        maxSockets: 4,
        ...(ca ? { ca } : {}),
        ...(cert ? { cert } : {}),
        ...(key ? { key } : {}),
      })
    : undefined

  async function ask(query: unknown, more: Readonly<Record<string, string>>): Promise<unknown> {
    const address = new URL('/pdb/query/v4/reports', base)
    for (const [name, value] of Object.entries({ query: JSON.stringify(query), ...more }))
      address.searchParams.set(name, value)
    try {
      return await fetchJson(address, agent)
    } catch (error) {
      const message = `cannot ask PuppetDB at ${base.origin} for reports: ${messageOf(error)}`
      throw new TroupeError('CONSOLE_PUPPETDB', message, { cause: error })
    }
  }

  async function found(fields: readonly string[], query: unknown, limit: number): Promise<Row[]> {
    const answer = await ask(['extract', fields, query], {
      limit: String(limit),
      order_by: JSON.stringify([{ field: 'end_time', order: 'desc' }]),
    })
    return rows(answer)
  }

  return {
    reports: async (node, limit) =>
      (await found(FIELDS, ['=', 'certname', node], limit)).map((row) => reportOf(node, row)),
    async report(node, hash) {
      if (!HASH.test(hash)) return undefined
      const query = ['and', ['=', 'certname', node], ['=', 'hash', hash]]
      const [row] = await found([...FIELDS, 'resource_events', 'logs'], query, 1)
      if (!row) return undefined
      const { resource_events: events, logs, metrics } = row
      return {
        ...reportOf(node, row),
        events: eventsOf(listIn(events)),
        logs: logsOf(listIn(logs)),
        metrics: secondsOf(listIn(metrics)),
      }
    },
    close: () => agent?.destroy(),
  }
}

const LINES_MAX = 1_000

type Row = Readonly<Record<string, unknown>>

function reportOf(node: string, row: Row): RunReport {
  const metrics = metricRows(row.metrics)
  const count = (name: string): number => metrics.get(`resources ${name}`) ?? 0
  const atMs = Date.parse(text(row.end_time))
  const outcome = row.status === 'failed' ? 'failed' : row.status === 'changed' ? 'changed' : 'unchanged'
  const run: LastRun = {
    ...{ node, outcome, seconds: metrics.get('time total') ?? 0 },
    ...{ changed: count('changed'), failed: count('failed'), outOfSync: count('out_of_sync'), total: count('total') },
    ...(Number.isNaN(atMs) ? {} : { atMs }),
    ...(row.configuration_version ? { configVersion: text(row.configuration_version, 200) } : {}),
  }
  return {
    ...{ id: text(row.hash, 64), source: 'puppetdb' as const, run, events: [], logs: [], metrics: [] },
    ...(row.environment ? { environment: text(row.environment, 200) } : {}),
    ...(typeof row.noop === 'boolean' ? { noop: row.noop } : {}),
    ...(row.puppet_version ? { puppetVersion: text(row.puppet_version, 50) } : {}),
  }
}

function eventsOf(answer: unknown): RunReport['events'] {
  return rows(answer).map((row) => ({
    resource: `${text(row.resource_type, 200)}[${text(row.resource_title)}]`,
    status: text(row.status, 20),
    message: text(row.message),
    ...(row.property ? { property: text(row.property, 200) } : {}),
    ...(row.old_value === null || row.old_value === undefined ? {} : { old: text(row.old_value) }),
    ...(row.new_value === null || row.new_value === undefined ? {} : { new: text(row.new_value) }),
  }))
}

function logsOf(answer: unknown): RunReport['logs'] {
  return rows(answer).map((row) => {
    const atMs = Date.parse(text(row.time))
    return {
      level: text(row.level, 20),
      message: text(row.message),
      ...(row.source ? { source: text(row.source) } : {}),
      ...(Number.isNaN(atMs) ? {} : { atMs }),
    }
  })
}

/**
 * What belongs to a report stands in it as `{ data: [...], href }`. The addresses of its own that PuppetDB has for each fail in some
 * versions (7.12 answers 500).
 */
function listIn(value: unknown): unknown {
  return Array.isArray(value) ? value : ((value as { data?: unknown } | null | undefined)?.data ?? [])
}

function metricRows(value: unknown): Map<string, number> {
  const list = listIn(value)
  const all = new Map<string, number>()
  for (const { category, name, value: number } of rows(list))
    if (typeof number === 'number') all.set(`${text(category, 50)} ${text(name, 200)}`, number)
  return all
}

function secondsOf(metrics: unknown): RunReport['metrics'] {
  return rows(metrics)
    .filter(({ category, name, value }) => category === 'time' && name !== 'total' && typeof value === 'number')
    .map(({ name, value }) => ({ name: text(name, 200), seconds: value as number }))
    .sort((a, b) => b.seconds - a.seconds)
}

function rows(value: unknown): Row[] {
  if (!Array.isArray(value)) return []
  return value.filter(isMap).slice(0, LINES_MAX)
}

function text(value: unknown, charactersMax = REPORT_TEXT_CHARACTERS_MAX): string {
  const made =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  return made.slice(0, charactersMax)
}

function fetchJson(address: URL, agent: Agent | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(PUPPETDB_TIMEOUT_MS) }
    const asked = agent ? httpsRequest(address, { ...options, agent }) : httpRequest(address, options)
    asked.on('error', (error) =>
      reject(
        error.name === 'TimeoutError' || error.name === 'AbortError' ? new Error('it did not answer in time') : error,
      ),
    )
    asked.on('response', (answer) => {
      const pieces: Buffer[] = []
      let size = 0
      answer.on('error', reject)
      answer.on('data', (piece: Buffer) => {
        size += piece.length
        if (size <= PUPPETDB_ANSWER_BYTES_MAX) pieces.push(piece)
        else asked.destroy(new Error(`its answer is larger than ${PUPPETDB_ANSWER_BYTES_MAX} bytes`))
      })
      answer.on('end', () => {
        const body = Buffer.concat(pieces).toString('utf8')
        if (answer.statusCode !== 200) {
          reject(new Error(`it answered ${answer.statusCode}: ${body.slice(0, 200).replace(/[\p{Cc}\s]+/gu, ' ')}`))
          return
        }
        try {
          resolve(parseJson(body))
        } catch {
          reject(new Error('its answer is no JSON'))
        }
      })
    })
    asked.end()
  })
}
