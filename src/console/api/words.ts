// Words every part of the console's API uses. The files of this folder are the API: schemas from which validation, types and the
// OpenAPI document are made. They import typebox and each other and nothing else, because the browser's code takes its types from here.

import Type, { type Static } from 'typebox'

/** Identity of a node, e.g. `web1.example.com`. [wire 6.8] */
export const NodeName = Type.String({ minLength: 1, maxLength: 256, pattern: '^[\\w.-]+$' })
/** Name of an agent or action, e.g. `puppetd`, `runonce`. */
export const PluginName = Type.String({ minLength: 1, maxLength: 100, pattern: '^[\\w.-]+$' })
/** Sorted or not; at most as many as a roster holds. */
export const NodeNames = Type.Array(NodeName, { maxItems: 50_000 })
/** Milliseconds since 1970, e.g. 1790000000000. */
export const Milliseconds = Type.Number({ minimum: 0 })
/** Anything JSON can say: what a node sent, never to be trusted. */
export const Json = Type.Unknown()
/** Identifier made by the console, e.g. `01JD4T9M6Z3M8Q6D0Z9H0X1A2B`; sorts by time. */
export const Id = Type.String({ minLength: 8, maxLength: 64, pattern: '^[\\w-]+$' })

export const Role = Type.Union([Type.Literal('viewer'), Type.Literal('operator'), Type.Literal('administrator')])
export type Role = Static<typeof Role>

/** Every answer that is not 2xx. `code` is in docs/reference/errors.md. */
export const ErrorBody = Type.Object({
  code: Type.String(),
  message: Type.String(),
  /** Which input does not fit, by its path, e.g. `inputs.service`. */
  fields: Type.Optional(Type.Record(Type.String(), Type.String())),
})
export type ErrorBody = Static<typeof ErrorBody>

/** Which nodes: by name, or all that match. Exactly what the node list has selected. */
export const NodeSelection = Type.Object({ nodes: NodeNames })
export type NodeSelection = Static<typeof NodeSelection>

/** The nodes of something, counted; the first few named. The rest by the address given in the docs of the field. */
export const NodeSample = Type.Object({
  count: Type.Integer({ minimum: 0 }),
  /** At most 20, sorted. */
  first: Type.Array(Type.String()),
})
export type NodeSample = Static<typeof NodeSample>

export const Empty = Type.Object({})
