// Statements for many rows of a job, whose text is put together once: kysely would build and compile each anew, which takes longer than the
// database does. Names of tables and columns come from this folder alone.

import { CompiledQuery } from 'kysely'
import type { StoreKind } from './migrations/column-types.ts'
import type { Database } from './schema.ts'

type Executor = Pick<Database, 'executeQuery'>

/** Rows per statement on SQLite, which prepares each once. PostgreSQL, which is further away, gets all at once. */
const SIZES = [100, 10, 1]
const texts = new Map<string, string>()

export interface ManyRows {
  /** Up to and with the list of columns, of which the first is the job: `insert into job_line (job, node)`. */
  readonly head: string
  /** Of the other columns, per row. */
  readonly values: number
  /** e.g. `on conflict do nothing`. */
  readonly tail: string
}

/** At most some hundred rows. */
export async function insertMany(
  db: Executor,
  kind: StoreKind,
  statement: ManyRows,
  job: string,
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  for (let from = 0; from < rows.length; ) {
    const left = rows.length - from
    const size = kind === 'postgres' ? left : (SIZES.find((one) => one <= left) ?? 1)
    const text = textOf(kind, statement, size)
    await db.executeQuery(CompiledQuery.raw(text, [job, ...rows.slice(from, from + size).flat()]))
    from += size
  }
}

function textOf(kind: StoreKind, { head, values, tail }: ManyRows, size: number): string {
  const key = `${size} ${head}`
  const before = texts.get(key)
  if (before !== undefined && kind === 'sqlite') return before
  let next = 2
  // Numbered ones SQLite looks for in a list, each: that takes longer than the row.
  const mark = (): string => (kind === 'postgres' ? `$${next++}` : '?')
  const row = (): string =>
    `(${kind === 'postgres' ? '$1' : '?1'}${Array.from({ length: values }, () => `, ${mark()}`).join('')})`
  const text = `${head} values ${Array.from({ length: size }, row).join(', ')} ${tail}`
  if (kind === 'sqlite') texts.set(key, text)
  return text
}

/** `select COLUMNS from TABLE where job = ... and KEY in (...)`, for at most some hundred keys. */
export async function selectMany<Row>(
  db: Executor,
  kind: StoreKind,
  { columns, table, key }: { readonly columns: string; readonly table: string; readonly key: string },
  job: string,
  keys: readonly (string | number)[],
): Promise<Row[]> {
  if (keys.length === 0) return []
  const mark = kind === 'postgres' ? '$' : '?'
  const some = kind === 'postgres' ? `= any($2)` : `in (select value from json_each(?2))`
  const text = `select ${columns} from ${table} where job = ${mark}1 and ${key} ${some}`
  const list = kind === 'postgres' ? keys : JSON.stringify(keys)
  return (await db.executeQuery<Row>(CompiledQuery.raw(text, [job, list]))).rows
}

/** Columns of all of a job's rows, a list each, in the order of `by`: ten thousand objects take longer to make than to find. */
export async function columnsOfJob(
  db: Executor,
  kind: StoreKind,
  table: string,
  columns: readonly string[],
  job: string,
  by?: string,
): Promise<unknown[][]> {
  const [list, mark] = kind === 'postgres' ? ['json_agg', '$1'] : ['json_group_array', '?1']
  const lists = columns.map((column) => `${list}(${column}) as ${column}`).join(', ')
  const rows = `select ${columns.join(', ')} from ${table} where job = ${mark}${by === undefined ? '' : ` order by ${by}`}`
  const text = `select ${lists} from (${rows}) as found`
  const [found] = (await db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, [job]))).rows
  return columns.map((column) => {
    const value = found?.[column] ?? []
    return (typeof value === 'string' ? JSON.parse(value) : value) as unknown[]
  })
}
