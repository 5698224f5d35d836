// Cloning a resource, and taking it back, over HTTP. [live 4]

import Type from 'typebox'
import { Job } from '../api/jobs.ts'
import { ClonePreview, CloneRequest, StartClone, Undoable, UndoJob, VariantNodes } from '../api/resources.ts'
import { Id } from '../api/words.ts'
import type { Clones } from '../resources/clones.ts'
import { type Route, route } from '../route.ts'

/** 50,000 names of 256 characters. */
const SELECTION_BYTES_MAX = 16 * 1024 * 1024

export function cloneRoutes({ clones }: { readonly clones: Clones }): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/clones/preview',
      role: 'operator',
      summary: 'Asks the nodes what cloning a resource to them would do; nothing is changed',
      tag: 'clones',
      body: CloneRequest,
      answer: ClonePreview,
      bodyBytesMax: SELECTION_BYTES_MAX,
      handle: ({ caller, body, signal }) => clones.preview(caller, body, signal),
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
      params: Type.Object({ id: Id }),
      answer: Undoable,
      handle: ({ params }) => clones.undoable(params.id),
    }),
    route({
      method: 'POST',
      path: '/api/jobs/:id/undo',
      role: 'operator',
      summary: 'Puts back what was before a clone, or before an undo, where nobody else changed it since: a job',
      tag: 'jobs',
      params: Type.Object({ id: Id }),
      body: UndoJob,
      answer: Job,
      bodyBytesMax: SELECTION_BYTES_MAX,
      handle: ({ caller, params, body }) => clones.undo(caller, params.id, body),
    }),
  ]
}
