// The whole HTTP API in one table: every handlers/<name>.ts adds its part here.

import { type AccountRoutesParts, accountRoutes } from './handlers/accounts.ts'
import { agentRoutes } from './handlers/agents.ts'
import { auditRoutes } from './handlers/audit.ts'
import { type CloneRoutesParts, cloneRoutes } from './handlers/clones.ts'
import { type DocumentationRoutesParts, documentationRoutes } from './handlers/documentation.ts'
import { type EventRoutesParts, eventRoutes } from './handlers/events.ts'
import { groupRoutes } from './handlers/groups.ts'
import { jobRoutes } from './handlers/jobs.ts'
import { nodeRoutes } from './handlers/nodes.ts'
import { overviewRoutes } from './handlers/overview.ts'
import { puppetRoutes } from './handlers/puppet.ts'
import { resourceRoutes } from './handlers/resources.ts'
import { type SessionRoutesParts, sessionRoutes } from './handlers/session.ts'
import { settingsRoutes } from './handlers/settings.ts'
import { tokenRoutes } from './handlers/tokens.ts'
import type { Live } from './live.ts'
import type { ConsoleParts } from './parts.ts'
import type { Route } from './route.ts'

/** What everybody has, and what signing in takes besides. */
export type RouteParts = ConsoleParts &
  Pick<Live, 'nodes' | 'jobs' | 'tasks' | 'runs' | 'puppetDb' | 'inspector' | 'clones'> &
  SessionRoutesParts &
  Omit<AccountRoutesParts, 'signIn'> &
  EventRoutesParts &
  CloneRoutesParts &
  Omit<DocumentationRoutesParts, 'routes'>

export function allRoutes(parts: RouteParts): readonly Route[] {
  const routes: Route[] = [
    ...sessionRoutes(parts),
    ...accountRoutes(parts),
    ...tokenRoutes(parts),
    ...auditRoutes(parts),
    ...settingsRoutes(parts),
    ...eventRoutes(parts),
    ...nodeRoutes(parts),
    ...agentRoutes(parts),
    ...jobRoutes(parts),
    ...groupRoutes(parts),
    ...overviewRoutes(parts),
    ...puppetRoutes(parts),
    ...resourceRoutes(parts),
    ...cloneRoutes(parts),
  ]
  return [...routes, ...documentationRoutes({ ...parts, routes: () => routes })]
}
