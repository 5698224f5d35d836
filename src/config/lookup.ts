// From a key in a file to its definition: placeholders, names of MCollective 1.x, and the nearest name for a mistyped one.

import { DEFINITIONS, type Definition, type SettingKey } from './definitions.ts'

export type ConfigKind = 'client' | 'server' | 'broker'

interface Pattern {
  readonly regex: RegExp
  readonly definition: Definition
}

const ALL: readonly Definition[] = DEFINITIONS
const EXACT: ReadonlyMap<string, Definition> = new Map(ALL.map((definition) => [definition.key, definition]))
const PATTERNS: readonly Pattern[] = ALL.filter((d) => /\b(N|CONNECTOR)\b|NAME/.test(d.key)).map((definition) => ({
  definition,
  regex: new RegExp(
    `^${definition.key
      .replaceAll('.', '\\.')
      .replace(/\bN\b/, '[1-9]\\d{0,2}')
      .replace('NAME', '[\\w-]+')
      .replace('CONNECTOR', '(?:activemq|rabbitmq)')}$`,
  ),
}))

/** Names under `plugin.` that belong to the core: a key in them that is not defined is most likely a mistake. */
const CORE_PLUGINS = /^plugin\.(activemq|rabbitmq|psk|aes|rpcaudit|actionpolicy|facter|yaml)\b/

/** `definitionOf('plugin.CONNECTOR.pool.N.host')`: by the key as it stands in the table. */
export function definitionOf(key: SettingKey): Definition {
  return EXACT.get(key)!
}

/** The definition that governs `key` in files of this kind. */
export function findDefinition(key: string, kind: ConfigKind): Definition | undefined {
  const definition = EXACT.get(key) ?? PATTERNS.find((pattern) => pattern.regex.test(key))?.definition
  return definition && belongsTo(definition, kind) ? definition : undefined
}

/** One table serves client and server files alike, as in MCollective; the broker's file is its own. */
export function belongsTo(definition: Definition, kind: ConfigKind): boolean {
  if (definition.for === 'all') return true
  return (definition.for === 'broker') === (kind === 'broker')
}

/** `plugin.X.Y` keys that agents may define for themselves. */
export function isFreeKey(key: string, kind: ConfigKind): boolean {
  return kind !== 'broker' && /^plugin\../s.test(key)
}

export function isCorePluginKey(key: string): boolean {
  return CORE_PLUGINS.test(key)
}

/** `plugin.stomp.pool.host1` of MCollective 1.x is `plugin.activemq.pool.1.host`; undefined for all other keys. [wire 10.1] */
export function currentKey(key: string): string | undefined {
  const pool = /^plugin\.stomp\.pool\.(host|port|user|password|ssl)([1-9]\d?)$/.exec(key)
  if (pool) return `plugin.activemq.pool.${pool[2]}.${pool[1]}`
  const single = /^plugin\.stomp\.(host|port|user|password|ssl)$/.exec(key)
  if (single) return `plugin.activemq.pool.1.${single[1]}`
  return key.startsWith('plugin.stomp.') ? key.replace('stomp', 'activemq') : undefined
}

/** The defined key that is written most like `key`; undefined when none is near. */
export function nearestKey(key: string, kind: ConfigKind): string | undefined {
  if (key.length > 80) return undefined
  const numbers = key.match(/\d+/g) ?? []
  const connector = /rabbitmq/.test(key) ? 'rabbitmq' : 'activemq'
  const farthest = Math.min(3, Math.floor(key.length / 3))
  let best: { key: string; distance: number } | undefined
  for (const definition of ALL) {
    if (!belongsTo(definition, kind) || definition.deprecated) continue
    const candidate = definition.key.replace('CONNECTOR', connector).replace(/\bN\b/, numbers[0] ?? 'N')
    if (Math.abs(candidate.length - key.length) > farthest) continue
    const distance = editDistance(key.toLowerCase().replaceAll('-', '_'), candidate)
    if (distance <= farthest && distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { key: candidate, distance }
  }
  return best?.key
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
    }
    before = above
    above = row
  }
  return above[b.length]!
}
