// The one cache of what the console said, and when it asks again. Events (events.ts) say what has become stale, so nothing is polled.

import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './error.ts'

const FRESH_MS = 30_000
const RETRIES_MAX = 2

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      refetchOnWindowFocus: false,
      // What a person can mend is not asked again; what a network does may pass.
      retry: (failures, error) =>
        failures < RETRIES_MAX && error instanceof ApiError && (error.status === 0 || error.status >= 502),
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
    },
    mutations: { retry: false },
  },
})
