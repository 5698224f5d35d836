// Puts back what was before a clone, per node and in reverse order. First all of a node is looked at: where something is no longer as the
// clone left it, somebody else was there since, and the node is left alone and named. What the clone made is removed; home directories and
// passwords nobody knows are left. What was before the undo is written down as well, so that it can be undone in its turn.
// [issue: undo from recorded before-state]

import type { Clock } from '#base/clock.ts'
import { UNDO_CALLS_AT_ONCE_MAX } from '#base/limits.ts'
import type { Value, Values } from '#message/request.ts'
import type { JobHands } from '../jobs/job-engine.ts'
import { createTurns } from '../turns.ts'
import type { Before, BeforesShelf } from './befores-shelf.ts'
import { wouldChange } from './clone-preview.ts'
import { concealed, createInputs, NO_PROPERTIES } from './clone-steps.ts'
import { aliveOf, askInJob } from './clone-work.ts'
import { isAbsent, type RawResource, readWholeResource } from './read-resource.ts'
import { inGroups } from './roll-out.ts'
import { isMaskedValue } from './type-rules.ts'
import { stable } from './value-key.ts'

export interface UndoWork {
  /** The job that is undone. */
  readonly of: string
  readonly befores: BeforesShelf
  readonly clock: Clock
}

export async function undoOnNodes(hands: JobHands, work: UndoWork): Promise<void> {
  await inGroups(hands, work.clock, { nodes: hands.nodes }, (some) => undoGroup(hands, work, some))
}

/** What has to be done for one resource of a node. */
export interface Restoration {
  readonly before: Before
  readonly inputs: Values
  /** `removed`, `restored` or `made again`. */
  readonly word: string
  /** Properties that stay as they are. */
  readonly left: readonly string[]
}

type Alive = ReturnType<typeof aliveOf>

async function undoGroup(hands: JobHands, work: UndoWork, nodes: readonly string[]): Promise<number> {
  const alive = aliveOf(hands, nodes)
  const befores = await work.befores.of(work.of, nodes)
  const todo = new Map<string, Before[]>()
  for (const node of nodes) {
    const own = befores.get(node) ?? []
    if (own.length === 0) await alive.lose(node, 'failed', 'nothing is recorded of what was before')
    else
      todo.set(
        node,
        own.filter((before) => !wasSatisfied(before)),
      )
  }
  const resources = resourcesIn(todo)
  const found = new Map<Before, RawResource>()
  for (const resource of resources) await check(hands, alive, resource, todo, found)
  if (hands.stopping.aborted) {
    for (const node of [...alive.nodes]) await alive.lose(node, 'notAddressed', 'stopped before anything was changed')
    return alive.lost
  }
  const own = [...alive.nodes].flatMap((node) => todo.get(node) ?? [])
  await work.befores.add(
    hands.id,
    own.flatMap((before) => {
      const now = found.get(before)
      return now ? [beforeUndo(before, now, orderOf(resources, before))] : []
    }),
  )
  const told = new Map<string, string[]>()
  const turns = createTurns(UNDO_CALLS_AT_ONCE_MAX)
  for (const resource of resources.toReversed()) {
    const calls = sameCalls([...alive.nodes].flatMap((node) => pick(todo, node, resource) ?? []).map(restorationOf))
    await Promise.all(calls.map((call) => turns(() => restore(hands, alive, call, told))))
  }
  for (const node of alive.nodes) {
    const done = told.get(node) ?? []
    await hands.result({ node, outcome: 'ok', message: done.length > 0 ? done.join('; ') : 'it was as before already' })
  }
  return alive.lost
}

/** The clone had nothing to change there. */
export function wasSatisfied({ step, parameters }: Before): boolean {
  if (isAbsent({ parameters })) return false
  return Object.entries(step.parameters).every(([name, wanted]) => {
    if (name === step.avoidConflict || NO_PROPERTIES.has(name)) return true
    const was = parameters[name]
    if (name === 'ensure' && wanted === 'present') return true
    if (name === 'groups' && Array.isArray(wanted) && Array.isArray(was))
      return wanted.every((one) => was.includes(one))
    return was !== undefined && stable(was) === stable(wanted)
  })
}

