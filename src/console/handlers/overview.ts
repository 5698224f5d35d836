// The first page over HTTP. [issue: fleet overview]

import { Overview } from '../api/fleet.ts'
import { Job } from '../api/jobs.ts'
import { Empty } from '../api/words.ts'
import type { JobEngine } from '../jobs/job-engine.ts'
import { type OverviewParts, overviewOf, PING } from '../overview/overview.ts'
import { type Route, route } from '../route.ts'

export function overviewRoutes(parts: OverviewParts & { readonly jobs: JobEngine }): readonly Route[] {
  const tag = 'overview'
  const role = 'viewer'
  return [
    route({
      ...{ method: 'GET', path: '/api/overview', role, tag },
      summary: 'How the fleet is, in numbers',
      answer: Overview,
      handle: () => overviewOf(parts),
    }),
    route({
      ...{ method: 'POST', path: '/api/overview/ping', role, tag },
      summary: 'Asks every node for a sign of life and measures how long it takes; answers with the job',
      body: Empty,
      answer: Job,
      handle: ({ caller }) => {
        const nodes = parts.nodes.known().map(({ row }) => row.name)
        return parts.jobs.start(caller, { kind: 'call', ...PING, inputs: {}, nodes, filter: {} })
      },
    }),
  ]
}
