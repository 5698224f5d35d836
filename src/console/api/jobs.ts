// A job: something done on nodes on somebody's behalf, which runs on the server, survives a closed browser and is kept. [live 7, 8, 10]

import Type, { type Static } from 'typebox'
import { NodeFilter } from './nodes.ts'
import { AccountName } from './session.ts'
import { Id, Json, Milliseconds, NodeNames, NodeSample, PluginName } from './words.ts'

const Share = Type.String({ pattern: '^[1-9]\\d{0,2}%$' })

/** How carefully. The same words as the command line's. */
export const RollOut = Type.Object(
  {
    batch: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Share])),
    batchSleepSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 86_400 })),
    maxFailures: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Share])),
    /** So many nodes first, as a group of their own; the rest only when none of them failed. */
    canary: Type.Optional(Type.Integer({ minimum: 1 })),
    timeoutSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 86_400 })),
  },
  { additionalProperties: false },
)
export type RollOut = Static<typeof RollOut>

/** POST /api/jobs: one action, on these nodes. */
export const NewCallJob = Type.Object(
  {
    kind: Type.Literal('call'),
    agent: PluginName,
    action: PluginName,
    inputs: Type.Record(Type.String(), Json),
    nodes: NodeNames,
    /** How the nodes were selected, when it is all that match: makes the equivalent command line short. */
    filter: Type.Optional(NodeFilter),
    rollOut: Type.Optional(RollOut),
  },
  { additionalProperties: false },
)
/**
 * POST /api/jobs: Puppet on all of them, never more than so many at once. A node's line is `waiting` until its run has ended, then says what
 * came of it: `data.run` is `changed`, `unchanged` or `failed`. [cli 8.10]
 */
export const NewRunAllJob = Type.Object(
  {
    kind: Type.Literal('runall'),
    concurrency: Type.Integer({ minimum: 1, maximum: 1000 }),
    inputs: Type.Record(Type.String(), Json),
    nodes: NodeNames,
    filter: Type.Optional(NodeFilter),
    maxFailures: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Share])),
  },
  { additionalProperties: false },
)
export const NewJob = Type.Union([NewCallJob, NewRunAllJob])
export type NewJob = Static<typeof NewJob>

export const JobKind = Type.Enum(['call', 'runall', 'clone', 'undo', 'inspect'])
export type JobKind = Static<typeof JobKind>

/**
 * `running`; `done`: every node is accounted for; `stopped`: by a person, by maxFailures or by the canary: `stopReason`; `failed`: nothing could
 * be sent; `interrupted`: the console died in the middle: nodes without an answer are `unknown`.
 */
export const JobState = Type.Enum(['running', 'done', 'stopped', 'failed', 'interrupted'])
export type JobState = Static<typeof JobState>

/** targeted = ok + failed + refused + noResponse + notAddressed + unknown + waiting, always; waiting is 0 at the end. */
export const JobCounts = Type.Object({
  targeted: Type.Integer(),
  ok: Type.Integer(),
  failed: Type.Integer(),
  refused: Type.Integer(),
  noResponse: Type.Integer(),
  notAddressed: Type.Integer(),
  /** Sent, but the console died before an answer came; or a Puppet run whose end was not seen. */
  unknown: Type.Integer(),
  waiting: Type.Integer(),
})
export type JobCounts = Static<typeof JobCounts>

export const Job = Type.Object({
  id: Id,
  kind: JobKind,
  /** e.g. `service restart`, `Clone user gopher`. */
  title: Type.String(),
  agent: Type.String(),
  action: Type.String(),
  /** Secrets masked. */
  inputs: Type.Record(Type.String(), Json),
  account: AccountName,
  state: JobState,
  stopReason: Type.Optional(Type.String()),
  problem: Type.Optional(Type.String()),
  counts: JobCounts,
  /** Grows with every change; for conditional fetching. */
  revision: Type.Integer(),
  startedAtMs: Milliseconds,
  endedAtMs: Type.Optional(Milliseconds),
  /** Waiting ends then at the latest. */
  deadlineMs: Type.Optional(Milliseconds),
  /** What to type for the same on the command line. */
  command: Type.String(),
  rollOut: Type.Optional(RollOut),
  /** What a node told last about a long action, e.g. `Unpacking nginx (1.22)`. */
  latest: Type.Optional(Type.Object({ node: Type.String(), text: Type.String() })),
  /** It recorded what was before: POST /api/jobs/:id/undo. */
  canUndo: Type.Boolean(),
  /** The job this one repeats or undoes. */
  of: Type.Optional(Id),
})
export type Job = Static<typeof Job>

