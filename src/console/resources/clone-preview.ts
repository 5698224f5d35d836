// What a clone would do, from the nodes themselves: they are asked how the resource is now, and for a run that only looks (noop). Nothing is
// concluded from what was inspected before. [live 4: preview is a real no-op run]

import { isMap } from '#base/is-map.ts'
import { CLONE_EFFECTS_MAX, CLONE_UNCONFIRMED_NODES_MAX } from '#base/limits.ts'
import type { Client } from '#client/api.ts'
import { rpcCommand } from '../api/command-line.ts'
import type { ClonePreview, CloneRequest } from '../api/resources.ts'
import { askNodes, NO_ANSWER, type NodeAnswer, type NodesAnswered } from './ask-nodes.ts'
import {
  type CloneStep,
  type CloneSteps,
  cloneSteps,
  concealed,
  createInputs,
  isSystemAccount,
  maskedToClone,
  shownParameters,
} from './clone-steps.ts'
import type { Inspector } from './inspector.ts'
import { sampleOf } from './node-sample.ts'
import { isAbsent, type RawResource, readResource, readResources, readWholeResource } from './read-resource.ts'
import { keyOf, stable } from './value-key.ts'

export type Effect = ClonePreview['effects'][number]['effect']

/** What would happen on one node. */
export interface NodeEffect {
  readonly node: string
  readonly effect: Effect
  /** As it is now, for people. */
  readonly properties: Readonly<Record<string, unknown>>
  readonly changes: readonly string[]
  readonly reason?: string
  readonly also: readonly string[]
  /** Of the state it was computed from; a clone does nothing where it has become another. */
  readonly stateKey?: string
}

export interface Previewed extends CloneSteps {
  readonly effects: readonly NodeEffect[]
  readonly confirm?: string
}

export interface SourceFound {
  readonly node: string
  readonly resource: RawResource
  /** The same as it is compared: long values cut. */
  readonly seen: RawResource
  readonly revealed: Readonly<Record<string, unknown>>
}

interface Asking {
  readonly client: Client
  readonly collective: string
  readonly signal?: AbortSignal
  /** Hears how far it is: the question, of how many, and how many nodes of those asked have answered it. */
  progress?(question: number, questions: number, answered: number, asked: number): void
  readonly inspector: Pick<Inspector, 'knowGroups' | 'groupNames' | 'shown'>
}

/** The first version of puppetral that knows noop: older ones would do what they are only asked to look at. */
const NOOP_VERSION = [0, 3] as const

/** Of a resource whose values were neither cut nor masked by us: of what a clone starts from, and finds again. */
export function stateKeyOf({ parameters }: RawResource): string {
  return keyOf(parameters)
}

/** The resource with its secrets, as far as the node shows them. undefined: it does not answer, or has none. */
export async function readSource(
  asking: Asking,
  type: string,
  title: string,
  node: string,
): Promise<SourceFound | undefined> {
  const ask = async (more: object): Promise<Pick<SourceFound, 'resource' | 'seen'> | undefined> => {
    const { answers } = await askNodes(asking.client, {
      ...questionOf(asking),
      ...{ action: 'find', inputs: { type, title, ...more }, nodes: [node] },
    })
    const answer = answers.get(node)
    const [resource, seen] = answer?.outcome === 'ok' ? [readWholeResource(answer.data), readResource(answer.data)] : []
    // What it is asked for and not what it calls it.
    return resource && seen && { resource: { ...resource, title }, seen: { ...seen, title } }
  }
  const found = await ask({})
  if (!found || isAbsent(found.resource)) return undefined
  if (type === 'user') await asking.inspector.knowGroups(asking.client, [node], asking.signal)
  const full = maskedToClone(type, found.resource).length > 0 ? await ask({ reveal: true }) : undefined
  return { node, ...found, revealed: full?.resource.parameters ?? {} }
}

