// Where the console learns who is in the collective: from a keeper of the roster, or, when nobody keeps one, from the nodes themselves, whose
// inventories are then kept here as a roster would keep them. [live 2, 10: inventory store fed by registration]

import type { Clock } from '#base/clock.ts'
import { IDENTITY_PATTERN } from '#base/id.ts'
import { isMap } from '#base/is-map.ts'
import {
  FLEET_INVENTORIES_AT_ONCE_MAX,
  FLEET_TEXT_CHARACTERS_MAX,
  NAME_LENGTH_MAX,
  ROSTER_DECIDE_MS_MAX,
} from '#base/limits.ts'
import type { CallReply, Client } from '#client/api.ts'
import type { Filter } from '#message/filter.ts'
import type { Value, Values } from '#message/request.ts'
import { type Counts, countFacts, countNames, countValues, factReader } from '#rpc/roster/counts.ts'
import { createDecision, type Described } from '#rpc/roster/decide.ts'
import { createTextPool } from '#rpc/roster/text-pool.ts'
import { isVolatileFact } from '#rpc/roster/volatile-facts.ts'
import { toldMs } from './told-time.ts'

/** A node as a source knows it. Times in milliseconds since 1970. */
export interface FleetNode {
  readonly name: string
  readonly version?: string
  readonly lastSeenMs?: number
  readonly lostSinceMs?: number
  /** Texts of FLEET_FACTS by name, as far as it has them. */
  readonly facts: Readonly<Record<string, string>>
}

/** Facts of every node that the console keeps. */
export const FLEET_FACTS = [
  'hostname',
  'fqdn',
  'operatingsystem',
  'operatingsystemrelease',
  'os.name',
  'os.release.full',
  'puppetversion',
] as const

export interface FleetMatch {
  readonly nodes: ReadonlySet<string>
  readonly undecided: ReadonlySet<string>
}

export interface FleetSource {
  readonly kind: 'roster' | 'discovery'
  match(filter: Filter): Promise<FleetMatch>
  count(what: 'facts' | 'classes' | 'agents'): Promise<Counts>
  countValues(fact: string): Promise<Counts>
}

export interface FleetAnswer {
  readonly source: FleetSource
  readonly nodes: readonly FleetNode[]
  /** true: it will soon know more, e.g. of nodes that have not registered yet. */
  readonly incomplete?: boolean
}

export interface FleetParts {
  readonly clock: Clock
  readonly collective: string
  readonly discoveryTimeoutSeconds: number
  client(): Promise<Client>
}

const EMPTY: Counts = { counts: [], more: 0 }

/** Asks a keeper of the roster. Resolves to undefined when there is none. Rejects when there is no bus. */
export async function askRosterKeeper(parts: FleetParts): Promise<FleetAnswer | undefined> {
  const everybody = { collective: parts.collective }
  const [list, expected] = await Promise.all([
    askKeeper(parts, 'list', { facts: FLEET_FACTS.join(',') }),
    askKeeper(parts, 'expected', everybody),
  ])
  if (!Array.isArray(list?.nodes)) return undefined
  const listed = list.nodes.flatMap((node) => rosterNode(node))
  const unlisted = isComplete(expected) ? [] : await others(parts, new Set(listed.map(({ name }) => name)))
  const countsOf = async (action: string, output: string, inputs: Values = {}): Promise<Counts> => {
    const data = await askKeeper(parts, action, inputs)
    return data ? countsIn(data[output], data.more) : EMPTY
  }
  return {
    nodes: [...listed, ...unlisted],
    incomplete: unlisted.length > 0,
    source: {
      kind: 'roster',
      async match(filter) {
        const data = await askKeeper(parts, 'expected', {
          filter: JSON.stringify(filter),
          collective: parts.collective,
        })
        const undecided = [...textsIn(data?.undecided), ...unlisted.map(({ name }) => name)]
        return { nodes: new Set(textsIn(data?.nodes)), undecided: new Set(undecided) }
      },
      count: (what) => countsOf(what, what),
      countValues: (fact) => countsOf('values', 'values', { fact }),
    },
  }
}

/** false: there may be nodes that have not registered since the keeper began to listen. */
function isComplete(expected: Values | undefined): boolean {
  return !textsIn(expected?.undecided).includes(UNHEARD)
}

/** Stands for nodes a roster cannot have heard of yet. [agents 16] */
const UNHEARD = '*'

/** Nodes that answer and are not on the roster. */
async function others(parts: FleetParts, listed: ReadonlySet<string>): Promise<FleetNode[]> {
  const { collective, discoveryTimeoutSeconds, clock } = parts
  const { nodes } = await (await parts.client()).discover({ collective, discoveryTimeoutSeconds }).result
  return nodes.filter((name) => !listed.has(name)).map((name) => ({ name, facts: {}, lastSeenMs: clock.now() }))
}

/** The first good answer counts: keepers know the same. */
async function askKeeper(parts: FleetParts, action: string, inputs: Values): Promise<Values | undefined> {
  const client = await parts.client()
  const call = client.agent('roster').call(action, inputs, {
    collective: parts.collective,
    discoveryTimeoutSeconds: parts.discoveryTimeoutSeconds,
  })
  let found: Values | undefined
  for await (const reply of call) {
    if (found || reply.statusCode !== 0) continue
    found = reply.data as Values
    call.stop()
  }
  await call.summary
  return found
}

