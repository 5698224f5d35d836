// The checks decode.ts is made of: one value of unknown origin in, the same value with a type out, or MESSAGE_INVALID naming
// its place in the message. Hand-written because they run for every message on every node.

import { TroupeError } from '#base/errors.ts'
import { JSON_DEPTH_MAX, MESSAGE_VALUES_MAX } from '#base/limits.ts'
import type { Value, Values } from './request.ts'

/** Where a value is, written only when it is wrong: `filter.facts[3].operator` is `place('filter.facts', 3, 'operator')`. */
export function place(path: string, index = -1, field = ''): string {
  return `${path}${index >= 0 ? `[${index}]` : ''}${field && path ? '.' : ''}${field}`
}

/** `invalid('ttlSeconds', 'a whole number from 1 to 86400', 'x')`: what is, cut short, and what should be. */
export function invalid(where: string, wanted: string, found: unknown): TroupeError {
  return new TroupeError(
    'MESSAGE_INVALID',
    `cannot use a message: ${where} is ${shown(found)}, it should be ${wanted}`,
    {
      details: { field: where },
    },
  )
}

/** `tooMuch('filter', '2000 terms')`: for what is counted over many fields. */
export function tooMuch(where: string, most: string): TroupeError {
  return new TroupeError('MESSAGE_INVALID', `cannot use a message: ${where} has more than ${most}`, {
    details: { field: where },
  })
}

function shown(found: unknown): string {
  if (found === undefined) return 'missing'
  if (found === null) return 'null'
  if (typeof found === 'string')
    return found.length > 40 ? `a text of ${found.length} characters` : JSON.stringify(found)
  if (typeof found === 'number' || typeof found === 'boolean') return String(found)
  if (Array.isArray(found)) return `a list of ${found.length}`
  return typeof found === 'object' ? 'a map' : `a ${typeof found}`
}

export type Fields = { readonly [key: string]: unknown }

/** A map; only own keys of it may be read, which `own` does. */
export function map(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(where, 'a map', value)
  return value as Fields
}

/** The value under a key the sender wrote; never something inherited. */
export function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
}

export function list(value: unknown, where: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(where, 'a list', value)
  if (value.length > most) throw invalid(where, `a list of at most ${most}`, value)
  return value
}

export function text(value: unknown, most: number, path: string, index = -1, field = ''): string {
  if (typeof value !== 'string' || value.length > most) {
    throw invalid(place(path, index, field), `a text of at most ${most} characters`, value)
  }
  return value
}

/** Text of a given shape, e.g. an identity; `wanted` says which. */
export function shaped(
  value: unknown,
  pattern: RegExp,
  most: number,
  wanted: string,
  path: string,
  index = -1,
): string {
  if (typeof value !== 'string' || value.length > most || !pattern.test(value)) {
    throw invalid(place(path, index), wanted, value)
  }
  return value
}

export function whole(value: unknown, least: number, most: number, where: string): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw invalid(where, `a whole number from ${least} to ${most}`, value)
  }
  return value as number
}

export function truth(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw invalid(where, 'true or false', value)
  return value
}

/**
 * A map of JSON-able values. Returned as it is when it is safe; a copy is made only where a key `__proto__` must be dropped,
 * which would replace the prototype of whatever it is assigned into. Nesting and number of values are bounded.
 */
export function values(value: unknown, where: string): Values {
  map(value, where)
  const scan = { left: MESSAGE_VALUES_MAX, where }
  return safe(value, scan, JSON_DEPTH_MAX) as Values
}

interface Scan {
  left: number
  readonly where: string
}

function safe(value: unknown, scan: Scan, depthLeft: number): Value {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw invalid(scan.where, 'made of finite numbers', value)
      return value
    case 'object':
      break
    default:
      throw invalid(scan.where, 'made of texts, numbers, booleans, lists and maps', value)
  }
  if (value === null) return null
  if (depthLeft === 0) throw invalid(scan.where, `nested at most ${JSON_DEPTH_MAX} deep`, value)
  if (Array.isArray(value)) {
    spend(scan, value.length)
    let changed: Value[] | undefined
    for (let i = 0; i < value.length; i++) {
      const item = safe(value[i], scan, depthLeft - 1)
      if (item !== value[i] && !changed) changed = value.slice(0, i) as Value[]
      changed?.push(item)
    }
    return changed ?? (value as Value[])
  }
  return safeMap(value as Fields, scan, depthLeft)
}

function safeMap(fields: Fields, scan: Scan, depthLeft: number): Values {
  const prototype: unknown = Object.getPrototypeOf(fields)
  if (prototype !== Object.prototype && prototype !== null) throw invalid(scan.where, 'made of plain maps', fields)
  const keys = Object.keys(fields)
  spend(scan, keys.length)
  let changed: Map<string, Value> | undefined
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? ''
    const item = key === '__proto__' ? undefined : safe(fields[key], scan, depthLeft - 1)
    if (item !== fields[key] || key === '__proto__') {
      changed ??= new Map(keys.slice(0, i).map((k) => [k, fields[k] as Value]))
    }
    if (item !== undefined) changed?.set(key, item)
  }
  return changed ? Object.fromEntries(changed) : (fields as Values)
}

function spend(scan: Scan, count: number): void {
  scan.left -= count
  if (scan.left < 0) throw tooMuch(scan.where, `${MESSAGE_VALUES_MAX} values`)
}
