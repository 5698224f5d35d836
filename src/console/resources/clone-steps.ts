// What cloning a resource comes to: one or more resources to be made, in order, with exactly these properties. A user takes its groups
// along. Pure: what was read from the source goes in. [live 4] [O9, O10]

import { CLONE_GROUPS_MAX } from '#base/limits.ts'
import { MASKED } from '#base/secret-names.ts'
import type { Value, Values } from '#message/request.ts'
import type { CloneRequest } from '../api/resources.ts'
import type { RawResource } from './read-resource.ts'
import { isCloned, isMaskedValue, isSecretProperty, rulesOf } from './type-rules.ts'

export interface CloneStep {
  readonly type: string
  readonly title: string
  /** As they are sent, secrets in clear: see shownStep. */
  readonly parameters: Values
  /** Which of them are secrets. */
  readonly secrets: readonly string[]
  /** Left out by a node where it is taken, or where the resource exists. */
  readonly avoidConflict?: 'uid' | 'gid'
}

export interface CloneSource {
  readonly type: string
  readonly node: string
  /** Uncut. */
  readonly resource: RawResource
  /** Secrets that the node shows the account, by property. */
  readonly revealed: Readonly<Record<string, unknown>>
  readonly options: CloneRequest['options']
  groupName(gid: unknown): string | undefined
  gidOf(group: string): string | undefined
}

export interface CloneSteps {
  readonly steps: readonly CloneStep[]
  readonly warnings: readonly string[]
  /** root and accounts of the system: not without the title typed. */
  readonly isSystem: boolean
}

/** Below are accounts of the system. */
const FIRST_PERSON_ID = 1000
/** Members of these are as good as root. */
const MIGHTY_GROUPS: ReadonlySet<string> = new Set([
  ...['root', 'wheel', 'sudo', 'admin', 'docker', 'lxd', 'libvirt', 'disk', 'shadow', 'adm', 'Administrators'],
])
/** Parameters that are no properties: nodes do not tell them. */
export const NO_PROPERTIES: ReadonlySet<string> = new Set(['managehome', 'membership', 'provider'])

/** Properties a clone of this takes along that are secrets the node did not show. */
export function maskedToClone(type: string, { parameters }: RawResource): string[] {
  return Object.keys(parameters).filter((name) => isMaskedValue(parameters[name]) && isCloned(type, name))
}

export function cloneSteps(source: CloneSource): CloneSteps {
  const { type, resource, revealed } = source
  const warnings: string[] = []
  const parameters: Record<string, unknown> = {}
  const secrets: string[] = []
  for (const [name, given] of Object.entries(resource.parameters)) {
    if (given === null || !isTaken(source, name)) continue
    const value = isMaskedValue(given) ? revealed[name] : given
    if (value === undefined || isMaskedValue(value)) {
      warnings.push(`${name} is not cloned: ${source.node} does not show it to you (plugin.puppetral.reveal_sensitive)`)
      continue
    }
    if (isMaskedValue(given) || isSecretProperty(name)) secrets.push(name)
    parameters[name] = value
  }
  if (secrets.length > 0)
    warnings.push(`${secrets.join(', ')} comes from ${source.node}; other nodes of this variant may have another`)
  const own = { type, title: resource.title, secrets }
  if (type === 'user') {
    const { groups, ...user } = userOf(source, parameters, warnings)
    return { steps: [...groups, { ...own, ...user }], warnings, isSystem: isSystemAccount(resource) }
  }
  const isGroup = type === 'group'
  const keepsId = isGroup && source.options.keepIds === true && resource.parameters.gid !== undefined
  if (keepsId) parameters.gid = resource.parameters.gid
  if (isGroup && source.options.members === true && Array.isArray(resource.parameters.members))
    parameters.members = resource.parameters.members
  const step = { ...own, parameters: parameters as Values, ...(keepsId ? { avoidConflict: 'gid' as const } : {}) }
  return { steps: [step], warnings, isSystem: isGroup && isSystemGroup(resource) }
}

function isTaken({ type, options }: CloneSource, name: string): boolean {
  if (type === 'user' && options.passwordAges === true && /^password_(?:min|max)_age$/.test(name)) return true
  const { shown, hidden } = rulesOf(type)
  return isCloned(type, name) && !hidden.includes(name) && (!shown || shown.includes(name))
}

