// What was before a job, over its table.

import { hash } from 'node:crypto'
import { sql } from 'kysely'
import { STORE_JSON_CHARACTERS_MAX, STORE_PAGE_ROWS_MAX } from '#base/limits.ts'
import { inBatches, persisting } from './batches.ts'
import type { BeforeRecord, Befores } from './job-records.ts'
import { packed, unpacked, wholeJson } from './packed-json.ts'
import type { Database, JobBeforeTable } from './schema.ts'

const KEY = ['node', 'step', 'type', 'title_digest'] as const

/** Titles may be longer than an index takes. */
function digestOf(title: string): string {
  return hash('sha256', title, 'base64url').slice(0, 22)
}

export function beforesOf(db: Database): Befores {
  return {
    async add(job, befores) {
      await inBatches(befores, async (batch) => {
        const rows = await Promise.all(batch.map((before) => rowOf(job, before)))
        await persisting(() =>
          db.transaction().execute(async (tx) => {
            const insert = tx.insertInto('job_before').values(rows)
            await insert.onConflict((conflict) => conflict.doNothing()).execute()
            await tx
              .updateTable('job')
              .set({ can_undo: 1, revision: sql`revision + 1` })
              .where('id', '=', job)
              .execute()
          }),
        )
      })
    },
    async list(job, { node, after, limit = 500 } = {}) {
      let rows = db.selectFrom('job_before').selectAll().where('job', '=', job)
      if (node !== undefined) rows = rows.where('node', '=', node)
      if (after !== undefined) {
        rows = rows.where(
          sql<boolean>`(node, step, type, title_digest) > (${after.node}, ${after.step}, ${after.type}, ${digestOf(after.title)})`,
        )
      }
      for (const column of KEY) rows = rows.orderBy(column)
      const page = rows.limit(Math.min(limit, STORE_PAGE_ROWS_MAX))
      return Promise.all((await page.execute()).map(recordOf))
    },
    async count(job) {
      const counted = db.selectFrom('job_before').select(sql<number>`count(*)`.as('n')).where('job', '=', job)
      return (await counted.executeTakeFirst())?.n ?? 0
    },
    async nodesOf(job) {
      const rows = db.selectFrom('job_before').select('node').distinct().where('job', '=', job).orderBy('node')
      return (await rows.execute()).map(({ node }) => node)
    },
  }
}

async function rowOf(job: string, before: BeforeRecord): Promise<JobBeforeTable> {
  const text =
    wholeJson(before.before, STORE_JSON_CHARACTERS_MAX, `the state of ${before.type} before the job`) ?? 'null'
  return {
    job,
    node: before.node,
    type: before.type,
    title_digest: digestOf(before.title),
    title: before.title,
    step: before.step,
    data: await packed(text),
  }
}

async function recordOf(row: JobBeforeTable): Promise<BeforeRecord> {
  const { node, type, title, step } = row
  return { node, type, title, step, before: await unpacked(row.data) }
}
