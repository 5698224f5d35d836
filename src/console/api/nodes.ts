// The node list and what is known of one node. [live 2]

import Type, { type Static } from 'typebox'
import { Json, Milliseconds, NodeName } from './words.ts'

/**
 * `answering`: answered or registered in time; `silent`: known, but did not answer the last time it was asked; `lost`: missed its
 * registrations; `disabled`: answers, but Puppet is disabled on it (O14).
 */
export const NodeState = Type.Union([
  Type.Literal('answering'),
  Type.Literal('silent'),
  Type.Literal('lost'),
  Type.Literal('disabled'),
])
export type NodeState = Static<typeof NodeState>

export const NodeRow = Type.Object({
  name: NodeName,
  state: NodeState,
  lastSeenMs: Type.Optional(Milliseconds),
  /** When it began to be missing. */
  missingSinceMs: Type.Optional(Milliseconds),
  /** Of the daemon, e.g. `3.0.0`. */
  version: Type.Optional(Type.String()),
  /** true: Puppet never ran on it. (B-028) */
  neverRan: Type.Optional(Type.Boolean()),
  /** Why Puppet is disabled, when it is. */
  disabledReason: Type.Optional(Type.String()),
})
export type NodeRow = Static<typeof NodeRow>

/** GET /api/nodes */
export const NodeList = Type.Object({
  /** Sorted by name. */
  nodes: Type.Array(NodeRow),
  asOfMs: Milliseconds,
  /** `roster`: the keeper of the roster said so; `discovery`: the nodes that answered just now, because nobody keeps a roster. */
  source: Type.Union([Type.Literal('roster'), Type.Literal('discovery')]),
  /** Set when the bus cannot be reached: the list is the last one known. */
  problem: Type.Optional(Type.String()),
  /** Why what the console hears cannot be written down just now, e.g. because the disk is full. */
  storeProblem: Type.Optional(Type.String()),
})
export type NodeList = Static<typeof NodeList>

/** All that is given must hold. */
export const NodeFilter = Type.Object(
  {
    /** Whole-name glob, `?` and `*`, case-insensitive; or `/regex/`. Also tested against the fact `hostname` and `fqdn` (O4). */
    name: Type.Optional(Type.String({ maxLength: 500 })),
    /** Classes: exact or `/regex/`. */
    classes: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 500 }), { maxItems: 20 })),
    /** Fact tests as `mco -F` takes them: `osfamily=Debian`, `processorcount>=4`, `fqdn=/web/`. */
    facts: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), { maxItems: 20 })),
    /** Agents a node must have: exact or `/regex/`. */
    agents: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 500 }), { maxItems: 20 })),
    /** The expert field: the language of `mco -S`. */
    compound: Type.Optional(Type.String({ maxLength: 10_000 })),
  },
  { additionalProperties: false },
)
export type NodeFilter = Static<typeof NodeFilter>

/** POST /api/nodes/match */
export const NodeMatch = Type.Object({
  nodes: Type.Array(NodeName),
  /** Cannot be decided without asking them (they keep facts to themselves, or did not answer). */
  undecided: Type.Array(NodeName),
  /** The options of `mco` that say the same, e.g. `-W osfamily=Debian -I /web/`. */
  options: Type.String(),
})
export type NodeMatch = Static<typeof NodeMatch>

/** POST /api/nodes/check: is the filter well-formed? for validation while typing. */
export const FilterCheck = Type.Object({
  ok: Type.Boolean(),
  fields: Type.Optional(Type.Record(Type.String(), Type.String())),
})
export type FilterCheck = Static<typeof FilterCheck>

/** GET /api/facts: the fifteen common ones first, then by name. GET /api/classes has the same shape. */
export const FactNames = Type.Object({
  names: Type.Array(Type.Object({ name: Type.String(), nodes: Type.Integer(), common: Type.Boolean() })),
  asOfMs: Milliseconds,
})
export type FactNames = Static<typeof FactNames>
/** GET /api/facts/:name: by count, at most 500. */
export const FactValues = Type.Object({
  name: Type.String(),
  values: Type.Array(Type.Object({ value: Type.String(), nodes: Type.Integer() })),
  /** How many more values there are. */
  more: Type.Integer(),
  asOfMs: Milliseconds,
})
export type FactValues = Static<typeof FactValues>

/** GET /api/nodes/:name: asked from the node just now. */
export const NodeDetail = Type.Object({
  row: NodeRow,
  /** Absent: it did not answer; `problem` says so. */
  live: Type.Optional(
    Type.Object({
      agents: Type.Array(Type.String()),
      classes: Type.Array(Type.String()),
      facts: Type.Record(Type.String(), Json),
      collectives: Type.Array(Type.String()),
      version: Type.String(),
      warnings: Type.Array(Type.String()),
      /** Output of `puppet status`. */
      puppet: Type.Optional(Type.Record(Type.String(), Json)),
    }),
  ),
  problem: Type.Optional(Type.String()),
  command: Type.String(),
})
export type NodeDetail = Static<typeof NodeDetail>
