// Browsing and comparing resources over nodes, and cloning one. [live 3, 4]

import Type, { type Static } from 'typebox'
import { RollOut } from './jobs.ts'
import { Id, Json, Milliseconds, NodeNames, NodeSample } from './words.ts'

/** A resource type Puppet knows, e.g. `user`. */
export const TypeName = Type.String({ minLength: 1, maxLength: 90, pattern: '^[a-z][a-z0-9_]*(::[a-z][a-z0-9_]*)*$' })
export const Title = Type.String({ minLength: 1, maxLength: 65_536 })

/** POST /api/resources/inspect: asks the nodes for all resources of these types; a job of kind `inspect` per type. Its answers fill what is below. */
export const Inspect = Type.Object(
  {
    types: Type.Array(TypeName, { minItems: 1, maxItems: 50 }),
    nodes: NodeNames,
    /** true: of each type only the nodes of which nothing is known yet, also not that they failed; a type known of all has no job. */
    onlyMissing: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)
export type Inspect = Static<typeof Inspect>
export const InspectStarted = Type.Object({ jobs: Type.Array(Type.Object({ type: TypeName, id: Id })) })
export type InspectStarted = Static<typeof InspectStarted>

/** Over the nodes asked that have been inspected. */
export const TypeFigures = Type.Object({
  type: TypeName,
  /** 0 to 100, one decimal: 100 * (1 - (variants - unique) / total). Absent: not inspected. */
  similarity: Type.Optional(Type.Number()),
  unique: Type.Integer(),
  total: Type.Integer(),
  /** Titles that every inspected node has. */
  everywhere: Type.Integer(),
  /** Nodes inspected, of those selected. */
  nodes: Type.Integer(),
  /** Selected nodes that were not asked yet. */
  notInspected: Type.Integer(),
  /** Nodes that failed or gave no answer, with the reason. */
  failed: Type.Array(Type.Object({ node: Type.String(), reason: Type.String() })),
  /** The oldest answer. */
  asOfMs: Type.Optional(Milliseconds),
  /** Running job, when it is being inspected. */
  job: Type.Optional(Id),
})
export type TypeFigures = Static<typeof TypeFigures>

/** POST /api/resources/summary {nodes}: the types of the tab: those of the settings and those inspected. */
export const ResourceSummary = Type.Object({ types: Type.Array(TypeFigures), asOfMs: Milliseconds })
export type ResourceSummary = Static<typeof ResourceSummary>

/** POST /api/resources/:type/list {nodes}: by title; POST /api/resources/:type/search {text, nodes}: of what was inspected, those whose title matches. */
export const ResourceRow = Type.Object({
  title: Type.String(),
  nodes: Type.Integer(),
  variants: Type.Integer(),
  /** 0 to 1: how much this one stands out. Above 0.5: some nodes differ from most; up to 0.5: few nodes have it at all. For ranking outliers first. */
  outlier: Type.Number(),
})
export type ResourceRow = Static<typeof ResourceRow>
export const ResourceList = Type.Object({
  figures: TypeFigures,
  rows: Type.Array(ResourceRow),
  /** Rows left out, of more than 50,000. */
  more: Type.Integer(),
})
export type ResourceList = Static<typeof ResourceList>
/** With `*` or `?` in it: the whole title, in any case; otherwise a part of it. */
export const SearchResources = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: 1000 }), nodes: NodeNames },
  { additionalProperties: false },
)

/** POST /api/resources/:type/find {title, nodes}: asks the nodes for exactly this one; then as variants. */
export const FindResource = Type.Object({ title: Title, nodes: NodeNames }, { additionalProperties: false })
export type FindResource = Static<typeof FindResource>

export const ResourceVariant = Type.Object({
  /** Of the values: stable. */
  key: Type.String(),
  /** By name. Secrets: `*****` as the node masks them, so that differing ones look alike; of nodes that do not, `(hidden, 3f2a9c01)` with a fingerprint. */
  properties: Type.Record(Type.String(), Json),
  nodes: NodeSample,
  /** How many of them have it managed by Puppet: a clone would be undone at the next run. */
  managed: Type.Integer(),
})
export type ResourceVariant = Static<typeof ResourceVariant>

