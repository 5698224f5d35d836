// The first page, what people keep, what was done, and the console's own settings.

import Type, { type Static } from 'typebox'
import { Job } from './jobs.ts'
import { NodeFilter, NodeRow } from './nodes.ts'
import { AccountName } from './session.ts'
import { Id, Json, Milliseconds, NodeNames } from './words.ts'

const Shares = Type.Array(Type.Object({ value: Type.String(), nodes: Type.Integer() }))

/** GET /api/overview */
export const Overview = Type.Object({
  asOfMs: Milliseconds,
  states: Type.Object({
    answering: Type.Integer(),
    silent: Type.Integer(),
    lost: Type.Integer(),
    disabled: Type.Integer(),
  }),
  operatingSystems: Shares,
  versions: Shares,
  /** Of the last ping; absent: none yet. POST /api/overview/ping makes one (a job). */
  latency: Type.Optional(
    Type.Object({
      atMs: Milliseconds,
      p50Ms: Type.Number(),
      p99Ms: Type.Number(),
      maxMs: Type.Number(),
      steps: Type.Array(Type.Object({ uptoMs: Type.Number(), nodes: Type.Integer() })),
    }),
  ),
  lastRuns: Type.Object({
    changed: Type.Integer(),
    unchanged: Type.Integer(),
    failed: Type.Integer(),
    never: Type.Integer(),
    unknown: Type.Integer(),
    asOfMs: Type.Optional(Milliseconds),
  }),
  /** Runs per hour over the last day, as the console saw them. */
  runsPerHour: Type.Array(
    Type.Object({ atMs: Milliseconds, changed: Type.Integer(), unchanged: Type.Integer(), failed: Type.Integer() }),
  ),
  /** Longest first, at most 100. */
  missing: Type.Array(NodeRow),
  recentJobs: Type.Array(Job),
})
export type Overview = Static<typeof Overview>

/** A saved group: nodes by name, or a filter evaluated when it is used. Saved searches are groups with a filter. */
export const NodeGroup = Type.Object({
  id: Id,
  name: Type.String({ minLength: 1, maxLength: 100 }),
  description: Type.String({ maxLength: 1000 }),
  filter: Type.Optional(NodeFilter),
  nodes: Type.Optional(NodeNames),
  /** true: everybody sees it. */
  shared: Type.Boolean(),
  account: AccountName,
  changedAtMs: Milliseconds,
})
export type NodeGroup = Static<typeof NodeGroup>
export const NewNodeGroup = Type.Omit(NodeGroup, ['id', 'account', 'changedAtMs'])
export type NewNodeGroup = Static<typeof NewNodeGroup>
export const NodeGroups = Type.Object({ groups: Type.Array(NodeGroup) })
export type NodeGroups = Static<typeof NodeGroups>

/** GET /api/audit?account=&before=&limit=: administrators. */
export const AuditEntry = Type.Object({
  id: Id,
  atMs: Milliseconds,
  account: Type.String(),
  /** e.g. `sign-in`, `sign-in-failed`, `job`, `clone`, `reveal`, `account-changed`, `token-made`, `setting-changed`. */
  what: Type.String(),
  detail: Type.Record(Type.String(), Json),
  address: Type.String(),
})
export type AuditEntry = Static<typeof AuditEntry>
export const AuditPage = Type.Object({ entries: Type.Array(AuditEntry), next: Type.Optional(Type.String()) })
export type AuditPage = Static<typeof AuditPage>

const settings = {
  /** M-081 */
  liveManagement: Type.Boolean(),
  /** Types of the tab Manage Resources, e.g. group, host, package, service, user. */
  resourceTypes: Type.Array(Type.String({ maxLength: 90 }), { maxItems: 50 }),
  retentionDays: Type.Object({
    jobs: Type.Integer({ minimum: 1, maximum: 3650 }),
    audit: Type.Integer({ minimum: 1, maximum: 3650 }),
    reports: Type.Integer({ minimum: 1, maximum: 3650 }),
  }),
}
export const ConsoleSettings = Type.Object(settings, { additionalProperties: false })
export type ConsoleSettings = Static<typeof ConsoleSettings>
/** GET, PUT /api/settings: administrators change them while the console runs. */
export const RevisedSettings = Type.Object(
  {
    ...settings,
    /** Grows with every change. Sent back as it was read: 409 when somebody else has changed them since. */
    revision: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
)
export type RevisedSettings = Static<typeof RevisedSettings>
