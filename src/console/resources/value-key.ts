// Short keys of values, by which equal ones are seen to be equal.

import { createHash } from 'node:crypto'

/** Of a variant: 32 hex digits of its values. */
export function keyOf(properties: Readonly<Record<string, unknown>>): string {
  return digestOf(stable(properties))
}

export function digestOf(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 32)
}

/** JSON with the members of maps in order of their names: equal values have equal texts. */
export function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${stable((value as Record<string, unknown>)[name])}`).join(',')}}`
}