/** POST /api/resources/:type/variants {title, nodes}. */
export const ResourceVariants = Type.Object({
  type: TypeName,
  title: Type.String(),
  /** Nodes asked; nodes that have it. */
  asked: Type.Integer(),
  found: Type.Integer(),
  /** The most frequent first. */
  variants: Type.Array(ResourceVariant),
  /** Alphabetical. */
  differing: Type.Array(Type.String()),
  equal: Type.Array(Type.String()),
  absent: NodeSample,
  /** No answer, or an error: node and reason. */
  failed: Type.Array(Type.Object({ node: Type.String(), reason: Type.String() })),
  /** Properties left out as they are of the node. */
  hidden: Type.Array(Type.String()),
  /** Properties that are secrets: what nodes mask looks equal whether it is or not. */
  secret: Type.Array(Type.String()),
  cloneable: Type.Boolean(),
  notCloneableReason: Type.Optional(Type.String()),
  asOfMs: Milliseconds,
  command: Type.String(),
})
export type ResourceVariants = Static<typeof ResourceVariants>

/** POST /api/resources/:type/nodes {title, variant, nodes}: all nodes of a variant; variant `absent`: those without. */
export const VariantNodes = Type.Object({ nodes: Type.Array(Type.String()) })
export const VariantQuestion = Type.Object(
  { title: Title, variant: Type.String({ maxLength: 100 }), nodes: NodeNames },
  { additionalProperties: false },
)

/** POST /api/resources/:type/reveal {title, node, property}: operators; audited. */
export const Reveal = Type.Object(
  { title: Title, node: Type.String({ maxLength: 256 }), property: Type.String({ maxLength: 100 }) },
  { additionalProperties: false },
)
export const Revealed = Type.Object({ value: Json })

/** POST /api/resources/:type/compare: two nodes or two groups. */
export const Compare = Type.Object({ left: NodeNames, right: NodeNames }, { additionalProperties: false })
export type Compare = Static<typeof Compare>
export const Comparison = Type.Object({
  type: TypeName,
  onlyLeft: Type.Array(Type.String()),
  onlyRight: Type.Array(Type.String()),
  /** Title with the properties that differ: values on either side, with how many nodes. */
  different: Type.Array(
    Type.Object({
      title: Type.String(),
      properties: Type.Array(
        Type.Object({
          name: Type.String(),
          left: Type.Array(Type.Object({ value: Json, nodes: Type.Integer() })),
          right: Type.Array(Type.Object({ value: Json, nodes: Type.Integer() })),
        }),
      ),
    }),
  ),
  equal: Type.Integer(),
  /** Of how many nodes of each side this is; 0: there is nothing to compare with. */
  inspected: Type.Object({ left: Type.Integer(), right: Type.Integer() }),
  /** Nodes of either side that were not asked yet. */
  notInspected: NodeSample,
  /** Nodes of either side that failed or gave no answer: they are in none of the figures. */
  failed: Type.Array(Type.Object({ node: Type.String(), reason: Type.String() })),
})
export type Comparison = Static<typeof Comparison>

/** What shall be cloned where. */
export const CloneRequest = Type.Object(
  {
    type: TypeName,
    title: Title,
    /** Key of the variant to clone, or a node to take it from. */
    variant: Type.Optional(Type.String({ maxLength: 100 })),
    sourceNode: Type.Optional(Type.String({ maxLength: 256 })),
    /** Targets. */
    nodes: NodeNames,
    options: Type.Object(
      {
        /** Users: keep uid; groups: gid, where free. Default false. */
        keepIds: Type.Optional(Type.Boolean()),
        passwordAges: Type.Optional(Type.Boolean()),
        /** Users: supplementary groups as well, created where missing. Default true. */
        groups: Type.Optional(Type.Boolean()),
        /** Users: made where the user is; never removed by an undo. Default false. */
        createHome: Type.Optional(Type.Boolean()),
        /** Groups: their members as well. Default false. */
        members: Type.Optional(Type.Boolean()),
      },
      { additionalProperties: false },
    ),
    rollOut: Type.Optional(RollOut),
  },
  { additionalProperties: false },
)
export type CloneRequest = Static<typeof CloneRequest>

