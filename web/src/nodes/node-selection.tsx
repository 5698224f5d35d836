// The state behind the node list: which nodes there are, which match the filter of the address, which are selected. Pages read it with
// `useSelection()`; the sidebar also with `useNodeList()`.

import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import type { NodeFilter, NodeRow } from '#console/api/nodes.ts'
import { matchQuery, nodesQuery } from '../api/queries.ts'
import { formatSearch, parseSearch } from '../search-text.ts'
import { globTest, isRegex } from './glob.ts'
import {
  filterOf,
  isEmptyFilter,
  type LiveSearch,
  readLiveSearch,
  searchOfFilter,
  searchOfSelection,
  selectionOf,
} from './live-search.ts'
import { ALL, type Selection, selectedOf } from './selection.ts'
import { selectionShelf } from './selection-shelf.ts'

export interface NodeListState {
  /** Every node there is, by name. */
  readonly rows: readonly NodeRow[]
  readonly rowOf: ReadonlyMap<string, NodeRow>
  readonly total: number
  /** Names that match the filter, in the order of the list. */
  readonly matching: readonly string[]
  /** Names about which the filter could not decide without asking them. */
  readonly undecided: readonly string[]
  readonly filter: NodeFilter
  readonly filtering: boolean
  readonly selection: Selection
  /** The selected among the matching: what actions are run on. */
  readonly selected: readonly string[]
  /** The options of `mco` that say the same as the filter, e.g. `-W osfamily=Debian`; empty: none. */
  readonly options: string
  /** The list is not there yet; or it is, and the console has not yet said what matches. */
  readonly loading: boolean
  readonly settling: boolean
  readonly listError: Error | undefined
  readonly matchError: Error | undefined
  /** Why the list is the last one known. */
  readonly problem: string | undefined
  readonly asOfMs: number | undefined
  /** The address speaks of a hand-picked selection that is not known in this tab. */
  readonly selectionLost: boolean
  setFilter(filter: NodeFilter): void
  setSelection(selection: Selection): void
  setFilterAndSelection(filter: NodeFilter, selection: Selection): void
  retry(): void
}

/** What the form of the filter needs: it does not change with the selection, so that a click on a row does not draw the form anew. */
export type NodeFilterState = Pick<NodeListState, 'rows' | 'filter' | 'filtering' | 'settling' | 'setFilter'>

const NodeListContext = createContext<NodeListState | undefined>(undefined)
const NodeFilterContext = createContext<NodeFilterState | undefined>(undefined)
const NO_ROWS: readonly NodeRow[] = []
const NO_NAMES: readonly string[] = []

export function NodeSelectionProvider({ children }: { children: ReactNode }) {
  const search = useLiveSearch()
  const list = useQuery(nodesQuery)
  const rows = list.data?.nodes ?? NO_ROWS
  const filter = useStable(filterOf(search), (a, b) => JSON.stringify(a) === JSON.stringify(b))
  const filtering = !isEmptyFilter(filter)
  const match = useQuery({ ...matchQuery(filter), enabled: filtering })

  const rowOf = useMemo(() => new Map(rows.map((row) => [row.name, row])), [rows])
  const names = useMemo(() => rows.map((row) => row.name), [rows])
  const answered = match.isSuccess && !match.isPlaceholderData
  const found = useMemo(() => {
    if (!filtering) return names
    if (answered && match.data !== undefined) return inListOrder(names, match.data.nodes)
    // Until the console has answered: what the name alone says, at once.
    const byName = nameTestOf(filter)
    if (byName !== undefined) return names.filter(byName)
    return match.data === undefined ? NO_NAMES : inListOrder(names, match.data.nodes)
  }, [filtering, filter, names, answered, match.data])
  const matching = useStable(found, sameNames)
  const { selection, lost, setSelection, setFilterAndSelection } = useSelectionInAddress(search)
  const chosen = useMemo(() => selectedOf(selection, matching), [selection, matching])
  const selected = useStable(chosen, sameNames)
  const setFilter = useCallback((next: NodeFilter) => setFilterAndSelection(next, ALL), [setFilterAndSelection])
  const retry = useCallback(() => {
    void list.refetch()
    if (filtering) void match.refetch()
  }, [list.refetch, match.refetch, filtering])

  const settling = filtering && match.isFetching && !answered
  const filterState = useMemo(
    () => ({ rows, filter, filtering, settling, setFilter }),
    [rows, filter, filtering, settling, setFilter],
  )
  const state: NodeListState = {
    rows,
    rowOf,
    total: rows.length,
    matching,
    undecided: (filtering && answered && match.data?.undecided) || NO_NAMES,
    filter,
    filtering,
    selection,
    selected,
    options: (filtering && answered && match.data?.options) || '',
    loading: list.isPending,
    settling,
    listError: list.error ?? undefined,
    matchError: (filtering && match.error) || undefined,
    problem: list.data?.problem,
    asOfMs: list.data?.asOfMs,
    selectionLost: lost,
    setFilter,
    setSelection,
    setFilterAndSelection,
    retry,
  }
  return (
    <NodeFilterContext value={filterState}>
      <NodeListContext value={state}>{children}</NodeListContext>
    </NodeFilterContext>
  )
}

