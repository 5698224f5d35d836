// What the command palette can lead to, and which of it is meant by what somebody types. No React in here.

import type { NodeGroup } from '#console/api/fleet.ts'
import type { Job } from '#console/api/jobs.ts'
import type { NodeRow } from '#console/api/nodes.ts'
import type { TaskAgents } from '#console/api/tasks.ts'
import type { Role } from '#console/api/words.ts'

export type EntryKind = 'page' | 'node' | 'action' | 'group' | 'job'

export interface Entry {
  readonly kind: EntryKind
  /** Among all entries. */
  readonly key: string
  /** What is searched first, e.g. `service restart`. */
  readonly title: string
  /** Beside it, searched as well. */
  readonly note: string
  /** Where it leads: a path, and words for the search part of the address. */
  readonly to: string
  readonly params?: Readonly<Record<string, string>>
  readonly search?: Readonly<Record<string, unknown>>
  /** true: under Live Management, where filter and selection of the node list travel along. */
  readonly live?: boolean
}

/** In this order, and of each so many at most: while nothing is typed, and then. */
export const KINDS: readonly { readonly kind: EntryKind; readonly label: string; atFirst: number; max: number }[] = [
  { kind: 'page', label: 'Pages', atFirst: 7, max: 6 },
  { kind: 'node', label: 'Nodes', atFirst: 0, max: 8 },
  { kind: 'action', label: 'Actions', atFirst: 0, max: 8 },
  { kind: 'group', label: 'Saved groups', atFirst: 3, max: 6 },
  { kind: 'job', label: 'Recent jobs', atFirst: 3, max: 6 },
]

export function pageEntries(role: Role, types: readonly string[]): readonly Entry[] {
  const page = (title: string, to: string, note = ''): Entry => ({ kind: 'page', key: to, title, note, to })
  const live = (title: string, to: string, note = ''): Entry => ({ ...page(title, to, note), live: true })
  return [
    page('Overview', '/', 'the fleet at a glance'),
    live('Manage Resources', '/resources', 'browse, compare, clone'),
    live('Control Puppet', '/puppet', 'run, disable, enable, status'),
    live('Advanced Tasks', '/tasks', 'actions of all agents'),
    live('Compare', '/compare', 'two nodes, or two groups'),
    page('Jobs', '/jobs', 'what was run, by whom'),
    page('Reports', '/reports', 'the last Puppet run of every node'),
    ...types.map(
      (type): Entry => ({
        ...live(`${type} resources`, '/resources/$type', 'on the selected nodes'),
        ...{ key: `type ${type}`, params: { type } },
      }),
    ),
    ...(role === 'administrator'
      ? [page('Accounts', '/admin/accounts', 'administration'), page('Audit', '/admin/audit', 'administration')]
      : []),
    page('API tokens', '/admin/tokens', 'administration'),
    ...(role === 'administrator' ? [page('Settings', '/admin/settings', 'administration')] : []),
  ]
}

export function nodeEntries(rows: readonly NodeRow[]): readonly Entry[] {
  return rows.map(({ name, state }) => ({
    ...{ kind: 'node', key: `node ${name}`, title: name, note: state === 'answering' ? '' : STATES[state] },
    ...{ to: '/nodes/$name', params: { name } },
  }))
}

const STATES: Readonly<Record<NodeRow['state'], string>> = {
  answering: '',
  silent: 'did not answer',
  lost: 'missing',
  disabled: 'Puppet disabled',
}

/** Those of `puppet` lead to their own tab. */
export function actionEntries({ agents, advanced }: TaskAgents): readonly Entry[] {
  const own = agents.find(({ name }) => name === 'puppet') ?? agents.find(({ name }) => name === 'puppetd')
  const shown = agents.filter((agent) => agent === own || advanced.includes(agent.name))
  return shown.flatMap((agent) =>
    agent.actions.map(({ name, description }): Entry => {
      const entry = {
        kind: 'action' as const,
        key: `action ${agent.name} ${name}`,
        title: `${agent.name} ${name}`,
        note: description.replace(/\.$/, ''),
        live: true,
      }
      return agent === own
        ? { ...entry, to: '/puppet', search: { action: name } }
        : { ...entry, to: '/tasks/$agent/$action', params: { agent: agent.name, action: name } }
    }),
  )
}

/** `wordsOf`: those that make the node list show the group. */
export function groupEntries(
  groups: readonly NodeGroup[],
  wordsOf: (group: NodeGroup) => Readonly<Record<string, unknown>>,
  noteOf: (group: NodeGroup) => string,
): readonly Entry[] {
  return groups.map((group) => ({
    ...{ kind: 'group', key: `group ${group.id}`, title: group.name, note: noteOf(group) },
    ...{ to: '/resources', search: wordsOf(group) },
  }))
}

export function jobEntries(jobs: readonly Job[], ageOf: (atMs: number) => string): readonly Entry[] {
  return jobs.map(({ id, title, account, counts, state, startedAtMs }) => ({
    ...{ kind: 'job', key: `job ${id}`, title },
    note: `${state === 'running' ? 'running, ' : ''}${counts.targeted} ${counts.targeted === 1 ? 'node' : 'nodes'}, by ${account}, ${ageOf(startedAtMs)}`,
    ...{ to: '/jobs/$id', params: { id } },
  }))
}

/** 0: it is not meant. Every word must be in it; better at the beginning of a word, best at that of the title, and better in the title than beside it. */
export function scoreOf({ title, note }: Pick<Entry, 'title' | 'note'>, words: readonly string[]): number {
  const [big, small] = [title.toLowerCase(), note.toLowerCase()]
  let score = 0
  for (const word of words) {
    const inTitle = placeOf(big, word)
    const found = inTitle > 0 ? inTitle : placeOf(small, word) / 20
    if (found === 0) return 0
    score += found
  }
  // Of equals the one of which most was typed.
  return score + 1 / (big.length + 1)
}

function placeOf(text: string, word: string): number {
  const at = text.indexOf(word)
  if (at < 0) return 0
  if (at === 0) return text.length === word.length ? 100 : 50
  for (let from = at; from >= 0; from = text.indexOf(word, from + 1)) {
    if (!/[\p{L}\p{N}]/u.test(text.charAt(from - 1))) return 30
  }
  return 10
}

export interface Section {
  readonly kind: EntryKind
  readonly label: string
  readonly entries: readonly Entry[]
  /** How many more are meant. */
  readonly more: number
}

/** What to show for what was typed: by kind, the best first. The kind with the best entry comes first once something is typed. */
export function sectionsOf(entries: readonly Entry[], typed: string): readonly Section[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const sections = KINDS.map(({ kind, label, atFirst, max }) => {
    const own = entries.filter((entry) => entry.kind === kind)
    if (words.length === 0) return { kind, label, best: 0, entries: own.slice(0, atFirst), more: 0 }
    const meant = own
      .map((entry, index) => ({ entry, index, score: scoreOf(entry, words) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || a.index - b.index)
    const shown = meant.slice(0, max).map(({ entry }) => entry)
    return { kind, label, best: meant[0]?.score ?? 0, entries: shown, more: meant.length - shown.length }
  })
  return sections
    .filter((section) => section.entries.length > 0)
    .sort((a, b) => b.best - a.best)
    .map(({ best: _best, ...section }) => section)
}
