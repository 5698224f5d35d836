// A job's line of a node says which reply it gave; each distinct reply, with message and keys, is kept once per job. While nothing was said of a
// target it has no line: job_target names all of a job's targets at once, and the view job_node shows those without a line as waiting.

import { type Kysely, sql } from 'kysely'
import { columnTypes, type StoreKind, table } from './column-types.ts'

/** The commonest first: SQLite looks a list up in a table that it makes for each statement, which costs as much as the rest of the row. */
const OUTCOMES = sql.join(
  ['ok', 'failed', 'refused', 'noResponse', 'notAddressed', 'unknown', 'waiting'].map(
    (one) => sql`outcome = ${sql.lit(one)}`,
  ),
  sql` or `,
)

export async function repliesOnce(db: Kysely<unknown>, kind: StoreKind): Promise<void> {
  const t = columnTypes(kind)
  await db.schema
    .alterTable('job')
    .addColumn('replies', t.integer, (c) => c.notNull().defaultTo(0))
    .execute()

  await table(db, kind, 'job_target')
    .addColumn('job', t.text, (c) => c.primaryKey().notNull().references('job.id').onDelete('cascade'))
    .addColumn('sent', t.integer, (c) => c.notNull().check(sql`sent in (0, 1)`))
    .addColumn('nodes', t.text, (c) => c.notNull())
    .execute()

  await table(db, kind, 'job_line', true)
    .addColumn('job', t.text, (c) => c.notNull().references('job.id').onDelete('cascade'))
    .addColumn('node', t.text, (c) => c.notNull())
    .addColumn('outcome', t.text, (c) => c.notNull().check(OUTCOMES))
    .addColumn('sent', t.integer, (c) => c.notNull().check(sql`sent in (0, 1)`))
    .addColumn('reply', t.integer)
    .addColumn('elapsed_ms', t.real)
    .addColumn('at_ms', t.integer)
    .addPrimaryKeyConstraint('job_line_key', ['job', 'node'])
    .execute()

  await table(db, kind, 'job_reply', true)
    .addColumn('job', t.text, (c) => c.notNull().references('job.id').onDelete('cascade'))
    .addColumn('number', t.integer, (c) => c.notNull())
    .addColumn('status_code', t.integer)
    .addColumn('message', t.text)
    .addColumn('group_key', t.text)
    .addColumn('normalised_key', t.text)
    .addColumn('size', t.integer, (c) => c.notNull())
    .addColumn('cut', t.integer, (c) => c.notNull())
    .addColumn('data', t.bytes)
    .addPrimaryKeyConstraint('job_reply_key', ['job', 'number'])
    .execute()

  await moveLines(db)
  const [target, name] =
    kind === 'sqlite'
      ? [sql`job_target as t, json_each(t.nodes) as e`, sql`cast(e.value as text)`]
      : [sql`job_target as t, jsonb_array_elements_text(t.nodes::jsonb) as e(value)`, sql`e.value collate "C"`]
  // With the same types on both sides SQLite looks into the tables by key, and does not put the view together first.
  await sql`
    create view job_node as
      select job, node, outcome, sent, reply, elapsed_ms, at_ms from job_line
      union all
      select t.job, ${name}, cast('waiting' as text), t.sent,
        cast(null as ${t.integer}), cast(null as ${t.real}), cast(null as ${t.integer})
        from ${target}
        where not exists (select 1 from job_line as l where l.job = t.job and l.node = e.value)`.execute(db)
}

/** What was kept in the tables of the first schema. */
async function moveLines(db: Kysely<unknown>): Promise<void> {
  const said = sql`coalesce(answer, '') || ' ' || coalesce(status_code, -1) || ' ' || coalesce(group_key, '') || ' ' ||
    coalesce(normalised_key, '') || ' ' || coalesce(message, '')`
  const any = sql`coalesce(answer, group_key, normalised_key, message) is not null or status_code is not null`
  await sql`
    create table job_move as
      select job, said, min(answer) as answer, min(status_code) as status_code, min(message) as message,
        min(group_key) as group_key, min(normalised_key) as normalised_key,
        row_number() over (partition by job order by said) as number
      from (select *, ${said} as said from job_result where ${any}) as results
      group by job, said`.execute(db)
  await sql`create index job_move_by_said on job_move (job, said)`.execute(db)
  await sql`
    insert into job_reply (job, number, status_code, message, group_key, normalised_key, size, cut, data)
      select m.job, m.number, m.status_code, m.message, m.group_key, m.normalised_key, coalesce(a.size, 0), coalesce(a.cut, 0), a.data
      from job_move as m left join job_answer as a on a.job = m.job and a.digest = m.answer`.execute(db)
  await sql`
    insert into job_line (job, node, outcome, sent, reply, elapsed_ms, at_ms)
      select r.job, r.node, r.outcome, r.sent, m.number, r.elapsed_ms, r.at_ms
      from (select *, ${said} as said from job_result) as r left join job_move as m on m.job = r.job and m.said = r.said`.execute(
    db,
  )
  await sql`update job set replies = (select count(*) from job_move where job_move.job = job.id)`.execute(db)
  for (const name of ['job_move', 'job_result', 'job_answer']) await sql`drop table ${sql.table(name)}`.execute(db)
}
