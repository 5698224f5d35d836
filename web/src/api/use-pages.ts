// A long list read page by page: jobs, audit. What is shown stays while the next question is asked.

import { keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query'

export interface PagesAsk<Page> {
  readonly queryKey: QueryKey
  /** `before`: where the last page ended; undefined: the first one. */
  ask(before: string | undefined, signal: AbortSignal): Promise<Page>
  /** Default true. */
  readonly enabled?: boolean
  /** false: it may have changed by the next look. Default: as all questions. */
  readonly keep?: boolean
}

export function usePages<Page extends { readonly next?: string }>({
  queryKey,
  ask,
  enabled = true,
  keep = true,
}: PagesAsk<Page>) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask(pageParam === '' ? undefined : pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last: Page) => last.next,
    placeholderData: keepPreviousData,
    enabled,
    ...(keep ? {} : { staleTime: 0 }),
  })
}
