// Puppet over the fleet: last runs, their reports, and what they say over time. [live 5, O15]

import Type, { type Static } from 'typebox'
import { Json, Milliseconds } from './words.ts'

export const LastRun = Type.Object({
  node: Type.String(),
  /** Absent: never ran. */
  atMs: Type.Optional(Milliseconds),
  outcome: Type.Enum(['changed', 'unchanged', 'failed', 'never', 'unknown']),
  changed: Type.Integer(),
  failed: Type.Integer(),
  outOfSync: Type.Integer(),
  total: Type.Integer(),
  seconds: Type.Number(),
  configVersion: Type.Optional(Type.String()),
  enabled: Type.Optional(Type.Boolean()),
  disabledReason: Type.Optional(Type.String()),
})
export type LastRun = Static<typeof LastRun>

/** GET /api/puppet/runs: the last run of every node, as of the last time they were asked. POST /api/puppet/refresh asks them (a job). */
export const LastRuns = Type.Object({ runs: Type.Array(LastRun), asOfMs: Type.Optional(Milliseconds) })
export type LastRuns = Static<typeof LastRuns>

/** GET /api/nodes/:name/runs: the newest first, kept by the console as it saw them, or from PuppetDB. */
export const RunReport = Type.Object({
  /** `latest`, or an id. */
  id: Type.String(),
  source: Type.Union([Type.Literal('node'), Type.Literal('puppetdb'), Type.Literal('history')]),
  run: LastRun,
  environment: Type.Optional(Type.String()),
  noop: Type.Optional(Type.Boolean()),
  puppetVersion: Type.Optional(Type.String()),
  /** Resources that changed or failed. */
  events: Type.Array(
    Type.Object({
      resource: Type.String(),
      property: Type.Optional(Type.String()),
      status: Type.String(),
      message: Type.String(),
      old: Type.Optional(Json),
      new: Type.Optional(Json),
    }),
  ),
  logs: Type.Array(
    Type.Object({
      level: Type.String(),
      message: Type.String(),
      source: Type.Optional(Type.String()),
      atMs: Type.Optional(Milliseconds),
    }),
  ),
  /** Seconds per step or type. */
  metrics: Type.Array(Type.Object({ name: Type.String(), seconds: Type.Number() })),
})
export type RunReport = Static<typeof RunReport>
export const RunReports = Type.Object({ reports: Type.Array(RunReport), problem: Type.Optional(Type.String()) })
export type RunReports = Static<typeof RunReports>
