// The node list: who is known, in which state, and who fits a filter. Kept in memory, looked up anew in the background and on demand, written to the
// store so that the last list is there when the bus is not. Where it comes from is fleet-sources.ts. [live 2, O2, O4, O6, O14; B-028]

import type { Clock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import { FACT_VALUES_LISTED_MAX, FILTER_NAMES_SHOWN_MAX, FILTERS_REMEMBERED_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import { isSecretName, MASKED } from '#base/secret-names.ts'
import type { Counts } from '#rpc/roster/counts.ts'
import type { NodeRecord } from '#store/fleet-records.ts'
import { type CommandTarget, NODES_FILE, shellLine } from '../api/command-line.ts'
import type { FactNames, FactValues, NodeFilter, NodeList, NodeMatch, NodeRow, NodeState } from '../api/nodes.ts'
import type { LastRun } from '../api/puppet.ts'
import type { ConsoleParts } from '../parts.ts'
import {
  askRosterKeeper,
  createDiscoveredFleet,
  type FleetAnswer,
  type FleetMatch,
  type FleetNode,
  type FleetSource,
} from './fleet-sources.ts'
import { type ReadNodeFilter, readNodeFilter } from './node-filter.ts'

export interface NodeBookParts {
  readonly store: Pick<ConsoleParts['store'], 'nodes'>
  readonly clock: Clock
  readonly log: Log
  readonly events: Pick<ConsoleParts['events'], 'publish'>
  readonly ownClient: ConsoleParts['ownClient']
  readonly bus: ConsoleParts['bus']
  readonly collective: string
  readonly discoveryTimeoutSeconds: number
  /** What is wrong with what the console keeps, told with the list. */
  storeProblem?(): string | undefined
  /** Seconds between two looks at the fleet. Default 60. */
  readonly refreshSeconds?: number
}

export interface NodeBook {
  /** Reads what was known before, and looks at the fleet from now on. */
  open(): Promise<void>
  close(): Promise<void>
  /** Looks at the fleet now; several at a time are one. Never rejects: `list().problem` says what is wrong. */
  refresh(): Promise<void>
  list(): NodeList
  row(name: string): NodeRow | undefined
  lastRun(name: string): LastRun | undefined
  /** Rows with texts of a few facts, see FLEET_FACTS. */
  known(): readonly KnownNode[]
  match(filter: NodeFilter): Promise<NodeMatch>
  facts(): Promise<FactNames>
  values(fact: string): Promise<FactValues>
  classes(): Promise<FactNames>
  /** How many nodes have the agent; undefined: not known. */
  countOf(agent: string): number | undefined
  isNode(word: string): boolean
  /** How the command line says these nodes: by the filter when it fits exactly them. */
  targetOf(nodes: readonly string[], filter: NodeFilter | undefined): Promise<CommandTarget>
  /** A node answered, or owed an answer. */
  heard(name: string): void
  missed(name: string): void
  /** What Puppet says on a node. */
  puppet(name: string, state: PuppetState): void
}

export interface PuppetState {
  readonly enabled?: boolean | undefined
  readonly disabledReason?: string | undefined
  readonly lastRun?: LastRun | undefined
}

export interface KnownNode {
  readonly row: NodeRow
  readonly facts: Readonly<Record<string, string>>
  readonly lastRun?: LastRun | undefined
}

interface Known {
  readonly name: string
  version?: string | undefined
  facts: Readonly<Record<string, string>>
  lastSeenMs?: number | undefined
  /** Since when the source misses it. */
  lostSinceMs?: number | undefined
  /** Since when it owes an answer. */
  silentSinceMs?: number | undefined
  puppet: PuppetState
}

const REFRESH_SECONDS = 60
/** While nodes are there that have not registered yet, as in the first minutes of a keeper of the roster. */
const INCOMPLETE_SECONDS = 10
/** Of the time between two looks: consoles that were started together do not ask together. */
const JITTER = 0.2
/** When nobody keeps a roster: a node that did not answer for so long is lost, milliseconds. */
const LOST_AFTER_MS = 30 * 60_000
/** ... and forgotten after so long. */
const FORGET_AFTER_MS = 30 * 86_400_000
/** Changes are written and told this often, milliseconds. */
const WRITE_AFTER_MS = 1_000
/** The names operators look for first. [live 2] */
const COMMON_FACTS: readonly string[] = (
  'architecture domain fqdn hardwaremodel hostname ipaddress is_virtual manufacturer memorytotal operatingsystem operatingsystemrelease ' +
  'physicalprocessorcount processorcount productname puppetversion'
).split(' ')

export function createNodeBook(parts: NodeBookParts): NodeBook {
  const { clock, log, store, events } = parts
  const nodes = new Map<string, Known>()
  const shortNames = new Set<string>()
  const changed = new Set<string>()
  const removed = new Set<string>()
  const fleet = { ...parts, client: parts.ownClient }
  const discovered = createDiscoveredFleet(fleet)
  let source: FleetSource | undefined
  let kind: FleetSource['kind'] = 'roster'
  let incomplete = false
  let asOfMs = 0
  let problem: string | undefined
  let sorted: readonly Known[] | undefined
  let agents: ReadonlyMap<string, number> | undefined
  let refreshing: Promise<void> | undefined
  let cancelRefresh: (() => void) | undefined
  let cancelWrite: (() => void) | undefined
  let writing: Promise<void> = Promise.resolve()
  let closed = false
  const matches = new Map<string, Promise<FleetMatch>>()

  return {
    open,
    close,
    refresh,
    list: () => {
      const { connected, problem: why } = parts.bus()
      const said = connected ? problem : (why ?? 'no broker is reached')
      const storeProblem = parts.storeProblem?.()
      return {
        nodes: inOrder().map(rowOf),
        asOfMs,
        source: kind,
        ...(said === undefined ? {} : { problem: said }),
        ...(storeProblem === undefined ? {} : { storeProblem }),
      }
    },
    row: (name) => mapped(nodes.get(name), rowOf),
    lastRun: (name) => nodes.get(name)?.puppet.lastRun,
    known: () => inOrder().map((node) => ({ row: rowOf(node), facts: node.facts, lastRun: node.puppet.lastRun })),
    match,
    async facts() {
      const { counts } = await counted((from) => from.count('facts'))
      const isCommon = new Set(COMMON_FACTS)
      const names = counts.map(({ name, nodes: count }) => ({ name, nodes: count, common: isCommon.has(name) }))
      return { names: [...names].sort(commonFirst), asOfMs }
    },
    async values(fact) {
      const { counts, more } = await counted((from) => from.countValues(fact))
      if (isSecretName(fact)) {
        const some = Math.min(
          counts.reduce((sum, { nodes: count }) => sum + count, 0),
          nodes.size,
        )
        return { name: fact, values: some > 0 ? [{ value: MASKED, nodes: some }] : [], more: 0, asOfMs }
      }
      const values = counts
        .slice(0, FACT_VALUES_LISTED_MAX)
        .map(({ name, nodes: count }) => ({ value: name, nodes: count }))
      return { name: fact, values, more: more + counts.length - values.length, asOfMs }
    },
    async classes() {
      const { counts } = await counted((from) => from.count('classes'))
      const names = counts.map(({ name, nodes: count }) => ({ name, nodes: count, common: false }))
      return { names: [...names].sort(commonFirst), asOfMs }
    },
    countOf: (agent) => agents?.get(agent),
    isNode: (word) => nodes.has(word) || shortNames.has(word),
    targetOf,
    heard(name) {
      const node = nodes.get(name)
      if (!node) return
      const before = stateOf(node)
      node.silentSinceMs = undefined
      node.lastSeenMs = clock.now()
      if (before !== stateOf(node)) change(name)
    },
    missed(name) {
      const node = nodes.get(name)
      if (!node || node.silentSinceMs !== undefined) return
      node.silentSinceMs = clock.now()
      change(name)
    },
    puppet(name, state) {
      const node = nodes.get(name)
      if (!node) return
      const before = node.puppet
      const next = { ...before, ...state }
      const same = next.enabled === before.enabled && next.disabledReason === before.disabledReason
      if (same && (next.lastRun === before.lastRun || sameJson(next.lastRun, before.lastRun))) return
      node.puppet = next
      change(name)
    },
  }

  async function open(): Promise<void> {
    try {
      for (const record of await store.nodes.all({ detail: true })) {
        nodes.set(record.name, knownOf(record))
        asOfMs = Math.max(asOfMs, record.lastSeenMs ?? 0)
      }
      sorted = undefined
      named()
    } catch (error) {
      log.error(`the nodes that were known before cannot be read: ${messageOf(error)}`)
    }
    void refresh()
  }

  async function close(): Promise<void> {
    closed = true
    cancelRefresh?.()
    cancelWrite?.()
    await write()
  }

  function refresh(): Promise<void> {
    refreshing ??= lookAtFleet().finally(() => {
      refreshing = undefined
      if (closed) return
      const usual = parts.refreshSeconds ?? REFRESH_SECONDS
      const seconds = incomplete ? Math.min(usual, INCOMPLETE_SECONDS) : usual
      cancelRefresh?.()
      cancelRefresh = clock.after(seconds * 1000 * (1 + JITTER * Math.random()), () => void refresh())
    })
    return refreshing
  }

  async function lookAtFleet(): Promise<void> {
    // The bus has said what is wrong with it; when it comes (back), the console looks at once.
    if (!parts.bus().connected) return
    try {
      const answer = (await askRosterKeeper(fleet)) ?? (await discovered.ask())
      source = answer.source
      incomplete = answer.incomplete === true
      kind = answer.source.kind
      matches.clear()
      enter(answer)
      agents = new Map((await answer.source.count('agents')).counts.map(({ name, nodes: count }) => [name, count]))
      asOfMs = clock.now()
      problem = undefined
      events.publish({ type: 'nodes', asOfMs })
    } catch (error) {
      problem = `the fleet could not be looked at: ${messageOf(error)}`
      log.warn(problem)
    }
  }

  function enter({ nodes: found, source: from }: FleetAnswer): void {
    const here = new Set(found.map(({ name }) => name))
    for (const one of found) {
      const node = nodes.get(one.name)
      if (node && !updated(node, one)) continue
      if (!node) nodes.set(one.name, { ...one, puppet: {} })
      change(one.name)
    }
    for (const [name, node] of nodes) if (!here.has(name)) gone(name, node, from.kind)
    sorted = undefined
    named()
  }

  /** false: nothing is new but that it was seen. */
  function updated(node: Known, { version, facts, lastSeenMs, lostSinceMs }: FleetNode): boolean {
    const before = `${stateOf(node)} ${node.version} ${JSON.stringify(node.facts)}`
    // Registered after it owed an answer: it is there again.
    if (node.silentSinceMs !== undefined && (lastSeenMs ?? 0) > node.silentSinceMs) node.silentSinceMs = undefined
    node.version = version ?? node.version
    node.facts = facts
    node.lostSinceMs = lostSinceMs
    node.lastSeenMs = Math.max(node.lastSeenMs ?? 0, lastSeenMs ?? 0) || undefined
    return before !== `${stateOf(node)} ${node.version} ${JSON.stringify(node.facts)}`
  }

  /** A roster takes nodes away that say good-bye. Without one, who does not answer is missing. */
  function gone(name: string, node: Known, from: FleetSource['kind']): void {
    const sinceMs = node.silentSinceMs ?? clock.now()
    if (from === 'roster' || clock.now() - sinceMs > FORGET_AFTER_MS) {
      nodes.delete(name)
      removed.add(name)
      change(name)
      return
    }
    const before = stateOf(node)
    node.silentSinceMs = sinceMs
    node.lostSinceMs = clock.now() - sinceMs > LOST_AFTER_MS ? sinceMs : undefined
    if (before !== stateOf(node)) change(name)
  }

  function named(): void {
    shortNames.clear()
    for (const { name, facts } of nodes.values()) {
      shortNames.add((name.split('.', 1)[0] ?? name).toLowerCase())
      if (facts.hostname) shortNames.add(facts.hostname.toLowerCase())
      if (facts.fqdn) shortNames.add(facts.fqdn.toLowerCase())
    }
  }

  function change(name: string): void {
    changed.add(name)
    cancelWrite ??= clock.after(WRITE_AFTER_MS, () => {
      cancelWrite = undefined
      events.publish({ type: 'nodes', asOfMs })
      void write()
    })
  }

  function write(): Promise<void> {
    writing = writing.then(async () => {
      const records = [...changed].flatMap((name) => mapped(nodes.get(name), recordOf) ?? [])
      const dead = [...removed].filter((name) => !nodes.has(name))
      changed.clear()
      removed.clear()
      try {
        if (records.length > 0) await store.nodes.put(records)
        if (dead.length > 0) await store.nodes.remove(dead)
      } catch (error) {
        log.error(`what is known of ${records.length} nodes could not be written: ${messageOf(error)}`)
      }
    })
    return writing
  }

  function inOrder(): readonly Known[] {
    sorted ??= [...nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    return sorted
  }

  async function match(filter: NodeFilter): Promise<NodeMatch> {
    const read = readNodeFilter(filter)
    const { fits, undecided, alsoNamed } = await decided(read)
    const words = read.words(alsoNamed.length > FILTER_NAMES_SHOWN_MAX ? [] : alsoNamed)
    const options = alsoNamed.length > FILTER_NAMES_SHOWN_MAX ? ['--nodes', NODES_FILE] : words
    return { nodes: fits, undecided, options: shellLine(options) }
  }

  async function decided(read: ReadNodeFilter): Promise<{ fits: string[]; undecided: string[]; alsoNamed: string[] }> {
    const rest = read.namesOnly ? undefined : await fleetMatch(read)
    const fits: string[] = []
    const undecided: string[] = []
    const alsoNamed: string[] = []
    for (const { name, facts, lostSinceMs } of inOrder()) {
      const how = read.nameFits({ name, hostname: facts.hostname, fqdn: facts.fqdn })
      if (how === undefined) continue
      if (!rest || rest.nodes.has(name)) {
        fits.push(name)
        if (how === 'fact') alsoNamed.push(name)
      } else if (rest.undecided.has(name) || lostSinceMs !== undefined) {
        undecided.push(name)
      }
    }
    return { fits, undecided, alsoNamed }
  }

  /** Everybody is undecided while nobody can be asked. */
  async function fleetMatch({ filter }: ReadNodeFilter): Promise<FleetMatch> {
    const all = (): FleetMatch => ({ nodes: new Set(), undecided: new Set(nodes.keys()) })
    if (!source) return all()
    const key = JSON.stringify(filter)
    let found = matches.get(key)
    if (!found) {
      found = source.match(filter)
      matches.set(key, found)
      const oldest = matches.keys().next().value
      if (matches.size > FILTERS_REMEMBERED_MAX && oldest !== undefined) matches.delete(oldest)
    }
    try {
      return await found
    } catch (error) {
      matches.delete(key)
      log.warn(`a node filter could not be decided: ${messageOf(error)}`)
      return all()
    }
  }

  async function counted(ask: (source: FleetSource) => Promise<Counts>): Promise<Counts> {
    if (!source) await refresh()
    if (!source) {
      const why = problem ?? parts.bus().problem ?? 'no broker is reached'
      throw new TroupeError('CONSOLE_NO_BUS', `the nodes cannot be asked: ${why}`)
    }
    return ask(source)
  }

  async function targetOf(wanted: readonly string[], filter: NodeFilter | undefined): Promise<CommandTarget> {
    const byName = { kind: 'nodes', nodes: wanted } as const
    const isAll = wanted.length === nodes.size && wanted.every((name) => nodes.has(name))
    if (!filter || Object.keys(filter).length === 0) return isAll && filter ? { kind: 'all' } : byName
    try {
      const read = readNodeFilter(filter)
      const { fits, undecided, alsoNamed } = await decided(read)
      const same = new Set(wanted)
      if (undecided.length > 0 || fits.length !== same.size || !fits.every((name) => same.has(name))) return byName
      if (alsoNamed.length > FILTER_NAMES_SHOWN_MAX) return byName
      const words = read.words(alsoNamed)
      return words.length === 0 ? { kind: 'all' } : { kind: 'options', words }
    } catch {
      return byName
    }
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function stateOf({ lostSinceMs, silentSinceMs, puppet }: Known): NodeState {
  if (lostSinceMs !== undefined) return 'lost'
  if (silentSinceMs !== undefined) return 'silent'
  return puppet.enabled === false ? 'disabled' : 'answering'
}

function rowOf(node: Known): NodeRow {
  const { name, lastSeenMs, lostSinceMs, silentSinceMs, version, puppet } = node
  const missingSinceMs = lostSinceMs ?? silentSinceMs
  return {
    name,
    state: stateOf(node),
    ...(lastSeenMs === undefined ? {} : { lastSeenMs }),
    ...(missingSinceMs === undefined ? {} : { missingSinceMs }),
    ...(version === undefined ? {} : { version }),
    ...(puppet.lastRun?.outcome === 'never' ? { neverRan: true } : {}),
    ...(puppet.enabled === false ? { disabledReason: puppet.disabledReason ?? '' } : {}),
  }
}

function recordOf(node: Known): NodeRecord {
  return {
    ...rowOf(node),
    ...(node.puppet.lastRun === undefined ? {} : { lastRun: node.puppet.lastRun }),
    detail: {
      facts: node.facts,
      silentSinceMs: node.silentSinceMs,
      lostSinceMs: node.lostSinceMs,
      puppet: node.puppet,
    },
  }
}

interface KeptDetail {
  readonly facts?: Readonly<Record<string, string>>
  readonly silentSinceMs?: number
  readonly lostSinceMs?: number
  readonly puppet?: PuppetState
}

function knownOf({ name, version, lastSeenMs, detail }: NodeRecord): Known {
  const { facts = {}, silentSinceMs, lostSinceMs, puppet = {} } = (detail ?? {}) as KeptDetail
  return { name, version, lastSeenMs, facts, silentSinceMs, lostSinceMs, puppet }
}

function mapped<T, R>(value: T | undefined, make: (value: T) => R): R | undefined {
  return value === undefined ? undefined : make(value)
}

function commonFirst(a: { name: string; common: boolean }, b: { name: string; common: boolean }): number {
  if (a.common !== b.common) return a.common ? -1 : 1
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
