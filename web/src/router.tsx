// Every address of the console and the file of its page. Pages are loaded when first opened. Search words: those of the node list belong to
// the routes under `live` (nodes/live-search.ts) and travel along between these; a page may add its own with validateSearch.

import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router'
import { nodesQuery, sessionQuery } from './api/queries.ts'
import { queryClient } from './api/query-client.ts'
import { AdminFrame } from './frame/admin-frame.tsx'
import { CrashPage, NotFoundPage } from './frame/fallback.tsx'
import { Frame } from './frame/frame.tsx'
import { LiveFrame } from './frame/live-frame.tsx'
import { PlainFrame } from './frame/plain-frame.tsx'
import { Root } from './frame/root.tsx'
import { LIVE_KEYS } from './nodes/live-keys.ts'
import { type LiveSearch, readLiveSearch } from './nodes/live-search.ts'
import {
  type JobSearch,
  type JobsSearch,
  type NodeSearch,
  type PuppetSearch,
  type ReportsSearch,
  readActionSearch,
  readJobSearch,
  readJobsSearch,
  readNodeSearch,
  readReportsSearch,
} from './pages/page-search.ts'
import {
  type CompareSearch,
  type FindSearch,
  readCompareSearch,
  readFindSearch,
  readTypeSearch,
  type TypeSearch,
} from './pages/resource-search.ts'
import { formatSearch, parseSearch } from './search-text.ts'

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Root,
  errorComponent: CrashPage,
  notFoundComponent: NotFoundPage,
})

/** Pages for nobody in particular: signing in. */
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (words: Record<string, unknown>): { to?: string; problem?: string } => ({
    ...(typeof words.to === 'string' ? { to: words.to } : {}),
    ...(typeof words.problem === 'string' ? { problem: words.problem } : {}),
  }),
  component: lazyRouteComponent(() => import('./pages/session/sign-in.tsx'), 'SignInPage'),
})

/** Everything else is for people who are signed in. A session that ends later is a dialog over the page, not a way out of it. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  notFoundComponent: NotFoundPage,
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery)
    if (session.account === undefined || session.mustChoosePassword) {
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { to: location.href } })
    }
  },
})

/** Pages without a column beside them. */
const plain = createRoute({ getParentRoute: () => frame, id: 'plain', component: PlainFrame })
const page = <Path extends string>(path: Path, load: () => Promise<Record<string, unknown>>, name: string) => ({
  getParentRoute: () => plain,
  path,
  component: lazyRouteComponent(load as () => Promise<Record<string, never>>, name),
})

const overview = createRoute(page('/', () => import('./pages/overview.tsx'), 'OverviewPage'))
const jobs = createRoute({
  ...page('/jobs', () => import('./pages/jobs/list.tsx'), 'JobsPage'),
  validateSearch: (words: Record<string, unknown>): JobsSearch => readJobsSearch(words),
})
const job = createRoute({
  ...page('/jobs/$id', () => import('./pages/jobs/job.tsx'), 'JobPage'),
  validateSearch: (words: Record<string, unknown>): { view?: 'nodes' } =>
    words.view === 'nodes' ? { view: 'nodes' } : {},
})
const node = createRoute({
  ...page('/nodes/$name', () => import('./pages/nodes/node.tsx'), 'NodePage'),
  validateSearch: (words: Record<string, unknown>): NodeSearch => readNodeSearch(words),
})
const reports = createRoute({
  ...page('/reports', () => import('./pages/reports.tsx'), 'ReportsPage'),
  validateSearch: (words: Record<string, unknown>): ReportsSearch => readReportsSearch(words),
})

/** The three tabs, with the node list beside them. */
const live = createRoute({
  getParentRoute: () => frame,
  id: 'live',
  component: LiveFrame,
  validateSearch: (words: Record<string, unknown>): LiveSearch => readLiveSearch(words),
  // Asked while the page's file is still being read, so that the list is mostly there when it is first drawn.
  beforeLoad: () => {
    if (queryClient.getQueryData(sessionQuery.queryKey)?.liveManagement) {
      void queryClient.ensureQueryData(nodesQuery).catch(() => undefined)
    }
  },
  search: { middlewares: [retainSearchParams([...LIVE_KEYS])] },
})
const livePage = <Path extends string>(path: Path, load: () => Promise<Record<string, unknown>>, name: string) => ({
  ...page(path, load, name),
  getParentRoute: () => live,
})

const resources = createRoute(livePage('/resources', () => import('./pages/resources/summary.tsx'), 'ResourcesPage'))
const resourceType = createRoute({
  ...livePage('/resources/$type', () => import('./pages/resources/type.tsx'), 'ResourceTypePage'),
  validateSearch: (words: Record<string, unknown>): TypeSearch => readTypeSearch(words),
})
const findResource = createRoute({
  ...livePage('/resources/$type/find', () => import('./pages/resources/find.tsx'), 'FindResourcePage'),
  validateSearch: (words: Record<string, unknown>): FindSearch => readFindSearch(words),
})
const compare = createRoute({
  ...livePage('/compare', () => import('./pages/compare.tsx'), 'ComparePage'),
  validateSearch: (words: Record<string, unknown>): CompareSearch => readCompareSearch(words),
})
const puppet = createRoute({
  ...livePage('/puppet', () => import('./pages/puppet.tsx'), 'PuppetPage'),
  validateSearch: (words: Record<string, unknown>): PuppetSearch => ({
    ...readJobSearch(words),
    ...readActionSearch(words),
  }),
})
const tasks = createRoute(livePage('/tasks', () => import('./pages/tasks/summary.tsx'), 'TasksPage'))
const taskAgent = createRoute(livePage('/tasks/$agent', () => import('./pages/tasks/agent.tsx'), 'TaskAgentPage'))
const taskAction = createRoute({
  ...livePage('/tasks/$agent/$action', () => import('./pages/tasks/agent.tsx'), 'TaskAgentPage'),
  validateSearch: (words: Record<string, unknown>): JobSearch => readJobSearch(words),
})

const admin = createRoute({ getParentRoute: () => frame, path: '/admin', component: AdminFrame })
const adminPage = <Path extends string>(path: Path, load: () => Promise<Record<string, unknown>>, name: string) => ({
  ...page(path, load, name),
  getParentRoute: () => admin,
})
const adminStart = createRoute({
  getParentRoute: () => admin,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/admin/accounts', replace: true })
  },
})
const accounts = createRoute(adminPage('/accounts', () => import('./pages/admin/accounts.tsx'), 'AccountsPage'))
const tokens = createRoute(adminPage('/tokens', () => import('./pages/admin/tokens.tsx'), 'TokensPage'))
const audit = createRoute(adminPage('/audit', () => import('./pages/admin/audit.tsx'), 'AuditPage'))
const settings = createRoute(adminPage('/settings', () => import('./pages/admin/settings.tsx'), 'SettingsPage'))

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    frame.addChildren([
      live.addChildren([resources, resourceType, findResource, compare, puppet, tasks, taskAgent, taskAction]),
      plain.addChildren([overview, jobs, job, node, reports]),
      admin.addChildren([adminStart, accounts, tokens, audit, settings]),
    ]),
  ]),
  context: { queryClient },
  parseSearch,
  stringifySearch: formatSearch,
  defaultPreload: 'intent',
  defaultPreloadDelay: 80,
  defaultPendingMs: 400,
  scrollRestoration: true,
  scrollToTopSelectors: ['#main'],
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