export async function previewOn(
  asking: Asking,
  request: Pick<CloneRequest, 'type' | 'title' | 'options' | 'rollOut'>,
  source: SourceFound,
  nodes: readonly string[],
): Promise<Previewed> {
  const { type, title, options } = request
  const { client, inspector } = asking
  const { groupNames } = inspector
  const steps = cloneSteps({
    ...{ type, node: source.node, resource: source.resource, revealed: source.revealed, options },
    groupName: (gid) => groupNames.nameOf(source.node, gid),
    gidOf: (group) => groupNames.gidOf(source.node, group),
  })
  const question = questionOf(asking)
  const questions = 1 + steps.steps.length
  const heard = (number: number, asked: number) => (answered: number) =>
    asking.progress?.(number, questions, answered, asked)
  heard(1, nodes.length)(0)
  const [inventories, now] = await Promise.all([
    askNodes(client, { ...question, agent: 'rpcutil', action: 'agent_inventory', inputs: {}, nodes }),
    askNodes(client, {
      ...{ ...question, action: 'find', inputs: { type, title }, nodes },
      onAnswer: heard(1, nodes.length),
    }),
    type === 'user' || type === 'group' ? inspector.knowGroups(client, nodes, asking.signal) : undefined,
  ])
  const effects = new Map<string, NodeEffect>()
  const states = new Map<string, RawResource>()
  for (const node of nodes) {
    const state = stateOf(node, type, source, now.answers.get(node), inventories.answers.get(node))
    if ('effect' in state) effects.set(node, state)
    else states.set(node, state)
  }
  const eligible = [...states.keys()]
  const looked: NodesAnswered[] = []
  for (const [index, step] of steps.steps.entries()) {
    const onAnswer = heard(index + 2, eligible.length)
    onAnswer(0)
    const inputs = createInputs(step, true)
    looked.push(await askNodes(client, { ...question, action: 'create', inputs, nodes: eligible, onAnswer }))
  }
  const uids = type === 'user' && options.keepIds === true ? await usersByUid(asking, eligible) : undefined
  for (const [node, resource] of states) {
    const seen = inspector.shown(type, node, readResource(resource) ?? resource)
    const effect = effectOf(node, steps.steps, looked, resource)
    const conflicts = conflictsOn(node, steps.steps, resource, groupNames, uids)
    const reason = effect.reason ?? (conflicts.length > 0 ? conflicts.join('; ') : undefined)
    effects.set(node, {
      ...effect,
      properties: isAbsent(resource) ? {} : seen.properties,
      stateKey: stateKeyOf(resource),
      ...(reason === undefined ? {} : { reason }),
    })
  }
  const ordered = nodes.flatMap((node) => effects.get(node) ?? [])
  const system =
    steps.isSystem ||
    (type === 'user' && [...states.values()].some((one) => !isAbsent(one) && isSystemAccount({ ...one, title })))
  const acting = ordered.filter(({ effect }) => effect === 'create' || effect === 'change').length
  const confirm = system ? title : acting > CLONE_UNCONFIRMED_NODES_MAX ? String(acting) : undefined
  return { ...steps, isSystem: system, effects: ordered, ...(confirm === undefined ? {} : { confirm }) }
}

function questionOf({ collective, signal }: Asking): { collective: string; signal?: AbortSignal } {
  return { collective, ...(signal ? { signal } : {}) }
}

/** The present state, or why nothing can be done there. */
function stateOf(
  node: string,
  type: string,
  source: SourceFound,
  answer: NodeAnswer | undefined,
  inventory: NodeAnswer | undefined,
): RawResource | NodeEffect {
  const none = (effect: Effect, reason: string): NodeEffect => ({
    ...{ node, effect, reason, properties: {}, changes: [], also: [] },
  })
  if (!answer) return none('noResponse', NO_ANSWER)
  if (answer.outcome !== 'ok') return none('failed', answer.message)
  const resource = readWholeResource(answer.data)
  if (!resource) return none('failed', 'it answered something that is no resource')
  const version = versionOf(inventory)
  if (version === undefined) return none('excluded', 'it does not tell the version of its agent puppetral')
  if (!atLeast(version)) return none('excluded', `its agent puppetral ${version} cannot tell what it would do: 0.3 can`)
  const [wanted, has] = [source.resource.parameters.provider, resource.parameters.provider]
  if (type === 'package' && SYSTEM_PACKAGES.has(String(wanted)) && SYSTEM_PACKAGES.has(String(has)) && wanted !== has)
    return none('excluded', `it installs packages with ${String(has)}, not ${String(wanted)}`)
  return resource
}

