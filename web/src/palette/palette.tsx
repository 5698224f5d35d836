// The command palette: one field that finds pages, nodes, actions of agents, saved groups and recent jobs, by keys alone. The focus stays in the field; the
// list says by aria-activedescendant where one is.

import { Checkbox, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react'
import type { NodeGroup } from '#console/api/fleet.ts'
import { call } from '../api/client.ts'
import { agentsQuery, groupsQuery, nodesQuery, settingsQuery } from '../api/queries.ts'
import { useSession } from '../api/session.ts'
import { agoText, countText, nodesText, numberText } from '../components/format.ts'
import { IconBookmark, IconHistory, IconPlayerPlay, IconSearch, IconServer, IconTable } from '../components/icons.ts'
import { visibleString } from '../components/visible-text.ts'
import { lastLiveSearch } from '../frame/last-live-search.ts'
import { filterText } from '../nodes/filter-draft.ts'
import { searchOfFilter, searchOfSelection } from '../nodes/live-search.ts'
import { selectionShelf } from '../nodes/selection-shelf.ts'
import {
  actionEntries,
  type Entry,
  type EntryKind,
  groupEntries,
  jobEntries,
  nodeEntries,
  pageEntries,
  type Section,
  sectionsOf,
} from './entries.ts'
import styles from './palette.module.css'
import { NODE_FILTER, setSlash, slashIsOn } from './slash-key.ts'

const RECENT_JOBS = 30
const TEXT_MAX = 200

/** `left`: something was chosen, so the focus goes with it. */
export function Palette({ onClose }: { onClose: (left: boolean) => void }) {
  const [typed, setTyped] = useState('')
  const { entries, asking } = useEntries()
  const text = useDeferredValue(typed)
  const sections = useMemo(() => sectionsOf(entries, text), [entries, text])
  const shown = useMemo(() => sections.flatMap((section) => section.entries), [sections])
  const [at, setAt] = useState(0)
  const current = shown[Math.min(at, shown.length - 1)]
  const { go, hrefOf } = useGo()
  const id = useId()
  const choose = (entry: Entry): void => {
    onClose(true)
    go(entry)
  }
  const onKey = (event: KeyboardEvent): void => {
    const next = placeOf(event.key, Math.min(at, shown.length - 1), shown.length)
    if (next !== undefined) {
      event.preventDefault()
      setAt(next)
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault()
      // Who types fast means what stands in the field, not what the list has come to.
      const meant = text === typed ? current : sectionsOf(entries, typed)[0]?.entries[0]
      if (meant === undefined) return
      // As a link does it.
      if (event.ctrlKey || event.metaKey) window.open(hrefOf(meant), '_blank', 'noopener')
      else choose(meant)
    }
  }
  return (
    <Modal
      opened
      onClose={() => onClose(false)}
      withCloseButton={false}
      centered={false}
      yOffset="11vh"
      size="38rem"
      padding={0}
      returnFocus={false}
      transitionProps={{ duration: 0 }}
      aria-label="Search and commands"
    >
      <div className={styles.field}>
        <IconSearch size={18} aria-hidden="true" />
        <input
          className={styles.input}
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={`${id}list`}
          aria-activedescendant={current === undefined ? undefined : `${id}${current.key}`}
          aria-label="Search pages, nodes, actions, groups and jobs"
          placeholder="Page, node, action, group or job"
          value={typed}
          maxLength={TEXT_MAX}
          onChange={(event) => {
            setTyped(event.currentTarget.value)
            setAt(0)
          }}
          onKeyDown={onKey}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
        />
      </div>
      <List
        id={id}
        sections={sections}
        current={current}
        hrefOf={hrefOf}
        onChoose={choose}
        onPoint={(entry) => setAt(shown.indexOf(entry))}
      />
      <p className={styles.none} role="status" hidden={shown.length > 0}>
        {shown.length > 0
          ? ''
          : asking
            ? 'Asking what there is ...'
            : `Nothing is called ${visibleString(text.trim())}.`}
      </p>
      <span className="visually-hidden" role="status">
        {text.trim() === '' ? '' : countText(shown.length, 'result')}
      </span>
      <Keys />
    </Modal>
  )
}

interface ListProps {
  readonly id: string
  readonly sections: readonly Section[]
  readonly current: Entry | undefined
  hrefOf(entry: Entry): string
  onChoose(entry: Entry): void
  onPoint(entry: Entry): void
}

function List({ id, sections, current, hrefOf, onChoose, onPoint }: ListProps) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (current === undefined) return
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [current])
  return (
    <div
      ref={list}
      id={`${id}list`}
      role="listbox"
      aria-label="Results"
      className={styles.list}
      hidden={sections.length === 0}
    >
      {sections.map(({ kind, label, entries, more }) => (
        <div key={kind} role="group" aria-labelledby={`${id}${kind}`} className={styles.section}>
          <div id={`${id}${kind}`} className={styles.label}>
            {label}
            {more === 0 ? null : <span>{numberText(more)} more: type on</span>}
          </div>
          {entries.map((entry) => (
            <a
              key={entry.key}
              id={`${id}${entry.key}`}
              href={hrefOf(entry)}
              role="option"
              aria-selected={entry === current}
              // The focus stays in the field, whose keys do the same.
              tabIndex={-1}
              className={styles.entry}
              onMouseMove={() => onPoint(entry)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={(event) => {
                // A new tab or window is the browser's to open.
                if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
                event.preventDefault()
                onChoose(entry)
              }}
            >
              <KindIcon kind={entry.kind} />
              <span className={styles.title}>{visibleString(entry.title.slice(0, TEXT_MAX))}</span>
              <span className={styles.note}>{visibleString(entry.note.slice(0, TEXT_MAX))}</span>
            </a>
          ))}
        </div>
      ))}
    </div>
  )
}

