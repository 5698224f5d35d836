// Puppet over HTTP: the last run of every node, and the reports of one. [live 5, O15]

import Type from 'typebox'
import { TroupeError } from '#base/errors.ts'
import { Job } from '../api/jobs.ts'
import { LastRuns, RunReport, RunReports } from '../api/puppet.ts'
import { Empty, NodeName } from '../api/words.ts'
import type { JobEngine } from '../jobs/job-engine.ts'
import type { NodeBook } from '../nodes/node-book.ts'
import type { ConsoleParts } from '../parts.ts'
import { type RunReportParts, runReport, runReports } from '../puppet/run-reports.ts'
import type { RunWatch } from '../puppet/run-watch.ts'
import { type Route, route } from '../route.ts'
import { knownRow } from './nodes.ts'

export function puppetRoutes(
  parts: Pick<ConsoleParts, 'clientOf'> &
    RunReportParts & { readonly nodes: NodeBook; readonly jobs: JobEngine; readonly runs: RunWatch },
): readonly Route[] {
  const { nodes, jobs, runs } = parts
  const tag = 'puppet'
  const role = 'viewer'
  return [
    route({
      ...{ method: 'GET', path: '/api/puppet/runs', role, tag },
      summary: 'The last Puppet run of every node, as of the last time they were asked',
      answer: LastRuns,
      handle: async () => runs.runs(),
    }),
    route({
      ...{ method: 'POST', path: '/api/puppet/refresh', role, tag },
      summary: 'Asks all nodes for their last Puppet run; answers with the job',
      body: Empty,
      answer: Job,
      async handle({ caller }) {
        const names = nodes.known().map(({ row }) => row.name)
        const job = { kind: 'call', agent: 'puppet', inputs: {}, nodes: names, filter: {} } as const
        // Whether Puppet is disabled stands in the status; one job is enough to look at.
        void runs.round()
        return jobs.start(caller, { ...job, action: 'last_run_summary' })
      },
    }),
    route({
      ...{ method: 'GET', path: '/api/nodes/:name/runs', role, tag },
      summary: 'Puppet runs of a node, the newest first; the last as the node tells it now',
      params: Type.Object({ name: NodeName }),
      answer: RunReports,
      async handle({ caller, params }) {
        knownRow(nodes, params.name)
        return runReports(parts, params.name, () => parts.clientOf(caller))
      },
    }),
    route({
      ...{ method: 'GET', path: '/api/nodes/:name/runs/:id', role, tag },
      summary: 'One of them with its events, log and metrics',
      params: Type.Object({ name: NodeName, id: Type.String({ minLength: 1, maxLength: 64, pattern: '^[0-9a-z]+$' }) }),
      answer: RunReport,
      async handle({ params: { name, id } }) {
        knownRow(nodes, name)
        const report = await runReport(parts, name, id)
        if (report) return report
        throw new TroupeError(
          'CONSOLE_NOT_FOUND',
          `there is no run ${id} of ${name}: it may have been deleted by its age`,
        )
      },
    }),
  ]
}
