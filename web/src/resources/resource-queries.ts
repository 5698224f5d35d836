// Questions about resources, cached. All keys begin with `resources`: when an inspection ends, events.ts marks them as old. Selections of nodes may be
// 50,000 names: keys have a digest of them, made once per selection. [live 3]

import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../api/client.ts'

/** While an inspection runs, what has come in so far is asked for at this pace. */
const RUNNING_MS = 1_500

const digests = new WeakMap<readonly string[], string>()

/** The same for the same names in the same order. */
export function keyOfNodes(nodes: readonly string[]): string {
  const known = digests.get(nodes)
  if (known !== undefined) return known
  let a = 0x811c9dc5
  let b = 0x01000193
  for (const name of nodes) {
    for (let at = 0; at < name.length; at++) {
      a = Math.imul(a ^ name.charCodeAt(at), 0x01000193)
      b = Math.imul(b + name.charCodeAt(at), 0x9e3779b1) ^ (b >>> 15)
    }
    a = Math.imul(a ^ 44, 0x01000193)
    b = Math.imul(b + 44, 0x9e3779b1)
  }
  const key = `${nodes.length}-${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}`
  digests.set(nodes, key)
  return key
}

export const summaryQuery = (nodes: readonly string[]) =>
  queryOptions({
    queryKey: ['resources', 'summary', keyOfNodes(nodes)],
    queryFn: ({ signal }) => call('POST /api/resources/summary', { body: { nodes: [...nodes] }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.types.some(({ job }) => job !== undefined) ? RUNNING_MS : false),
  })

export const listQuery = (type: string, nodes: readonly string[]) =>
  queryOptions({
    queryKey: ['resources', 'list', type, keyOfNodes(nodes)],
    queryFn: ({ signal }) =>
      call('POST /api/resources/:type/list', { params: { type }, body: { nodes: [...nodes] }, signal }),
    placeholderData: (before, query) => (query?.queryKey[2] === type ? before : undefined),
    refetchInterval: ({ state }) => (state.data?.figures.job === undefined ? false : RUNNING_MS),
  })

/** Among what was inspected: used when the list is longer than what is sent of it. */
export const searchQuery = (type: string, nodes: readonly string[], text: string) =>
  queryOptions({
    queryKey: ['resources', 'search', type, keyOfNodes(nodes), text],
    queryFn: ({ signal }) =>
      call('POST /api/resources/:type/search', { params: { type }, body: { text, nodes: [...nodes] }, signal }),
    placeholderData: keepPreviousData,
  })

export const variantsQuery = (type: string, title: string, nodes: readonly string[]) =>
  queryOptions({
    queryKey: ['resources', 'variants', type, title, keyOfNodes(nodes)],
    queryFn: ({ signal }) =>
      call('POST /api/resources/:type/variants', { params: { type }, body: { title, nodes: [...nodes] }, signal }),
    placeholderData: (before, query) =>
      query?.queryKey[2] === type && query.queryKey[3] === title ? before : undefined,
  })

export const comparisonQuery = (type: string, left: readonly string[], right: readonly string[]) =>
  queryOptions({
    queryKey: ['resources', 'compare', type, keyOfNodes(left), keyOfNodes(right)],
    queryFn: ({ signal }) =>
      call('POST /api/resources/:type/compare', {
        params: { type },
        body: { left: [...left], right: [...right] },
        signal,
      }),
  })

export interface InspectAsk {
  readonly types: readonly string[]
  readonly nodes: readonly string[]
  /** Of each type only the nodes that were not asked yet. Default false. */
  readonly onlyMissing?: boolean
}

/** Asks nodes for all resources of some types. */
export function useInspect() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ types, nodes, onlyMissing = false }: InspectAsk) =>
      call('POST /api/resources/inspect', { body: { types: [...types], nodes: [...nodes], onlyMissing } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['resources'] }),
  })
}