function rosterNode(value: Value): FleetNode[] {
  if (!isMap(value) || typeof value.identity !== 'string') return []
  const { identity, version, lastseen, lost, facts } = value
  // Whoever has the agent may keep a roster: a name that cannot be a node's would end every job on all nodes.
  if (identity.length > NAME_LENGTH_MAX || !IDENTITY_PATTERN.test(identity)) return []
  const [lastSeenMs, lostSinceMs] = [toldMs(lastseen), toldMs(lost)]
  const texts = isMap(facts) ? Object.entries(facts).filter(([, text]) => typeof text === 'string') : []
  return [
    {
      name: identity,
      facts: Object.fromEntries(texts) as Readonly<Record<string, string>>,
      ...(typeof version === 'string' ? { version } : {}),
      ...(lastSeenMs === undefined ? {} : { lastSeenMs }),
      ...(lostSinceMs === undefined ? {} : { lostSinceMs }),
    },
  ]
}

function countsIn(value: Value | undefined, more: Value | undefined): Counts {
  const all = Array.isArray(value) ? (value as readonly Value[]) : []
  const counts = all.flatMap((one) =>
    isMap(one) && typeof one.name === 'string' && typeof one.nodes === 'number'
      ? [{ name: one.name, nodes: one.nodes }]
      : [],
  )
  return { counts, more: typeof more === 'number' ? more : 0 }
}

function textsIn(value: Value | undefined): string[] {
  return Array.isArray(value) ? (value as readonly Value[]).filter((one) => typeof one === 'string') : []
}

/** A node found by asking, with its inventory as far as it has been read. */
interface Found extends Described {
  readonly collectives: number
  readonly version: string | undefined
  readonly readAtMs: number
}

/** Inventories are read again after so long, milliseconds. */
const INVENTORY_AGE_MS = 600_000

/** Finds nodes by asking them all; keeps what they say of themselves between the times it is asked. */
export function createDiscoveredFleet(parts: FleetParts): { ask(): Promise<FleetAnswer> } {
  const { clock } = parts
  const pool = createTextPool()
  const known = new Map<string, Found>()

  const source: FleetSource = {
    kind: 'discovery',
    async match(filter) {
      const untilMs = clock.monotonic() + ROSTER_DECIDE_MS_MAX
      const decide = createDecision(filter, pool, () => clock.monotonic() > untilMs)
      const nodes = new Set<string>()
      const undecided = new Set<string>()
      for (const node of known.values()) {
        const decision = node.readAtMs === 0 ? 'undecided' : decide(node)
        if (decision === 'yes') nodes.add(node.identity)
        else if (decision === 'undecided') undecided.add(node.identity)
      }
      return { nodes, undecided }
    },
    count: async (what) =>
      what === 'facts' ? countFacts(known.values(), pool) : countNames(known.values(), pool, what),
    countValues: async (fact) => countValues(known.values(), pool, fact),
  }

  return {
    async ask() {
      const client = await parts.client()
      const { collective, discoveryTimeoutSeconds } = parts
      const { nodes } = await client.discover({ collective, discoveryTimeoutSeconds }).result
      const here = new Set(nodes)
      for (const [name, node] of known) if (!here.has(name)) drop(name, node)
      for (const name of nodes) if (!known.has(name)) put(name, undefined)
      const old = nodes.filter((name) => clock.now() - (known.get(name)?.readAtMs ?? 0) > INVENTORY_AGE_MS)
      for (let i = 0; i < old.length; i += FLEET_INVENTORIES_AT_ONCE_MAX)
        await readInventories(client, old.slice(i, i + FLEET_INVENTORIES_AT_ONCE_MAX))
      const readers = FLEET_FACTS.map((fact) => [fact, factReader(pool, fact)] as const)
      return { source, nodes: [...known.values()].map((node) => fleetNode(node, readers)) }
    },
  }

  async function readInventories(client: Client, names: readonly string[]): Promise<void> {
    const call = client.agent('rpcutil').call('inventory', {}, { nodes: names, collective: parts.collective })
    for await (const reply of call) if (reply.expected && reply.statusCode === 0) put(reply.sender, reply as CallReply)
    await call.summary
  }

  function put(name: string, reply: CallReply | undefined): void {
    const old = known.get(name)
    const { facts, classes, agents, collectives, version } = reply?.data ?? {}
    known.set(name, {
      identity: name,
      agents: pool.take(JSON.stringify(textsIn(agents))),
      classes: pool.take(JSON.stringify(textsIn(classes))),
      collectives: pool.take(JSON.stringify(textsIn(collectives))),
      facts: reply && isMap(facts) && pool.size() < FLEET_TEXT_CHARACTERS_MAX ? factPairs(facts) : null,
      version: typeof version === 'string' ? version : undefined,
      readAtMs: reply ? clock.now() : 0,
    })
    if (old) giveBack(old)
  }

  function factPairs(facts: Values): Uint32Array {
    const stable = Object.entries(facts).filter(([name]) => !isVolatileFact(name))
    const pairs = stable.map(([name, value]): [number, number] => [pool.take(name), pool.take(JSON.stringify(value))])
    return Uint32Array.from(pairs.sort((a, b) => a[0] - b[0]).flat())
  }

  function drop(name: string, node: Found): void {
    known.delete(name)
    giveBack(node)
  }

  function giveBack(node: Found): void {
    for (const id of [node.agents, node.classes, node.collectives, ...(node.facts ?? [])]) pool.give(id)
  }

  function fleetNode(node: Found, readers: readonly (readonly [string, ReturnType<typeof factReader>])[]): FleetNode {
    const facts = readers.flatMap(([name, read]) => {
      const text = read(node)
      return text === undefined ? [] : [[name, text] as const]
    })
    return {
      name: node.identity,
      lastSeenMs: clock.now(),
      facts: Object.fromEntries(facts),
      ...(node.version === undefined ? {} : { version: node.version }),
    }
  }
}
