// Cloning a resource, and taking it back, over HTTP. [live 4]

import Type from 'typebox'
import { CLONE_PREVIEW_WAIT_SECONDS_MAX } from '#base/limits.ts'
import { Job } from '../api/jobs.ts'
import { ClonePreviewState, CloneRequest, StartClone, Undoable, UndoJob, VariantNodes } from '../api/resources.ts'
import { Empty, Id } from '../api/words.ts'
import type { StillAllowed } from '../auth/still-allowed.ts'
import type { Clones } from '../resources/clones.ts'
import { type Route, route } from '../route.ts'

/** 50,000 names of 256 characters. */
const SELECTION_BYTES_MAX = 16 * 1024 * 1024
const ById = Type.Object({ id: Id })

export interface CloneRoutesParts {
  readonly clones: Clones
  readonly stillAllowed: StillAllowed
}

export function cloneRoutes({ clones, stillAllowed }: CloneRoutesParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/clones/preview',
      role: 'operator',
      summary: 'Begins to ask the nodes what cloning a resource to them would do; nothing is changed',
      tag: 'clones',
      body: CloneRequest,
      answer: ClonePreviewState,
      status: 202,
      bodyBytesMax: SELECTION_BYTES_MAX,
      handle: ({ caller, visitor, body }) => clones.preview(caller, body, () => stillAllowed(caller, visitor)),
    }),
    route({
      method: 'GET',
      path: '/api/clones/preview/:id',
      role: 'operator',
      summary:
        'A preview of one’s own, when it is done or `wait` seconds have passed; what went wrong with it is the error of this',
      tag: 'clones',
      params: ById,
      query: Type.Object({
        wait: Type.Optional(Type.Integer({ minimum: 0, maximum: CLONE_PREVIEW_WAIT_SECONDS_MAX })),
      }),
      answer: ClonePreviewState,
      handle: ({ caller, params, query, signal }) => clones.previewed(caller, params.id, query.wait ?? 0, signal),
    }),
    route({
      method: 'DELETE',
      path: '/api/clones/preview/:id',
      role: 'operator',
      summary: 'Cancels a preview of one’s own, or forgets it',
      tag: 'clones',
      params: ById,
      answer: Empty,
      async handle({ caller, params }) {
        clones.endPreview(caller, params.id)
        return {}
      },
    }),
    route({
      method: 'GET',
      path: '/api/clones/preview/:id/effects/:key/nodes',
      role: 'operator',
      summary: 'All nodes of one state in a preview',
      tag: 'clones',
      params: Type.Object({ id: Id, key: Type.String({ maxLength: 64, pattern: '^\\w+$' }) }),
      answer: VariantNodes,
      handle: async ({ caller, params }) => ({ nodes: [...clones.nodesOf(caller, params.id, params.key)] }),
    }),
    route({
      method: 'POST',
      path: '/api/clones',
      role: 'operator',
      summary: 'Clones as previewed: a job',
      tag: 'clones',
      body: StartClone,
      answer: Job,
      bodyBytesMax: SELECTION_BYTES_MAX,
      handle: ({ caller, body }) => clones.start(caller, body),
    }),
    route({
      method: 'GET',
      path: '/api/jobs/:id/undo',
      role: 'operator',
      summary: 'Which nodes an undo would go to',
      tag: 'jobs',
      params: ById,
      answer: Undoable,
      handle: ({ params }) => clones.undoable(params.id),
    }),
    route({
      method: 'POST',
      path: '/api/jobs/:id/undo',
      role: 'operator',
      summary: 'Puts back what was before a clone, or before an undo, where nobody else changed it since: a job',
      tag: 'jobs',
      params: ById,
      body: UndoJob,
      answer: Job,
      bodyBytesMax: SELECTION_BYTES_MAX,
      handle: ({ caller, params, body }) => clones.undo(caller, params.id, body),
    }),
  ]
}
