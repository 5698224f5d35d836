// The roster: who is in the collective and what their last registrations said, so that a client knows at once whom to expect.
// Nodes that miss three registrations are lost and no longer expected; nodes that say good-bye are removed. Bounded in nodes and
// text. Kept in a file so that it survives a restart (roster-file.ts). [agents 16]

import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import {
  REGISTRATION_FACTS_BYTES_MAX,
  ROSTER_DECIDE_MS_MAX,
  ROSTER_LIST_FACT_CHARACTERS_MAX,
  ROSTER_NODES_MAX,
  ROSTER_TEXT_BYTES_MAX,
} from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import { parseJson } from '#base/parse-json.ts'
import type { Filter } from '#message/filter.ts'
import type { Registration, Request, Value, Values } from '#message/request.ts'
import { type Counts, countFacts, countNames, countValues, factReader } from '#rpc/roster/counts.ts'
import { createDecision, type Described } from '#rpc/roster/decide.ts'
import { createTextPool } from '#rpc/roster/text-pool.ts'
import { loadRoster, type SavedNode, saveRoster } from './roster-file.ts'

/** Stands in `undecided` for nodes a roster that has just begun cannot have heard of yet. */
export const UNHEARD = '*'

export interface RosterOptions {
  readonly clock: Clock
  readonly log: Log
  /** Seconds between registrations of this node, taken to be those of the fleet: after as long the roster is complete. */
  readonly intervalSeconds: number
  /** Absent: not kept. */
  readonly file?: string
  readonly nodesMax?: number
  readonly textBytesMax?: number
}

export interface Roster {
  /** Reads what an earlier life of this process knew. */
  load(): Promise<void>
  record(request: Request): void
  /**
   * Who is expected to answer; all lists sorted. `undecided` has nodes whose registrations cannot tell, and UNHEARD while there may be
   * nodes that have not registered yet.
   */
  expected(question: { readonly filter: Filter; readonly agent?: string; readonly collective?: string }): {
    readonly nodes: string[]
    readonly undecided: string[]
    readonly total: number
    readonly sinceMs: number
  }
  /** `facts`: texts of these facts as well, of nodes that have them. */
  list(facts?: readonly string[]): {
    readonly identity: string
    readonly lastSeenMs: number
    readonly intervalSeconds: number
    readonly version: string
    readonly lostSinceMs?: number
    readonly facts?: Readonly<Record<string, string>>
  }[]
  /** Of the nodes that are not lost; facts that change by themselves are not registered. */
  count(what: 'facts' | 'classes' | 'agents'): Counts
  countValues(fact: string): Counts
  /** false: it was not there. */
  forget(identity: string): boolean
  size(): number
  /** Writes the file a last time. */
  stop(): Promise<void>
}

interface Node extends Described {
  readonly collectives: number
  readonly version: string
  readonly intervalSeconds: number
  readonly sentAtMs: number
  readonly lastSeenMs: number
}

const MISSED_MAX = 3
const INTERVAL_SECONDS_MAX = 7 * 86_400
/** Of nodes that do not say when they will register again. */
const INTERVAL_SECONDS_UNKNOWN = 86_400
/** A change is written soon; that nodes are still there, now and then. */
const SAVE_AFTER_CHANGE_MS = 5_000
const SAVE_AFTER_SIGN_MS = 300_000
/** A restart shorter than this leaves a complete roster complete. */
const SHORT_ABSENCE_MS = 30_000
const FORGET_LOST_AFTER_MS = 30 * 86_400_000