/** Of which a node has one; a version of one means nothing to another. */
const SYSTEM_PACKAGES: ReadonlySet<string> = new Set([
  ...['apt', 'aptitude', 'aptrpm', 'dpkg', 'yum', 'dnf', 'dnfmodule', 'tdnf', 'rpm', 'zypper', 'up2date', 'urpmi'],
  ...['pacman', 'portage', 'portupgrade', 'ports', 'pkgng', 'pkg', 'pkgin', 'openbsd', 'freebsd', 'sun', 'aix', 'hpux'],
  ...['macports', 'homebrew', 'pkgdmg', 'apple', 'appdmg', 'windows', 'opkg', 'nim'],
])

function versionOf(inventory: NodeAnswer | undefined): string | undefined {
  if (inventory?.outcome !== 'ok' || !isMap(inventory.data) || !Array.isArray(inventory.data.agents)) return undefined
  const known = inventory.data.agents.find((one) => isMap(one) && one.agent === 'puppetral')
  return isMap(known) && typeof known.version === 'string' ? known.version.slice(0, 50) : undefined
}

function atLeast(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0)
  return major > NOOP_VERSION[0] || (major === NOOP_VERSION[0] && minor >= NOOP_VERSION[1])
}

function effectOf(
  node: string,
  steps: readonly CloneStep[],
  looked: readonly NodesAnswered[],
  now: RawResource,
): NodeEffect {
  const also: string[] = []
  const empty = { node, properties: {}, changes: [], also }
  let changes: string[] = []
  for (const [index, step] of steps.entries()) {
    const answer = looked[index]?.answers.get(node)
    if (!answer) return { ...empty, effect: 'noResponse', reason: NO_ANSWER }
    const isMain = index === steps.length - 1
    if (answer.outcome !== 'ok') {
      const message = concealed(answer.message, steps)
      if (isMain && step.type === 'package' && /provider \S+ is not functional|unsuitable provider/i.test(message))
        return { ...empty, effect: 'excluded', reason: message }
      return { ...empty, effect: 'failed', reason: isMain ? message : `${step.type} ${step.title}: ${message}` }
    }
    const events = wouldChange(answer.data)
    if (events === undefined) {
      // Never the case with the version asked for: it would mean that the node did it.
      return { ...empty, effect: 'failed', reason: 'it does not say what it would do' }
    }
    if (isMain) changes = events
    else if (events.length > 0)
      also.push(`${step.type} ${step.title} would be ${events.includes('ensure') ? 'created' : 'changed'}`)
  }
  if (changes.length === 0) return { ...empty, effect: also.length > 0 ? 'change' : 'nothing' }
  if (isAbsent(now)) {
    const made = Object.keys(steps.at(-1)?.parameters ?? {}).filter((name) => name !== 'managehome')
    return { ...empty, effect: 'create', changes: shownNames(steps, made) }
  }
  return { ...empty, effect: 'change', changes: shownNames(steps, changes) }
}

function shownNames(steps: readonly CloneStep[], names: readonly string[]): string[] {
  const isUser = steps.at(-1)?.type === 'user'
  return [...new Set(names.map((name) => (isUser && name === 'gid' ? 'group' : name)))].sort()
}