const ICONS: Readonly<Record<EntryKind, typeof IconTable>> = {
  page: IconTable,
  node: IconServer,
  action: IconPlayerPlay,
  group: IconBookmark,
  job: IconHistory,
}

function KindIcon({ kind }: { kind: EntryKind }) {
  const Icon = ICONS[kind]
  return <Icon size={16} className={styles.icon} aria-hidden="true" />
}

function Keys() {
  const [slash, setOn] = useState(slashIsOn)
  return (
    <div className={styles.foot}>
      <span>
        <kbd>↑</kbd> <kbd>↓</kbd> choose
      </span>
      <span>
        <kbd>Enter</kbd> open
      </span>
      <span>
        <kbd>Esc</kbd> close
      </span>
      <Checkbox
        size="xs"
        className={styles.slash ?? ''}
        label={
          <>
            <kbd>/</kbd> goes to the node filter
          </>
        }
        checked={slash}
        onChange={(event) => {
          setSlash(event.currentTarget.checked)
          setOn(event.currentTarget.checked)
        }}
      />
    </div>
  )
}

/** Round in a circle; undefined: a key of the field. */
function placeOf(key: string, at: number, count: number): number | undefined {
  if (count === 0) return undefined
  if (key === 'ArrowDown') return (at + 1) % count
  if (key === 'ArrowUp') return (at + count - 1) % count
  if (key === 'PageDown') return Math.min(count - 1, at + 8)
  if (key === 'PageUp') return Math.max(0, at - 8)
  return undefined
}

/** All there is to find. What the pages have asked for already is at hand. */
function useEntries(): { readonly entries: readonly Entry[]; readonly asking: boolean } {
  const { account, liveManagement } = useSession()
  const role = account?.role ?? 'viewer'
  const nodes = useQuery(nodesQuery)
  const agents = useQuery({ ...agentsQuery, enabled: liveManagement })
  const groups = useQuery({ ...groupsQuery, enabled: liveManagement })
  const settings = useQuery(settingsQuery)
  const jobs = useQuery({
    queryKey: ['jobs', 'list', 'recent'],
    queryFn: ({ signal }) => call('GET /api/jobs', { query: { limit: RECENT_JOBS }, signal }),
  })
  const entries = useMemo(
    () => [
      ...pageEntries(role, settings.data?.resourceTypes ?? []).filter(({ live }) => liveManagement || live !== true),
      ...nodeEntries(nodes.data?.nodes ?? []),
      ...(agents.data === undefined || !liveManagement ? [] : actionEntries(agents.data)),
      ...(liveManagement ? groupEntries(groups.data?.groups ?? [], wordsOfGroup, noteOfGroup) : []),
      ...jobEntries(jobs.data?.jobs ?? [], (atMs) => agoText(atMs, Date.now())),
    ],
    [role, liveManagement, settings.data, nodes.data, agents.data, groups.data, jobs.data],
  )
  return { entries, asking: [nodes, agents, groups, jobs].some(({ isLoading }) => isLoading) }
}

/** Everything the node list may have in the address: what a group does not say is taken away. */
const NO_FILTER = { name: undefined, class: undefined, fact: undefined, agent: undefined, where: undefined }

function wordsOfGroup({ filter, nodes = [] }: NodeGroup): Readonly<Record<string, unknown>> {
  const selection = {
    kind: filter === undefined ? 'only' : 'except',
    names: new Set(filter === undefined ? nodes : []),
  } as const
  return {
    ...NO_FILTER,
    ...(filter === undefined ? {} : searchOfFilter(filter)),
    ...searchOfSelection(selection, selectionShelf),
  }
}

function noteOfGroup({ filter, nodes = [] }: NodeGroup): string {
  return filter === undefined ? nodesText(nodes.length) : filterText(filter)
}

function useGo(): { readonly go: (entry: Entry) => void; readonly hrefOf: (entry: Entry) => string } {
  const navigate = useNavigate()
  const router = useRouter()
  return useMemo(
    () => ({
      go: (entry) => void navigate(targetOf(entry) as never),
      hrefOf: (entry) => router.buildLocation(targetOf(entry) as never).href,
    }),
    [navigate, router],
  )
}

function targetOf({ kind, to, params, search, live }: Entry): object {
  // A group is for the page one is at, when that has the node list.
  return kind === 'group' && document.querySelector(NODE_FILTER) !== null
    ? { to: '.', search: (old: object) => ({ ...old, ...search, job: undefined }) }
    : { to, params, search: live === true ? () => ({ ...lastLiveSearch(), ...search }) : (search ?? {}) }
}
