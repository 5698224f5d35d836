// What each resource type is in the eyes of somebody who compares nodes: which properties are shown, which always differ, which are
// secret, and what cloning takes along. Types without a line of their own show all their properties. [live 3.5, 4] [agents 9.2]

import { isSecretName, MASKED } from '#base/secret-names.ts'

export interface TypeRules {
  /** Shown and compared, in this order of thought; absent: all. */
  readonly shown?: readonly string[]
  /** Never compared: of the node, not of the resource. */
  readonly hidden: readonly string[]
  /** Taken along by a clone; absent: all that are shown. */
  readonly cloned?: readonly string[]
  /** Why one cannot be cloned at all. */
  readonly notCloneable?: string
}

const RULES: Readonly<Record<string, TypeRules>> = {
  user: {
    hidden: ['uid', 'gid', 'groups', 'provider', 'password_warn_days', 'loginclass', 'expiry'],
    cloned: ['ensure', 'comment', 'group', 'home', 'shell', 'password'],
  },
  group: { hidden: ['gid', 'provider', 'attribute_membership'], cloned: ['ensure', 'members'] },
  host: { hidden: ['target', 'provider'], cloned: ['ensure', 'ip', 'host_aliases', 'comment'] },
  package: { hidden: [], shown: ['ensure', 'provider'], cloned: ['ensure', 'provider'] },
  service: { hidden: ['provider', 'flags'], shown: ['ensure', 'enable'], cloned: ['ensure', 'enable'] },
  file: {
    hidden: ['ctime', 'mtime', 'provider'],
    notCloneable: 'the content of a file is not known to the console, only its checksum',
  },
  exec: { hidden: [], notCloneable: 'a command is run, it is no state to be copied' },
  mount: { hidden: ['provider'] },
  cron: { hidden: ['provider'] },
}
const NO_RULES: TypeRules = { hidden: ['provider'] }

export function rulesOf(type: string): TypeRules {
  return Object.hasOwn(RULES, type) ? RULES[type]! : NO_RULES
}

/** Ages of passwords are none. */
export function isSecretProperty(name: string): boolean {
  return isSecretName(name) && !/_age$|_days$/.test(name)
}

/** Was masked by the node itself. */
export function isMaskedValue(value: unknown): boolean {
  return value === MASKED
}

/**
 * The properties that are shown and compared: `gid` of a user becomes `group`, by name where the node's own groups tell it. Names sorted; a null-prototype object.
 */
export function shownProperties(
  type: string,
  parameters: Readonly<Record<string, unknown>>,
  groupName?: (gid: unknown) => string | undefined,
): Readonly<Record<string, unknown>> {
  const { shown, hidden } = rulesOf(type)
  const out: [string, unknown][] = []
  if (type === 'user' && parameters.gid !== undefined) {
    out.push(['group', groupName?.(parameters.gid) ?? parameters.gid])
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (hidden.includes(name) || (shown && !shown.includes(name))) continue
    out.push([name, value])
  }
  const properties: Record<string, unknown> = Object.create(null)
  for (const [name, value] of out.sort(([a], [b]) => (a < b ? -1 : 1))) properties[name] = value
  return properties
}