export function createRoster(options: RosterOptions): Roster {
  const { clock, log, file } = options
  const nodesMax = options.nodesMax ?? ROSTER_NODES_MAX
  const textBytesMax = options.textBytesMax ?? ROSTER_TEXT_BYTES_MAX
  const nodes = new Map<string, Node>()
  const pool = createTextPool()
  let sinceMs = clock.now()
  let sorted: Node[] | undefined
  let cancelSave: (() => void) | undefined
  let saveAtMs = Number.POSITIVE_INFINITY
  let saving: Promise<void> = Promise.resolve()
  let fullSaid = false

  const lostSinceMs = (node: Node, nowMs = clock.now()): number | undefined => {
    const untilMs = node.lastSeenMs + MISSED_MAX * node.intervalSeconds * 1000
    return nowMs > untilMs ? untilMs : undefined
  }

  const inOrder = (): Node[] => {
    sorted ??= [...nodes.values()].sort((a, b) => (a.identity < b.identity ? -1 : 1))
    return sorted
  }

  const living = (): Node[] => {
    const nowMs = clock.now()
    return inOrder().filter((node) => lostSinceMs(node, nowMs) === undefined)
  }

  const giveBack = (node: Node): void => {
    for (const id of [node.agents, node.classes, node.collectives, ...(node.facts ?? [])]) pool.give(id)
  }

  const put = (
    identity: string,
    registration: Omit<Registration, 'leaving'>,
    sentAtMs: number,
    lastSeenMs: number,
  ): void => {
    const old = nodes.get(identity)
    const facts = registration.facts && pool.size() < textBytesMax ? factPairs(registration.facts) : null
    nodes.set(identity, {
      identity,
      agents: pool.take(JSON.stringify(registration.agents)),
      classes: pool.take(JSON.stringify(registration.classes)),
      collectives: pool.take(JSON.stringify(registration.collectives)),
      facts,
      version: registration.version,
      intervalSeconds: Math.min(registration.intervalSeconds || INTERVAL_SECONDS_UNKNOWN, INTERVAL_SECONDS_MAX),
      sentAtMs,
      lastSeenMs,
    })
    if (old) giveBack(old)
    sorted = undefined
    saveSoon(old && isSameDescription(old, nodes.get(identity)) ? SAVE_AFTER_SIGN_MS : SAVE_AFTER_CHANGE_MS)
  }

  const factPairs = (facts: Values): Uint32Array | null => {
    const texts = Object.entries(facts).map(([name, value]) => [name, JSON.stringify(value)] as const)
    // Nodes keep to this bound themselves; a stranger's registration does not.
    const size = texts.reduce((sum, [name, text]) => sum + name.length + text.length, 0)
    if (size > REGISTRATION_FACTS_BYTES_MAX) return null
    const pairs = texts.map(([name, text]): [number, number] => [pool.take(name), pool.take(text)])
    return Uint32Array.from(pairs.sort((a, b) => a[0] - b[0]).flat())
  }

  const remove = (identity: string): boolean => {
    const node = nodes.get(identity)
    if (!node) return false
    nodes.delete(identity)
    giveBack(node)
    sorted = undefined
    saveSoon(SAVE_AFTER_CHANGE_MS)
    return true
  }

  /** Makes room by what has been lost the longest. */
  const hasRoom = (): boolean => {
    if (nodes.size < nodesMax) return true
    let oldest: Node | undefined
    for (const node of nodes.values()) {
      if (lostSinceMs(node) !== undefined && (!oldest || node.lastSeenMs < oldest.lastSeenMs)) oldest = node
    }
    return oldest !== undefined && remove(oldest.identity)
  }

  const saveSoon = (ms: number): void => {
    if (file === undefined || clock.monotonic() + ms >= saveAtMs) return
    saveAtMs = clock.monotonic() + ms
    cancelSave?.()
    cancelSave = clock.after(ms, save)
  }

  const save = (): void => {
    cancelSave?.()
    cancelSave = undefined
    saveAtMs = Number.POSITIVE_INFINITY
    if (file === undefined) return
    saving = saving.then(async () => {
      try {
        await saveRoster(file, { savedAtMs: clock.now(), sinceMs }, savedNodes())
      } catch (error) {
        log.error(`cannot write the roster ${file}: ${messageOf(error)}; it will be incomplete after a restart`)
      }
    })
  }

  /** While this is read bit by bit registrations go on; each node is whole in itself. */
  function* savedNodes(): Generator<SavedNode> {
    for (const node of inOrder()) {
      if (nodes.get(node.identity) !== node) continue
      const lostMs = lostSinceMs(node)
      if (lostMs !== undefined && clock.now() - lostMs > FORGET_LOST_AFTER_MS) continue
      const { identity, sentAtMs, lastSeenMs, version, intervalSeconds } = node
      yield {
        identity,
        sentAtMs,
        lastSeenMs,
        version,
        intervalSeconds,
        lists: [node.agents, node.classes, node.collectives].map((id) => pool.text(id)),
        facts: node.facts && [...node.facts].map((id) => pool.text(id)),
      }
    }
  }

  return {
    async load() {
      if (file === undefined) return
      try {
        const saved = await loadRoster(file)
        if (!saved) return
        for (const node of saved.nodes) {
          if (nodes.has(node.identity) || nodes.size >= nodesMax) continue
          const [agents, classes, collectives] = node.lists.map((text) => JSON.parse(text) as string[])
          const registration = {
            agents: agents ?? [],
            classes: classes ?? [],
            collectives: collectives ?? [],
            facts: factsOf(node),
          }
          put(
            node.identity,
            { ...registration, version: node.version, intervalSeconds: node.intervalSeconds },
            node.sentAtMs,
            node.lastSeenMs,
          )
        }
        if (clock.now() - saved.savedAtMs < SHORT_ABSENCE_MS) sinceMs = Math.min(sinceMs, saved.sinceMs)
      } catch (error) {
        log.error(`cannot read the roster ${file}: ${messageOf(error)}; it begins anew`)
      }
    },
    record(request) {
      if (request.body.kind !== 'registration') return
      const { registration } = request.body
      const known = nodes.get(request.sender)
      if (known && known.sentAtMs > request.sentAtMs) return
      if (registration.leaving) return void remove(request.sender)
      if (!known && !hasRoom()) {
        if (!fullSaid)
          log.error(`the roster is full: it has ${nodesMax} nodes; ${request.sender} and others are not on it`)
        fullSaid = true
        return
      }
      put(request.sender, registration, request.sentAtMs, clock.now())
    },
    expected({ filter, agent, collective }) {
      const untilMs = clock.monotonic() + ROSTER_DECIDE_MS_MAX
      const isOver = (): boolean => clock.monotonic() > untilMs
      const decide = createDecision(filter, pool, isOver)
      const hasAgent = membership(pool, agent === 'mcollective' ? 'controller' : agent)
      const inCollective = membership(pool, collective)
      const found = { nodes: [] as string[], undecided: [] as string[], total: 0, sinceMs }
      const nowMs = clock.now()
      let over = false
      for (const node of inOrder()) {
        if (lostSinceMs(node, nowMs) !== undefined) continue
        if (++found.total % 128 === 0) over = isOver()
        if (!hasAgent(node.agents) || !inCollective(node.collectives)) continue
        const decision = over ? 'undecided' : decide(node)
        if (decision === 'yes') found.nodes.push(node.identity)
        else if (decision === 'undecided') found.undecided.push(node.identity)
      }
      if (fullSaid || clock.now() < sinceMs + options.intervalSeconds * 1000) found.undecided.push(UNHEARD)
      return found
    },
    list(names = []) {
      const readers = names.map((name) => [name, factReader(pool, name)] as const)
      return inOrder().map((node) => {
        const lostMs = lostSinceMs(node)
        const { identity, lastSeenMs, intervalSeconds, version } = node
        const facts = readers.flatMap(([name, read]) => {
          const text = read(node)
          return text === undefined ? [] : [[name, text.slice(0, ROSTER_LIST_FACT_CHARACTERS_MAX)] as const]
        })
        return {
          identity,
          lastSeenMs,
          intervalSeconds,
          version,
          ...(lostMs === undefined ? {} : { lostSinceMs: lostMs }),
          ...(names.length === 0 ? {} : { facts: Object.fromEntries(facts) }),
        }
      })
    },
    count: (what) => (what === 'facts' ? countFacts(living(), pool) : countNames(living(), pool, what)),
    countValues: (fact) => countValues(living(), pool, fact),
    forget: remove,
    size: () => nodes.size,
    async stop() {
      // Always: the time of the last writing tells how long the roster was away.
      save()
      await saving
    },
  }
}

function isSameDescription(a: Node, b: Node | undefined): boolean {
  return (
    b !== undefined &&
    a.agents === b.agents &&
    a.classes === b.classes &&
    a.collectives === b.collectives &&
    a.version === b.version &&
    String(a.facts) === String(b.facts)
  )
}

/** Tests whether a list, known by its number, has the name. */
function membership(pool: { text(id: number): string }, name: string | undefined): (list: number) => boolean {
  if (name === undefined) return () => true
  const known = new Map<number, boolean>()
  return (list) => {
    let has = known.get(list)
    if (has === undefined) {
      has = (JSON.parse(pool.text(list)) as string[]).includes(name)
      known.set(list, has)
    }
    return has
  }
}

function factsOf(node: SavedNode): Values | null {
  if (node.facts === null) return null
  const facts: Record<string, Value> = Object.create(null)
  for (let i = 0; i + 1 < node.facts.length; i += 2)
    facts[node.facts[i] ?? ''] = parseJson(node.facts[i + 1] ?? 'null') as Value
  return facts
}
