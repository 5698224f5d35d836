// A job as a file: CSV for spreadsheets, JSON for programs, or the names of its nodes, one a line, for `mco --nodes`. Piece by piece: a job may
// have ten thousand large answers. [live 7: download CSV / JSON]

import { isMap } from '#base/is-map.ts'
import type { JobRecord, ResultRecord } from '#store/job-records.ts'
import type { Store } from '#store/store.ts'
import { jobOf, resultOf } from './job-view.ts'

const PAGE = 500
const COLUMNS = ['node', 'outcome', 'statuscode', 'statusmsg', 'elapsed_ms', 'time', 'data']

/** One line per node; outputs that are texts, numbers or truths have columns of their own, after the fixed ones; others are in `data` as JSON. */
export async function* jobCsv(
  store: Pick<Store, 'jobs'>,
  { id }: JobRecord,
  outputs: readonly string[],
): AsyncGenerator<string> {
  // The mark tells spreadsheets that it is UTF-8.
  yield `\ufeff${csvLine([...COLUMNS, ...outputs])}`
  for await (const page of pages(store, id)) yield page.map((result) => csvLine(cells(result, outputs))).join('')
}

export async function* jobJson(store: Pick<Store, 'jobs'>, job: JobRecord): AsyncGenerator<string> {
  yield `{"job":${JSON.stringify(jobOf(job))},"results":[`
  let first = true
  for await (const page of pages(store, job.id)) {
    const lines = page.map((result) => JSON.stringify(resultOf(result)))
    if (lines.length > 0) yield `${first ? '\n' : ',\n'}${lines.join(',\n')}`
    first = false
  }
  yield '\n]}\n'
}

export async function* jobNodes(store: Pick<Store, 'jobs'>, { id }: JobRecord): AsyncGenerator<string> {
  for (const node of await store.jobs.nodesOf(id)) yield `${node}\n`
}

async function* pages(store: Pick<Store, 'jobs'>, id: string): AsyncGenerator<readonly ResultRecord[]> {
  let after: string | undefined
  do {
    const { results, next } = await store.jobs.results(id, { limit: PAGE, ...(after === undefined ? {} : { after }) })
    yield results
    after = next
  } while (after !== undefined)
}

function cells(
  { node, outcome, statusCode, message, elapsedMs, atMs, data }: ResultRecord,
  outputs: readonly string[],
): unknown[] {
  const known = isMap(data) ? data : {}
  const simple = outputs.map((name) => {
    const value = Object.hasOwn(known, name) ? known[name] : undefined
    return typeof value === 'object' ? undefined : value
  })
  const time = atMs === undefined ? undefined : new Date(atMs).toISOString()
  return [
    node,
    outcome,
    statusCode,
    message,
    elapsedMs,
    time,
    data === undefined ? undefined : JSON.stringify(data),
    ...simple,
  ]
}

/** `csvLine(['a', 'say "x"'])` is `a,"say ""x"""` and a line end as RFC 4180 has it. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(',')}\r\n`
}

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe in front: what nodes answer is not to be run on the desk of the
 * reader. Numbers stay numbers.
 */
export function csvCell(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = String(value)
  const isNumber = /^-?\d{1,15}(\.\d{1,15})?$/.test(text)
  const safe = !isNumber && /^\s*[=+\-@\t\r|%\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text
  return /[",\r\n\t;]|^\s|\s$|^'/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
