// What was done, by whom, when: for administrators.

import Type from 'typebox'
import { isMap } from '#base/is-map.ts'
import type { Store } from '#store/store.ts'
import { AuditPage } from '../api/fleet.ts'
import { Id } from '../api/words.ts'
import { type Route, route } from '../route.ts'

const PAGE = 100

export function auditRoutes({ store }: { readonly store: Pick<Store, 'audit'> }): readonly Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/api/audit', role: 'administrator', tag: 'audit' },
      summary: 'The audit, newest first',
      query: Type.Object({
        account: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        what: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        before: Type.Optional(Id),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      }),
      answer: AuditPage,
      async handle({ query }) {
        const limit = query.limit ?? PAGE
        const entries = await store.audit.list({ ...query, limit })
        const next = entries.length === limit ? entries.at(-1)?.id : undefined
        return {
          entries: entries.map((entry) => ({ ...entry, detail: mapOf(entry.detail) })),
          ...(next === undefined ? {} : { next }),
        }
      },
    }),
  ]
}

/** Entries that were cut, or written by another version, may be anything. */
function mapOf(detail: unknown): Record<string, unknown> {
  return isMap(detail) ? { ...detail } : { detail }
}