export function useNodeFilter(): NodeFilterState {
  const state = useContext(NodeFilterContext)
  if (state === undefined) throw new Error('useNodeFilter is for pages beside the node list (routes under `live`).')
  return state
}

export function useNodeList(): NodeListState {
  const state = useContext(NodeListContext)
  if (state === undefined) throw new Error('useNodeList is for pages beside the node list (routes under `live`).')
  return state
}

export interface SelectionOfNodes {
  /** Selected nodes, sorted: exactly what an action is run on. The same array as long as nothing changes. */
  readonly nodes: readonly string[]
  readonly count: number
  readonly total: number
  /** Every node there is, is selected. */
  readonly all: boolean
  /** false: the list or the filter is still being asked; wait before acting. */
  readonly ready: boolean
  /** Why nothing can be run now, for people; undefined: it can. Show it beside disabled buttons (SelectionHint). */
  readonly hint: string | undefined
  readonly filter: NodeFilter
  /** The options of `mco` for the same nodes as the filter. */
  readonly options: string
}

/** What the node list has selected. */
export function useSelection(): SelectionOfNodes {
  const { selected, total, loading, settling, filter, options } = useNodeList()
  const ready = !loading && !settling
  return {
    nodes: selected,
    count: selected.length,
    total,
    all: total > 0 && selected.length === total,
    ready,
    hint: ready
      ? selected.length === 0
        ? 'Select at least one node in the list.'
        : undefined
      : 'Waiting for the node list.',
    filter,
    options,
  }
}

/** Browsers allow only so many changes of the address a second; holding an arrow key makes more. */
const ADDRESS_AFTER_MS = 200

/** The selection lives in the address, which follows a moment later than the list. */
function useSelectionInAddress(search: LiveSearch) {
  const navigate = useNavigate()
  const fromAddress = useMemo(() => selectionOf(search, selectionShelf), [search])
  const [ahead, setAhead] = useState<{ of: LiveSearch; selection: Selection }>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const change = useCallback(
    (part: LiveSearch, replace: boolean) => {
      clearTimeout(timer.current)
      void navigate({ to: '.', search: (old: Record<string, unknown>) => ({ ...old, ...part }), replace } as never)
    },
    [navigate],
  )
  const setSelection = useCallback(
    (next: Selection) => {
      setAhead({ of: search, selection: next })
      clearTimeout(timer.current)
      timer.current = setTimeout(() => change(searchOfSelection(next, selectionShelf), true), ADDRESS_AFTER_MS)
    },
    [search, change],
  )
  const setFilterAndSelection = useCallback(
    (filter: NodeFilter, next: Selection) =>
      change({ ...searchOfFilter(filter), ...searchOfSelection(next, selectionShelf) }, false),
    [change],
  )
  // Once the address has changed, for whatever reason, it alone counts.
  const current = ahead !== undefined && ahead.of === search ? ahead.selection : undefined
  return {
    selection: current ?? fromAddress.selection,
    lost: current === undefined && fromAddress.lost,
    setSelection,
    setFilterAndSelection,
  }
}

function useLiveSearch(): LiveSearch {
  const words = useSearch({ strict: false }) as Record<string, unknown>
  // Other words of a page (`title`) come and go without changing anything here.
  const key = formatSearch({ ...readLiveSearch(words) })
  return useMemo(() => readLiveSearch(parseSearch(key)), [key])
}

/** The former value as long as the new one says the same: what depends on it is not made anew. */
function useStable<T>(value: T, same: (a: T, b: T) => boolean): T {
  const [kept, setKept] = useState(value)
  if (kept === value || same(kept, value)) return kept
  setKept(value)
  return value
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}

/** The test that can be made without asking; undefined: the console must decide. */
function nameTestOf(filter: NodeFilter): ((name: string) => boolean) | undefined {
  const nameOnly = !filter.compound && !filter.classes?.length && !filter.facts?.length && !filter.agents?.length
  return nameOnly && filter.name !== undefined && !isRegex(filter.name) ? globTest(filter.name) : undefined
}

function inListOrder(names: readonly string[], some: readonly string[]): readonly string[] {
  const wanted = new Set(some)
  return names.filter((name) => wanted.has(name))
}