/** GET /api/jobs?kind=&account=&node=&text=&before=&limit=: newest first. */
export const JobPage = Type.Object({ jobs: Type.Array(Job), next: Type.Optional(Type.String()) })
export type JobPage = Static<typeof JobPage>

export const JobOutcome = Type.Enum(['ok', 'failed', 'refused', 'noResponse', 'notAddressed', 'unknown', 'waiting'])
export type JobOutcome = Static<typeof JobOutcome>

/** Nodes that answered the same, volatile outputs left out and host names and numbers normalised when `normalised` was asked for. */
export const JobGroup = Type.Object({
  /** Stable while the job runs. GET /api/jobs/:id/groups/:key/nodes names all. */
  key: Type.String(),
  outcome: JobOutcome,
  statusCode: Type.Optional(Type.Integer()),
  message: Type.Optional(Type.String()),
  /** What they all said: of the first node, in normalised groups. Texts over 10,000 characters are cut: `cut`. */
  data: Type.Optional(Json),
  cut: Type.Optional(Type.Boolean()),
  nodes: NodeSample,
})
export type JobGroup = Static<typeof JobGroup>
/** GET /api/jobs/:id/groups?normalised=true: failures first, then the largest; at most 500. */
export const JobGroups = Type.Object({
  job: Job,
  groups: Type.Array(JobGroup),
  /** How many groups more there are. */
  more: Type.Integer(),
  /** Aggregates of the DDL, as the command line shows them. */
  aggregates: Type.Array(
    Type.Object({
      title: Type.String(),
      rows: Type.Array(Type.Object({ value: Type.String(), count: Type.Optional(Type.Number()) })),
    }),
  ),
  /** Milliseconds until answers came, in ten or so steps. */
  latency: Type.Array(Type.Object({ uptoMs: Type.Number(), nodes: Type.Integer() })),
})
export type JobGroups = Static<typeof JobGroups>

/** GET /api/jobs/:id/results?after=&limit=&outcome=&group=: one line per node, by name. */
export const JobResult = Type.Object({
  node: Type.String(),
  outcome: JobOutcome,
  statusCode: Type.Optional(Type.Integer()),
  message: Type.Optional(Type.String()),
  data: Type.Optional(Json),
  /** The answer was larger than what is kept of one. */
  cut: Type.Optional(Type.Boolean()),
  elapsedMs: Type.Optional(Type.Number()),
  atMs: Type.Optional(Milliseconds),
})
export type JobResult = Static<typeof JobResult>
export const JobResults = Type.Object({ results: Type.Array(JobResult), next: Type.Optional(Type.String()) })
export type JobResults = Static<typeof JobResults>

/** Of JobGroup, or an outcome: what has no answer is a group by its outcome. */
export const GroupKey = Type.String({ minLength: 1, maxLength: 64, pattern: '^[\\w-]+$' })

/**
 * POST /api/jobs/:id/again: the same, on the same nodes, those with one of these outcomes, or those of one group of equal answers. Secrets are
 * not kept: inputs that were masked have to be given again.
 */
export const RunAgain = Type.Object(
  {
    outcomes: Type.Optional(Type.Array(JobOutcome, { maxItems: 10 })),
    /** `key` of a group; with `outcomes`: of its nodes those with one of these. */
    group: Type.Optional(GroupKey),
    /** The key is of GET /api/jobs/:id/groups?normalised=true. */
    normalised: Type.Optional(Type.Boolean()),
    /** Take the place of inputs of the same name. */
    inputs: Type.Optional(Type.Record(Type.String(), Json)),
  },
  { additionalProperties: false },
)
export type RunAgain = Static<typeof RunAgain>

/** Server-sent events of GET /api/events: `event: <type>`, `data:` one of these. A job's at most 5 times a second. */
export const ConsoleEvent = Type.Union([
  Type.Object({ type: Type.Literal('job'), job: Job }),
  Type.Object({ type: Type.Literal('nodes'), asOfMs: Milliseconds }),
  Type.Object({ type: Type.Literal('agents') }),
  /** A preview of a clone on its way: the question, of how many, and how many of the nodes asked have answered it. */
  Type.Object({
    type: Type.Literal('preview'),
    id: Id,
    question: Type.Integer(),
    questions: Type.Integer(),
    answered: Type.Integer(),
    asked: Type.Integer(),
  }),
  Type.Object({ type: Type.Literal('bus'), connected: Type.Boolean(), problem: Type.Optional(Type.String()) }),
  Type.Object({ type: Type.Literal('session'), state: Type.Union([Type.Literal('ended'), Type.Literal('changed')]) }),
])
export type ConsoleEvent = Static<typeof ConsoleEvent>
