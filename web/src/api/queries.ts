// Every question to the console that is cached, with its key. Pages use these with `useQuery`; events.ts names the keys to ask again.

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { NodeFilter } from '#console/api/nodes.ts'
import { call, rememberCsrfToken } from './client.ts'

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => rememberCsrfToken(await call('GET /api/session', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
})

export const nodesQuery = queryOptions({
  queryKey: ['nodes', 'list'],
  queryFn: ({ signal }) => call('GET /api/nodes', { signal }),
})

/** Which nodes match, as the console sees it: facts and classes are there, not here. */
export const matchQuery = (filter: NodeFilter) =>
  queryOptions({
    queryKey: ['nodes', 'match', filter],
    queryFn: ({ signal }) => call('POST /api/nodes/match', { body: filter, signal }),
    placeholderData: keepPreviousData,
  })

export const nodeQuery = (name: string) =>
  queryOptions({
    queryKey: ['nodes', 'one', name],
    queryFn: ({ signal }) => call('GET /api/nodes/:name', { params: { name }, signal }),
  })

export const nodeRunsQuery = (name: string) =>
  queryOptions({
    queryKey: ['nodes', 'runs', name],
    queryFn: ({ signal }) => call('GET /api/nodes/:name/runs', { params: { name }, signal }),
  })

export const factNamesQuery = queryOptions({
  queryKey: ['facts'],
  queryFn: ({ signal }) => call('GET /api/facts', { signal }),
})

export const factValuesQuery = (name: string) =>
  queryOptions({
    queryKey: ['facts', name],
    queryFn: ({ signal }) => call('GET /api/facts/:name', { params: { name }, signal }),
  })

export const classNamesQuery = queryOptions({
  queryKey: ['classes'],
  queryFn: ({ signal }) => call('GET /api/classes', { signal }),
})

export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: ({ signal }) => call('GET /api/agents', { signal }),
})

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: ({ signal }) => call('GET /api/groups', { signal }),
})

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => call('GET /api/overview', { signal }),
})

export const puppetRunsQuery = queryOptions({
  queryKey: ['puppet', 'runs'],
  queryFn: ({ signal }) => call('GET /api/puppet/runs', { signal }),
})

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => call('GET /api/settings', { signal }),
})

/** Kept current by events: while it runs, `job` events write into it. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ['jobs', 'one', id],
    queryFn: ({ signal }) => call('GET /api/jobs/:id', { params: { id }, signal }),
  })

export const jobGroupsQuery = (id: string, normalised: boolean) =>
  queryOptions({
    queryKey: ['jobs', 'groups', id, normalised],
    queryFn: ({ signal }) => call('GET /api/jobs/:id/groups', { params: { id }, query: { normalised }, signal }),
    placeholderData: keepPreviousData,
  })
