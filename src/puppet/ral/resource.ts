// Puppet's resources as plain values, and the four questions about them, answers checked: what the worker says is taken for what it should be
// only after a look. [agents 9]

import { TroupeError } from '#base/errors.ts'
import { MASKED } from '#base/secret-names.ts'
import { mapOf, type PuppetValue } from '../agent/puppet-value.ts'
import type { RalQuestion, RalWorker } from './ral-worker.ts'

export interface Resource {
  /** e.g. `File`. */
  readonly type: string
  readonly title: string
  readonly tags: readonly string[]
  readonly exported: boolean
  /** Properties as they are on the node; an absent resource has `ensure` only. */
  readonly parameters: Readonly<Record<string, PuppetValue>>
  /** Whether the node's last catalogue has it; `unknown` when Puppet has not written down what it manages. */
  readonly managed: boolean | 'unknown'
  /** Names of parameters that hold secrets. */
  readonly sensitive: readonly string[]
}

/** What happened, or with noop would have happened, to one property. */
export interface ResourceEvent {
  readonly property: string
  readonly message: string
  /** `success`, `failure`, `noop`, `audit`. */
  readonly status: string
  readonly previous: PuppetValue
  readonly desired: PuppetValue
}

export interface Created {
  readonly resource: Resource
  readonly events: readonly ResourceEvent[]
  readonly changed: boolean
}

export interface Wanted {
  readonly type: string
  readonly title: string
  readonly parameters: Readonly<Record<string, PuppetValue>>
  /** A parameter that is left out when another resource has its value already, or this one exists. */
  readonly avoidConflict?: string
  readonly noop?: boolean
}

interface AskOptions {
  readonly signal?: AbortSignal
}

/** Each throws what RalWorker.ask throws. */
export interface Ral {
  /** An absent resource is no failure. `provider`: that one only, e.g. `gem`. */
  find(type: string, title: string, options?: AskOptions & { readonly provider?: string }): Promise<Resource>
  /** Sorted by title. */
  search(type: string, options?: AskOptions & { readonly provider?: string }): Promise<readonly Resource[]>
  create(wanted: Wanted, options?: AskOptions): Promise<Created>
  /** Names of the types this node's Puppet knows, sorted, in lower case. */
  types(options?: AskOptions): Promise<readonly string[]>
}

export function createRal(worker: Pick<RalWorker, 'ask'>): Ral {
  const ask = async (question: RalQuestion, { signal }: AskOptions): Promise<Readonly<Record<string, PuppetValue>>> =>
    mapOf((await worker.ask(question, signal ? { signal } : {})) as PuppetValue)
  return {
    async find(type, title, { provider, ...options } = {}) {
      return resourceOf(await ask({ ask: 'find', type, title, ...(provider ? { provider } : {}) }, options))
    },
    async search(type, { provider, ...options } = {}) {
      const { resources } = await ask({ ask: 'search', type, ...(provider ? { provider } : {}) }, options)
      return listOf(resources).map(resourceOf)
    },
    async create({ type, title, parameters, avoidConflict, noop = false }, options = {}) {
      const conflict = avoidConflict === undefined ? {} : { avoid_conflict: avoidConflict }
      const result = await ask({ ask: 'create', type, title, parameters, noop, ...conflict }, options)
      return {
        resource: resourceOf(result.resource),
        events: eventsOf(result.events),
        changed: result.changed === true,
      }
    },
    async types(options = {}) {
      return listOf((await ask({ ask: 'types' }, options)).types).filter((name) => typeof name === 'string')
    },
  }
}

/** Names under which providers keep secrets without saying so; ages of passwords are none. */
const SECRET = /pass(?:wd|word|phrase)|secret|token|credential|private_?key|api_?key|psk/i

/** `isSecretParameter('password')`; `password_max_age` is none. */
export function isSecretParameter(name: string): boolean {
  return SECRET.test(name) && !/_(?:age|days)$/.test(name)
}

/** The same with secrets as `*****`. */
export function withoutSecrets(resource: Resource): Resource {
  const parameters = Object.entries(resource.parameters).map(([name, value]) => [
    name,
    isSecret(resource, name, value) ? MASKED : value,
  ])
  return { ...resource, parameters: Object.fromEntries(parameters) }
}

/** Whether what happened to a property may be shown as well. */
export function eventsWithoutSecrets(events: readonly ResourceEvent[], sensitive: readonly string[]): ResourceEvent[] {
  return events.map((event) => {
    if (!sensitive.includes(event.property) && !isSecretParameter(event.property)) return event
    return { ...event, previous: MASKED, desired: MASKED }
  })
}

function isSecret({ sensitive }: Resource, name: string, value: PuppetValue): boolean {
  return (
    sensitive.includes(name) || (isSecretParameter(name) && typeof value !== 'number' && typeof value !== 'boolean')
  )
}

export function eventsOf(value: unknown): ResourceEvent[] {
  return listOf(value as PuppetValue).map((entry) => {
    const { property, message, status, previous, desired } = mapOf(entry)
    return {
      ...{ property: String(property), message: String(message), status: String(status) },
      ...{ previous: previous ?? null, desired: desired ?? null },
    }
  })
}

function resourceOf(value: PuppetValue | undefined): Resource {
  const { type, title, tags, exported, parameters, managed, sensitive } = mapOf(value)
  if (typeof type !== 'string' || typeof title !== 'string') {
    throw new TroupeError('RPC_PUPPET_WORKER', 'the Puppet worker described something that is no resource')
  }
  return {
    ...{ type, title, exported: exported === true, parameters: mapOf(parameters) },
    tags: listOf(tags).filter((tag) => typeof tag === 'string'),
    managed: typeof managed === 'boolean' ? managed : 'unknown',
    sensitive: listOf(sensitive).filter((name) => typeof name === 'string'),
  }
}

function listOf(value: PuppetValue | undefined): readonly PuppetValue[] {
  return Array.isArray(value) ? (value as readonly PuppetValue[]) : []
}