function userOf(
  source: CloneSource,
  given: Readonly<Record<string, unknown>>,
  warnings: string[],
): Pick<CloneStep, 'parameters' | 'avoidConflict'> & { readonly groups: CloneStep[] } {
  const { resource, options, node } = source
  const { gid, uid, groups } = resource.parameters
  const primary = gid === undefined || gid === null ? undefined : groupTitle(source, gid)
  if (gid != null && primary === undefined)
    warnings.push(`the primary group is not cloned: ${node} does not tell the name of group ${String(gid)}`)
  const others = options.groups === false ? [] : namesIn(groups).filter((name) => name !== primary)
  if (others.length > CLONE_GROUPS_MAX)
    warnings.push(`only the first ${CLONE_GROUPS_MAX} of ${others.length} groups are cloned`)
  const supplementary = others.slice(0, CLONE_GROUPS_MAX)
  const all = [...(primary === undefined ? [] : [primary]), ...supplementary]
  const mighty = all.filter((name) => MIGHTY_GROUPS.has(name))
  if (mighty.length > 0) warnings.push(`members of ${mighty.join(', ')} may do what root may`)
  const keepsId = options.keepIds === true && uid !== undefined
  const parameters: Record<string, unknown> = { ...given }
  if (primary !== undefined) parameters.gid = primary
  if (supplementary.length > 0) parameters.groups = supplementary
  if (options.createHome === true) parameters.managehome = true
  if (keepsId) parameters.uid = uid
  return {
    groups: all.map((name) => groupStep(source, name)),
    parameters: parameters as Values,
    ...(keepsId ? { avoidConflict: 'uid' as const } : {}),
  }
}

function groupStep({ options, gidOf }: CloneSource, title: string): CloneStep {
  const gid = options.keepIds === true ? gidOf(title) : undefined
  const parameters: Values = { ensure: 'present', ...(gid === undefined ? {} : { gid: numeric(gid) }) }
  return {
    ...{ type: 'group', title, parameters, secrets: [] },
    ...(gid === undefined ? {} : { avoidConflict: 'gid' as const }),
  }
}

const numeric = (id: string): Value => (/^\d{1,10}$/.test(id) ? Number(id) : id)

function groupTitle({ groupName }: CloneSource, gid: unknown): string | undefined {
  return groupName(gid) ?? (typeof gid === 'string' && !/^\d+$/.test(gid) ? gid : undefined)
}

function namesIn(groups: unknown): string[] {
  const given = Array.isArray(groups) ? groups : typeof groups === 'string' ? [groups] : []
  return [...new Set(given.filter((name) => typeof name === 'string' && name !== ''))]
}

export function isSystemAccount({ title, parameters }: Pick<RawResource, 'title' | 'parameters'>): boolean {
  return title === 'root' || isLowId(parameters.uid)
}

function isSystemGroup({ title, parameters }: RawResource): boolean {
  return MIGHTY_GROUPS.has(title) || isLowId(parameters.gid)
}

function isLowId(id: unknown): boolean {
  return (typeof id === 'number' || (typeof id === 'string' && /^\d+$/.test(id))) && Number(id) < FIRST_PERSON_ID
}

/** For people: secrets masked. */
export function shownStep({ type, title, parameters, secrets }: CloneStep): {
  type: string
  title: string
  properties: Record<string, unknown>
} {
  return { type, title, properties: shownParameters(parameters, secrets) }
}

export function shownParameters(parameters: Values, secrets: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, secrets.includes(name) ? MASKED : value]),
  )
}

/** Inputs of `puppetral create`. */
export function createInputs(step: Omit<CloneStep, 'secrets'>, noop = false): Values {
  const { type, title, parameters, avoidConflict } = step
  return {
    ...{ type, title, parameters },
    ...(avoidConflict === undefined ? {} : { avoid_conflict: avoidConflict }),
    ...(noop ? { noop: true } : {}),
  }
}

/** What a node says, should it quote a secret. */
export function concealed(message: string, steps: readonly Pick<CloneStep, 'parameters' | 'secrets'>[]): string {
  let text = message
  for (const { parameters, secrets } of steps)
    for (const name of secrets) {
      const value = parameters[name]
      if (typeof value === 'string' && value.length > 2) text = text.replaceAll(value, MASKED)
    }
  return text
}
