// Jobs over HTTP: starting, looking at, stopping, repeating and downloading them. What a job is, is jobs/'s. [live 7, 8, 10]

import Type from 'typebox'
import { TroupeError } from '#base/errors.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import type { JobRecord } from '#store/job-records.ts'
import {
  GroupKey,
  Job,
  JobGroups,
  JobKind,
  JobOutcome,
  JobPage,
  JobResults,
  JobState,
  NewJob,
  RunAgain,
} from '../api/jobs.ts'
import { Empty, Id, Json, NodeName } from '../api/words.ts'
import type { JobEngine } from '../jobs/job-engine.ts'
import { jobCsv, jobJson, jobNodes } from '../jobs/job-export.ts'
import { groupOf, latencySteps, resultOf } from '../jobs/job-view.ts'
import type { ConsoleParts } from '../parts.ts'
import { type Route, raw, route } from '../route.ts'

const ById = Type.Object({ id: Id })
const Count = (maximum: number) => Type.Optional(Type.Integer({ minimum: 1, maximum }))
const Which = Type.Object({ normalised: Type.Optional(Type.Boolean()) }, { additionalProperties: false })

export function jobRoutes(
  parts: Pick<ConsoleParts, 'store' | 'plugins'> & { readonly jobs: JobEngine },
): readonly Route[] {
  const { store, jobs, plugins } = parts
  const recordOf = async (id: string): Promise<JobRecord> => {
    const record = await store.jobs.get(id)
    if (record) return record
    throw new TroupeError('CONSOLE_NOT_FOUND', `there is no job ${id}: it may have been deleted by its age`)
  }
  /** Outputs an action declares, for columns. */
  const outputsOf = ({ agent, action }: JobRecord): readonly string[] => {
    try {
      const ddl = plugins.load('agent', agent) as AgentDdl
      return ddl.actions.find(({ name }) => name === action)?.outputs.map(({ name }) => name) ?? []
    } catch {
      return []
    }
  }

  return [
    route({
      method: 'POST',
      path: '/api/jobs',
      role: 'viewer',
      summary:
        'Starts an action, or a controlled series of Puppet runs, on nodes; viewers only actions that change nothing',
      tag: 'jobs',
      body: NewJob,
      answer: Job,
      bodyBytesMax: 16 * 1024 * 1024,
      handle: ({ caller, body }) => jobs.start(caller, body),
    }),
    route({
      method: 'GET',
      path: '/api/jobs',
      role: 'viewer',
      summary: 'Jobs, the newest first',
      tag: 'jobs',
      query: Type.Object(
        {
          kind: Type.Optional(JobKind),
          account: Type.Optional(Type.String({ maxLength: 64 })),
          node: Type.Optional(NodeName),
          state: Type.Optional(JobState),
          text: Type.Optional(Type.String({ maxLength: 200 })),
          before: Type.Optional(Id),
          limit: Count(200),
        },
        { additionalProperties: false },
      ),
      answer: JobPage,
      async handle({ query }) {
        const { limit = 50, ...ask } = query
        const found = await store.jobs.list({ ...ask, limit: limit + 1 })
        const shown = found.slice(0, limit)
        const last = found.length > limit ? shown.at(-1) : undefined
        return { jobs: shown.map(jobs.shown), ...(last ? { next: last.id } : {}) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/jobs/:id',
      role: 'viewer',
      summary: 'One job',
      tag: 'jobs',
      params: ById,
      answer: Job,
      handle: ({ params }) => jobs.get(params.id),
    }),
    route({
      method: 'GET',
      path: '/api/jobs/:id/groups',
      role: 'viewer',
      summary: 'What the nodes answered, equal answers together, failures first',
      tag: 'jobs',
      params: ById,
      query: Which,
      answer: JobGroups,
      async handle({ params, query }) {
        const record = await recordOf(params.id)
        const { groups, more } = await store.jobs.groups(params.id, { normalised: query.normalised === true })
        return {
          job: jobs.shown(record),
          groups: groups.map(groupOf),
          more,
          aggregates: await jobs.aggregates(record),
          latency: latencySteps(await store.jobs.elapsed(params.id)),
        }
      },
    }),
    route({
      method: 'GET',
      path: '/api/jobs/:id/groups/:key/nodes',
      role: 'viewer',
      summary: 'All nodes of a group',
      tag: 'jobs',
      params: Type.Object({ id: Id, key: GroupKey }),
      query: Which,
      answer: Type.Object({ nodes: Type.Array(Type.String()) }),
      async handle({ params: { id, key }, query }) {
        await recordOf(id)
        const outcome = OUTCOMES.find((word) => word === key)
        if (outcome) return { nodes: await store.jobs.nodesOf(id, { outcomes: [outcome] }) }
        const group = query.normalised === true ? { normalisedGroup: key } : { group: key }
        return { nodes: await store.jobs.nodesOf(id, group) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/jobs/:id/results',
      role: 'viewer',
      summary: 'The answer of every node, by name',
      tag: 'jobs',
      params: ById,
      query: Type.Object(
        {
          after: Type.Optional(NodeName),
          limit: Count(1000),
          outcome: Type.Optional(JobOutcome),
          group: Type.Optional(GroupKey),
          normalised: Type.Optional(Type.Boolean()),
        },
        { additionalProperties: false },
      ),
      answer: JobResults,
      async handle({ params: { id }, query: { after, limit = 100, outcome, group, normalised } }) {
        await recordOf(id)
        const { results, next } = await store.jobs.results(id, {
          limit,
          ...(after === undefined ? {} : { after }),
          ...(outcome === undefined ? {} : { outcomes: [outcome] }),
          ...(group === undefined ? {} : normalised === true ? { normalisedGroup: group } : { group }),
        })
        return { results: results.map(resultOf), ...(next === undefined ? {} : { next }) }
      },
    }),
    route({
      method: 'POST',
      path: '/api/jobs/:id/stop',
      role: 'viewer',
      summary: 'Begins nothing more; a second time waits for nothing more. Viewers only their own jobs',
      tag: 'jobs',
      params: ById,
      body: Empty,
      answer: Job,
      handle: ({ caller, params }) => jobs.stop(caller, params.id),
    }),
    route({
      method: 'POST',
      path: '/api/jobs/:id/again',
      role: 'viewer',
      summary: 'The same once more, on all its nodes, those with some outcomes, or those of one group',
      tag: 'jobs',
      params: ById,
      body: RunAgain,
      answer: Job,
      handle: ({ caller, params, body }) => jobs.again(caller, params.id, body),
    }),
    route({
      method: 'GET',
      path: '/api/jobs/:id/export',
      role: 'viewer',
      summary: 'A job as a file: csv, json, or nodes (names, one a line, for mco --nodes)',
      tag: 'jobs',
      params: ById,
      query: Type.Object({ format: Type.Enum(['csv', 'json', 'nodes']) }, { additionalProperties: false }),
      answer: Json,
      async handle({ params, query: { format } }) {
        const record = await recordOf(params.id)
        const { agent, action } = record
        const name = `${agent}-${action}-${params.id}`.replace(/[^\w.-]/g, '_')
        const [type, file, body] =
          format === 'csv'
            ? ['text/csv; charset=utf-8', `${name}.csv`, jobCsv(store, record, outputsOf(record))]
            : format === 'json'
              ? ['application/json; charset=utf-8', `${name}.json`, jobJson(store, record)]
              : ['text/plain; charset=utf-8', 'nodes.txt', jobNodes(store, record)]
        return raw({ headers: { 'content-type': type, 'content-disposition': `attachment; filename="${file}"` }, body })
      },
    }),
  ]
}

const OUTCOMES = ['ok', 'failed', 'refused', 'noResponse', 'notAddressed', 'unknown', 'waiting'] as const
