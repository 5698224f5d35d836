// Facts as MCollective knows them: names are text, values are text, lists and maps keep their structure. Bounded, because
// facts come from files and programs of the site. [wire 6.1]

import { FACT_CHARACTERS_MAX, FACT_DEPTH_MAX, FACT_VALUES_MAX } from '#base/limits.ts'
import type { Fact, Facts } from './fact-source.ts'

/**
 * `normaliseFacts({ a: true, b: [4, null], c: { 1: 2.5 } })` is `{ a: 'true', b: ['4', ''], c: { 1: '2.5' } }`. Takes plain
 * objects, Maps, lists and scalars; everything else becomes its text. Throws an Error when it is not a map, or too large.
 */
export function normaliseFacts(raw: unknown): Facts {
  if (!isMap(raw))
    throw new Error(`it holds ${Array.isArray(raw) ? 'a list' : `a ${typeof raw}`}; it must be a map of facts`)
  const budget = { values: FACT_VALUES_MAX, characters: FACT_CHARACTERS_MAX }
  return normaliseMap(raw, 1, budget)
}

interface Budget {
  values: number
  characters: number
}

type AnyMap = ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>

function isMap(value: unknown): value is AnyMap {
  return (
    value instanceof Map ||
    (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date))
  )
}

function normalise(value: unknown, depth: number, budget: Budget): Fact {
  budget.values -= 1
  if (budget.values < 0) throw new Error(`it has more than ${FACT_VALUES_MAX} values`)
  if (depth > FACT_DEPTH_MAX) throw new Error(`it is nested more than ${FACT_DEPTH_MAX} deep`)
  if (Array.isArray(value)) return value.map((item) => normalise(item, depth + 1, budget))
  if (isMap(value)) return normaliseMap(value, depth + 1, budget)
  return text(value, budget)
}

function normaliseMap(map: AnyMap, depth: number, budget: Budget): { readonly [name: string]: Fact } {
  const facts: Record<string, Fact> = Object.create(null)
  for (const [key, value] of map instanceof Map ? map : Object.entries(map)) {
    facts[text(key, budget)] = normalise(value, depth, budget)
  }
  return facts
}

function text(value: unknown, budget: Budget): string {
  const result =
    value === null || value === undefined ? '' : value instanceof Date ? value.toISOString() : scalarText(value)
  budget.characters -= result.length
  if (budget.characters < 0) throw new Error(`it has more than ${FACT_CHARACTERS_MAX} characters`)
  return result
}

function scalarText(value: unknown): string {
  if (typeof value === 'object' || typeof value === 'function') return '' // A list or map as a key has no useful text.
  return String(value)
}