/** Everything of the step is as it was before. Secrets cannot be seen. */
function isAsBefore(before: Before, now: RawResource): boolean {
  const { step, parameters } = before
  if (isAbsent({ parameters })) return isAbsent(now)
  if (isAbsent(now) || step.secrets.length > 0) return false
  return namesOf(before).every(
    (name) => NO_PROPERTIES.has(name) || stable(parameters[name]) === stable(now.parameters[name]),
  )
}

/** What is put back: what the step has set; when it has taken the resource away, all that is recorded of it. */
function namesOf({ step, parameters }: Before): string[] {
  return Object.keys(isAbsent(step) ? parameters : step.parameters)
}

/** The undo as a step of its own, for the undo of it: what it wants, and how what the clone has set is now. */
function beforeUndo(before: Before, now: RawResource, order: number): Before {
  const { node, step } = before
  const { type, title, secrets } = step
  const parameters: Record<string, unknown> = Object.create(null)
  for (const name of new Set(['ensure', ...Object.keys(step.parameters)])) {
    if (NO_PROPERTIES.has(name)) continue
    // The look has shown that a secret is the one the clone has set.
    const value = secrets.includes(name) ? step.parameters[name] : now.parameters[name]
    if (value !== undefined && !isMaskedValue(value)) parameters[name] = value
  }
  const unknown = secrets.filter((name) => !(name in parameters))
  const wanted = restorationOf(before).inputs.parameters as Values
  return { node, order, parameters, unknown, step: { type, title, secrets, parameters: wanted } }
}

/** What is put back last is first to be undone. */
function orderOf(resources: readonly Resource[], { step }: Before): number {
  return resources.length - 1 - resources.findIndex(({ type, title }) => type === step.type && title === step.title)
}

/** Leaves alone the nodes on which the resource is neither as before nor as the clone left it. */
async function check(
  hands: JobHands,
  alive: Alive,
  resource: Resource,
  todo: Map<string, Before[]>,
  found: Map<Before, RawResource>,
): Promise<void> {
  const { type, title } = resource
  const what = `${type} ${title}`
  const asked = [...alive.nodes].filter((node) => pick(todo, node, resource))
  const { answers } = await askInJob(hands, 'find', { type, title }, asked)
  const differing: Before[] = []
  for (const node of asked) {
    const before = pick(todo, node, resource)
    const answer = answers.get(node)
    if (!before) continue
    if (!answer) {
      await alive.lose(node, 'noResponse', 'no answer; nothing was changed')
      continue
    }
    const now = answer.outcome === 'ok' ? readWholeResource(answer.data) : undefined
    if (!now) {
      const why = answer.outcome === 'ok' ? 'it answered something that is no resource' : answer.message
      const outcome = answer.outcome === 'refused' ? 'refused' : 'failed'
      await alive.lose(node, outcome, `${what} cannot be looked at: ${why}; nothing was changed`)
    } else if (isAsBefore(before, now)) {
      todo.set(
        node,
        (todo.get(node) ?? []).filter((one) => one !== before),
      )
    } else {
      const strangers = isAbsent(before) ? strangersIn(now, todo.get(node) ?? []) : []
      if (strangers.length > 0) {
        const members = strangers.slice(0, 10).join(', ')
        await alive.lose(
          node,
          'failed',
          `${what} was changed since by somebody: ${members} joined it; nothing was put back`,
        )
      } else {
        differing.push(before)
        found.set(before, now)
      }
    }
  }
  for (const { inputs, befores } of sameCalls(differing.map(leftByClone))) {
    const nodes = befores.map(({ node }) => node).filter((node) => alive.nodes.has(node))
    const { answers: looks } = await askInJob(hands, 'create', inputs, nodes)
    for (const { node, step } of befores) {
      const look = looks.get(node)
      if (!look) {
        await alive.lose(node, 'noResponse', 'no answer; nothing was changed')
        continue
      }
      const changes = look.outcome === 'ok' ? wouldChange(look.data) : undefined
      if (changes === undefined) {
        const why = look.outcome === 'ok' ? 'it does not say what it would do' : concealed(look.message, [step])
        await alive.lose(
          node,
          look.outcome === 'refused' ? 'refused' : 'failed',
          `${what} cannot be looked at: ${why}; nothing was changed`,
        )
      } else if (changes.length > 0) {
        const names = changes.join(', ')
        await alive.lose(node, 'failed', `${what} was changed since by somebody (${names}); nothing was put back`)
      }
    }
  }
}