/** A real no-op run on the targets. */
export const ClonePreview = Type.Object({
  /** Quote it to clone exactly this; valid for ten minutes. */
  id: Id,
  type: TypeName,
  title: Type.String(),
  source: ResourceVariant,
  /** The node it is taken from. */
  sourceNode: Type.String(),
  madeAtMs: Milliseconds,
  /** Until then it can be quoted. */
  expiresAtMs: Milliseconds,
  /** What is cloned, in order: groups first. Secrets `*****`. */
  steps: Type.Array(
    Type.Object({ type: TypeName, title: Type.String(), properties: Type.Record(Type.String(), Json) }),
  ),
  /** The states among the targets with what would happen there; at most 500. GET /api/clones/preview/:id/effects/:key/nodes names all nodes of one. */
  effects: Type.Array(
    Type.Object({
      key: Type.String(),
      effect: Type.Enum(['create', 'change', 'nothing', 'excluded', 'failed', 'noResponse']),
      /** As they are now. */
      properties: Type.Record(Type.String(), Json),
      /** Properties that would change. */
      changes: Type.Array(Type.String()),
      /** Why excluded or failed; conflicts of ids. */
      reason: Type.Optional(Type.String()),
      /** Steps before it that would do something, e.g. `group admins would be created`. */
      also: Type.Array(Type.String()),
      nodes: NodeSample,
    }),
  ),
  counts: Type.Object({
    create: Type.Integer(),
    change: Type.Integer(),
    nothing: Type.Integer(),
    excluded: Type.Integer(),
    failed: Type.Integer(),
    noResponse: Type.Integer(),
  }),
  /** A person must type this to go on: above 25 nodes their number, for system accounts the title. */
  confirm: Type.Optional(Type.String()),
  warnings: Type.Array(Type.String()),
  command: Type.String(),
})
export type ClonePreview = Static<typeof ClonePreview>

/** The question that is being asked, of how many, and how many of the nodes asked have answered it. */
export const PreviewProgress = Type.Object({
  question: Type.Integer(),
  questions: Type.Integer(),
  answered: Type.Integer(),
  asked: Type.Integer(),
})
export type PreviewProgress = Static<typeof PreviewProgress>

/**
 * POST /api/clones/preview, with 202: it has begun. GET /api/clones/preview/:id?wait=20: answers when it is done, or after so many seconds, with
 * `running`; ask again then. One for which nobody asks for a minute is ended. Events of the type `preview` tell its progress to the
 * account's pages.
 */
export const ClonePreviewState = Type.Object({
  id: Id,
  state: Type.Enum(['running', 'done']),
  /** While it runs, once the first question is asked. */
  progress: Type.Optional(PreviewProgress),
  /** When it is done. */
  preview: Type.Optional(ClonePreview),
})
export type ClonePreviewState = Static<typeof ClonePreviewState>

/** POST /api/clones: does it; answers with the job. A preview can be quoted once, by who made it. */
export const StartClone = Type.Object(
  {
    preview: Id,
    confirm: Type.Optional(Type.String({ maxLength: 65_536 })),
    /** What is selected now: refused when it is not what was previewed. */
    nodes: Type.Optional(NodeNames),
  },
  { additionalProperties: false },
)
export type StartClone = Static<typeof StartClone>

/**
 * GET /api/jobs/:id/undo: the nodes an undo would go to: all whose state was written down before they were changed, also those that failed
 * half-way or gave no answer.
 */
export const Undoable = Type.Object({ nodes: NodeSample })
export type Undoable = Static<typeof Undoable>
/** POST /api/jobs/:id/undo: puts back what was before, on all nodes of the job that it touched or on some of them. */
export const UndoJob = Type.Object({ nodes: Type.Optional(NodeNames) }, { additionalProperties: false })
export type UndoJob = Static<typeof UndoJob>
