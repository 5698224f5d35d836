// What each resource type is in the eyes of somebody who compares nodes: which properties are shown, which are of the node and not of the
// resource, which are secret, and what a clone takes along. Types without a line of their own show and clone all they have.
// [live 3.5, 4] [agents 9.2]

import { isSecretName, MASKED } from '#base/secret-names.ts'

export interface TypeRules {
  /** Shown and compared; absent: all. */
  readonly shown?: readonly string[]
  /** Never compared. */
  readonly hidden: readonly string[]
  /** Taken along by a clone; absent: all that are shown. */
  readonly cloned?: readonly string[]
  /** Why one cannot be cloned at all. */
  readonly notCloneable?: string
  /** true: asking for all of them takes nodes seconds and gives long answers. */
  readonly slow?: boolean
}

const RULES: ReadonlyMap<string, TypeRules> = new Map<string, TypeRules>([
  [
    'user',
    {
      hidden: ['uid', 'gid', 'groups', 'provider', 'password_warn_days', 'loginclass', 'expiry'],
      cloned: ['ensure', 'comment', 'group', 'home', 'shell', 'password'],
    },
  ],
  ['group', { hidden: ['provider'], cloned: ['ensure'] }],
  ['host', { hidden: ['provider'], cloned: ['ensure', 'ip', 'host_aliases', 'comment'] }],
  ['package', { hidden: [], shown: ['ensure', 'provider'], cloned: ['ensure', 'provider'], slow: true }],
  ['service', { hidden: [], shown: ['ensure', 'enable'], cloned: ['ensure', 'enable'] }],
  [
    'file',
    {
      hidden: ['ctime', 'mtime', 'provider'],
      notCloneable: 'nodes tell the checksum of a file, not its content',
    },
  ],
  ['exec', { hidden: ['provider'], notCloneable: 'it is a command, not a state that could be copied' }],
])
const NO_RULES: TypeRules = { hidden: ['provider'] }

/** What Puppet understands of every resource, and what would make it another resource: a node that lies must not slip them into a clone. */
const NEVER_CLONED: ReadonlySet<string> = new Set([
  ...['alias', 'audit', 'before', 'consume', 'export', 'loglevel', 'noop', 'notify', 'require', 'schedule', 'stage'],
  ...['subscribe', 'tag', 'name', 'title', 'type'],
])

export function rulesOf(type: string): TypeRules {
  return RULES.get(type) ?? NO_RULES
}

/** Ages of passwords are none. */
export function isSecretProperty(name: string): boolean {
  return isSecretName(name) && !/_(?:age|days)$/.test(name)
}

/** Was masked by the node itself. */
export function isMaskedValue(value: unknown): boolean {
  return value === MASKED
}

export function isCloned(type: string, property: string): boolean {
  const { cloned } = rulesOf(type)
  return cloned ? cloned.includes(property) : !NEVER_CLONED.has(property)
}

/**
 * The properties that are shown and compared, names sorted, without a prototype. `gid` of a user becomes `group`: by name where `groupName`
 * knows it.
 */
export function shownProperties(
  type: string,
  parameters: Readonly<Record<string, unknown>>,
  groupName?: (gid: unknown) => string | undefined,
): Readonly<Record<string, unknown>> {
  const { shown, hidden } = rulesOf(type)
  const out: [string, unknown][] = Object.entries(parameters).filter(
    ([name]) => !hidden.includes(name) && (!shown || shown.includes(name)),
  )
  if (type === 'user' && parameters.gid !== undefined && parameters.gid !== null)
    out.push(['group', groupName?.(parameters.gid) ?? parameters.gid])
  const properties: Record<string, unknown> = Object.create(null)
  for (const [name, value] of out.sort(([a], [b]) => (a < b ? -1 : 1))) properties[name] = value
  return properties
}