/** A look whether all is as the clone left it: it would change nothing. */
function leftByClone(before: Before): Restoration {
  // A secret that can no longer be read is not compared.
  return { before, inputs: createInputs(before.step, true), word: '', left: [] }
}

/** Members of a group that is to be removed who are not removed themselves. */
function strangersIn({ parameters }: RawResource, own: readonly Before[]): string[] {
  if (!Array.isArray(parameters.members)) return []
  const users = new Set(own.filter(({ step }) => step.type === 'user').map(({ step }) => step.title))
  return parameters.members.filter((name) => typeof name === 'string' && !users.has(name))
}

export function restorationOf(before: Before): Restoration {
  const { step, parameters } = before
  const { type, title } = step
  const provider = step.parameters.provider === undefined ? {} : { provider: step.parameters.provider }
  if (isAbsent({ parameters })) {
    const left = step.parameters.managehome === true ? ['its home directory'] : []
    const wanted = { ensure: parameters.ensure as Value, ...provider }
    return { before, inputs: createInputs({ type, title, parameters: wanted }), word: 'removed', left }
  }
  const left: string[] = []
  const back: Record<string, Value> = { ...provider }
  for (const name of namesOf(before)) {
    if (NO_PROPERTIES.has(name) || name === step.avoidConflict) continue
    const was = parameters[name] as Value | undefined
    if (was !== undefined) back[name] = was
    else if (step.secrets.includes(name)) left.push(name)
    else back[name] = emptyOf(name)
    if (name === 'groups') back.membership = 'inclusive'
  }
  return {
    before,
    inputs: createInputs({ type, title, parameters: back }),
    word: isAbsent(step) ? 'made again' : 'restored',
    left,
  }
}

/** Nodes do not tell what is empty. */
function emptyOf(name: string): Value {
  if (name === 'groups' || name === 'members' || name === 'host_aliases') return []
  return name === 'comment' ? '' : 'absent'
}

interface SameCall {
  readonly inputs: Values
  readonly befores: readonly Before[]
  readonly word: string
  readonly left: readonly string[]
}

/** Nodes with equal inputs are one call. */
export function sameCalls(restorations: readonly Restoration[]): SameCall[] {
  const calls = new Map<string, Omit<SameCall, 'befores'> & { readonly befores: Before[] }>()
  for (const { before, inputs, word, left } of restorations) {
    const key = stable([inputs, left])
    const call = calls.get(key) ?? { inputs, word, left, befores: [] }
    calls.set(key, call)
    call.befores.push(before)
  }
  return [...calls.values()]
}

async function restore(hands: JobHands, alive: Alive, call: SameCall, told: Map<string, string[]>): Promise<void> {
  const { inputs, befores, word, left } = call
  const nodes = befores.map(({ node }) => node)
  const { answers, notSent } = await askInJob(hands, 'create', inputs, nodes)
  for (const { node, step } of befores) {
    const what = `${step.type} ${step.title}`
    const answer = answers.get(node)
    const done = told.get(node) ?? []
    told.set(node, done)
    const after = done.length > 0 ? `; done before it: ${done.join('; ')}` : ''
    if (!answer && notSent.has(node)) await alive.lose(node, 'failed', `stopped before ${what}${after}`)
    else if (!answer) await alive.lose(node, 'noResponse', `no answer to ${what}; what it did is not known${after}`)
    else if (answer.outcome !== 'ok')
      await alive.lose(node, answer.outcome, `${what}: ${concealed(answer.message, [step])}${after}`)
    else done.push(`${what} ${word}${left.length > 0 ? `, but ${left.join(', ')} left as it is` : ''}`)
  }
}

interface Resource {
  readonly type: string
  readonly title: string
}

/** In the order they were changed. */
function resourcesIn(todo: ReadonlyMap<string, readonly Before[]>): Resource[] {
  const orders = new Map<string, { readonly resource: Resource; readonly order: number }>()
  for (const own of todo.values())
    for (const { step, order } of own) {
      const resource = { type: step.type, title: step.title }
      orders.set(JSON.stringify([step.type, step.title]), { resource, order })
    }
  return [...orders.values()].sort((a, b) => a.order - b.order).map(({ resource }) => resource)
}

function pick(
  todo: ReadonlyMap<string, readonly Before[]>,
  node: string,
  { type, title }: Resource,
): Before | undefined {
  return todo.get(node)?.find(({ step }) => step.type === type && step.title === title)
}