/** Names of properties in the answer to a noop; undefined: it was none. */
export function wouldChange(data: unknown): string[] | undefined {
  if (!isMap(data) || !Array.isArray(data.events)) return undefined
  const events = data.events.filter(isMap).filter(({ status }) => status === 'noop')
  return events.map(({ property }) => String(property).slice(0, 100)).slice(0, 200)
}

type UsersByUid = ReadonlyMap<string, ReadonlyMap<string, string>>

async function usersByUid(asking: Asking, nodes: readonly string[]): Promise<UsersByUid> {
  const { answers } = await askNodes(asking.client, {
    ...questionOf(asking),
    ...{ action: 'search', inputs: { type: 'user' }, nodes },
  })
  const users = new Map<string, Map<string, string>>()
  for (const [node, { outcome, data }] of answers) {
    const found = outcome === 'ok' ? (readResources(data)?.resources ?? []) : []
    users.set(node, new Map(found.map(({ title, parameters }) => [String(parameters.uid), title])))
  }
  return users
}

/** Ids that cannot be kept on the node. */
function conflictsOn(
  node: string,
  steps: readonly CloneStep[],
  now: RawResource,
  groupNames: Inspector['groupNames'],
  uids: UsersByUid | undefined,
): string[] {
  return steps.flatMap(({ type, title, parameters, avoidConflict }, index) => {
    if (avoidConflict === undefined) return []
    const id = String(parameters[avoidConflict])
    const owner = type === 'user' ? uids?.get(node)?.get(id) : groupNames.nameOf(node, id)
    if (owner !== undefined && owner !== title)
      return [`${avoidConflict} ${id} is taken by ${owner}: ${title} gets another`]
    const isMain = index === steps.length - 1
    const has = isMain && !isAbsent(now) ? now.parameters[avoidConflict] : undefined
    return has !== undefined && String(has) !== id ? [`${title} keeps its ${avoidConflict} ${String(has)}`] : []
  })
}

/** Equal states with equal effects together: what acts first, then the largest. */
export function groupedEffects(effects: readonly NodeEffect[]): {
  readonly shown: ClonePreview['effects']
  readonly counts: ClonePreview['counts']
  /** Nodes by key. */
  readonly nodes: ReadonlyMap<string, readonly string[]>
} {
  const counts = { create: 0, change: 0, nothing: 0, excluded: 0, failed: 0, noResponse: 0 }
  const groups = new Map<string, { readonly like: NodeEffect; readonly nodes: string[] }>()
  for (const one of effects) {
    counts[one.effect] += 1
    const { effect, properties, changes, reason, also } = one
    const key = keyOf({ text: stable([effect, properties, changes, reason ?? null, also]) })
    const group = groups.get(key) ?? { like: one, nodes: [] }
    groups.set(key, group)
    group.nodes.push(one.node)
  }
  const order = Object.keys(counts)
  const ordered = [...groups]
    .sort(
      ([, a], [, b]) => order.indexOf(a.like.effect) - order.indexOf(b.like.effect) || b.nodes.length - a.nodes.length,
    )
    .slice(0, CLONE_EFFECTS_MAX)
  const shown = ordered.map(([key, { like, nodes }]) => ({
    ...{ key, effect: like.effect, properties: like.properties, changes: [...like.changes], also: [...like.also] },
    ...(like.reason === undefined ? {} : { reason: like.reason }),
    nodes: sampleOf(nodes),
  }))
  return { shown, counts, nodes: new Map(ordered.map(([key, { nodes }]) => [key, [...nodes].sort()])) }
}

/** One `mco rpc` per step; secrets are `*****`. */
export function cloneCommand(steps: readonly CloneStep[], nodes: readonly string[], noop = false): string {
  return steps
    .map((step) => {
      const parameters = shownParameters(step.parameters, step.secrets)
      const inputs = { ...createInputs(step, noop), parameters }
      return rpcCommand({ agent: 'puppetral', action: 'create', inputs, target: { kind: 'nodes', nodes } })
    })
    .join(' && ')
}
