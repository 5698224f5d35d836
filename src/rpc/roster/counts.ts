// What the nodes of a roster have in common, counted: the facts there are, the values of one, classes and agents. For lists to choose from. Like
// decide.ts it looks at each distinct text once, not at each node. [live 2: common fact names, values with counts] [agents 16]

import { isMap } from '#base/is-map.ts'
import { ROSTER_COUNTS_MAX, ROSTER_FACT_SAMPLES_MAX } from '#base/limits.ts'
import { parseJson } from '#base/parse-json.ts'
import type { Value, Values } from '#message/request.ts'
import { factTexts } from '../match/compare.ts'
import type { Described, Texts } from './decide.ts'

export interface Counted {
  readonly name: string
  readonly nodes: number
}

/** At most ROSTER_COUNTS_MAX, the most frequent first. `more`: how many there are beyond. */
export interface Counts {
  readonly counts: readonly Counted[]
  readonly more: number
}

/** Classes or agents. */
export function countNames(nodes: Iterable<Described>, texts: Texts, kind: 'agents' | 'classes'): Counts {
  const lists = new Map<number, number>()
  for (const node of nodes) lists.set(node[kind], (lists.get(node[kind]) ?? 0) + 1)
  const counts = new Map<string, number>()
  for (const [list, times] of lists) {
    for (const name of new Set(JSON.parse(texts.text(list)) as string[]))
      counts.set(name, (counts.get(name) ?? 0) + times)
  }
  return firstOf(counts)
}

/**
 * Names of facts, with the paths inside facts that are maps, e.g. `os` and `os.family`. The paths come from a sample of the values, and count
 * as often as their fact.
 */
export function countFacts(nodes: Iterable<Described>, texts: Texts): Counts {
  const tops = new Map<number, { times: number; readonly samples: Set<number> }>()
  for (const { facts } of nodes) {
    if (facts === null) continue
    for (let i = 0; i + 1 < facts.length; i += 2) {
      const name = facts[i] ?? 0
      let top = tops.get(name)
      if (!top) {
        top = { times: 0, samples: new Set() }
        tops.set(name, top)
      }
      top.times++
      if (top.samples.size < ROSTER_FACT_SAMPLES_MAX) top.samples.add(facts[i + 1] ?? 0)
    }
  }
  const counts = new Map<string, number>()
  for (const [id, { times, samples }] of tops) {
    const name = texts.text(id)
    counts.set(name, times)
    for (const sample of samples) {
      const text = texts.text(sample)
      if (text.startsWith('{')) addPaths(name, parseJson(text) as Values, times, counts, PATH_DEPTH_MAX)
    }
  }
  return firstOf(counts)
}

const PATH_DEPTH_MAX = 3

function addPaths(prefix: string, map: Values, times: number, counts: Map<string, number>, depth: number): void {
  for (const [name, value] of Object.entries(map)) {
    if (counts.size > ROSTER_COUNTS_MAX * 2) return
    const path = `${prefix}.${name}`
    counts.set(path, times)
    if (depth > 1 && isMap(value)) addPaths(path, value, times, counts, depth - 1)
  }
}

/** The texts that a test of this fact is tried on, see factTexts: of a list its elements, of a map its keys. */
export function countValues(nodes: Iterable<Described>, texts: Texts, fact: string): Counts {
  const byId = new Map<number, number>()
  const names = namesOf(fact, texts)
  for (const { facts } of nodes) {
    const found = facts === null ? undefined : keyOf(facts, names)
    if (found !== undefined) byId.set(found, (byId.get(found) ?? 0) + 1)
  }
  const counts = new Map<string, number>()
  for (const [key, times] of byId) {
    for (const text of new Set(textsOf(key, fact, texts) ?? [])) counts.set(text, (counts.get(text) ?? 0) + times)
  }
  return firstOf(counts)
}

/** Makes the function that tells a node's fact as one text, e.g. `Debian`; undefined: it has none. */
export function factReader(texts: Texts, fact: string): (node: Described) => string | undefined {
  const names = namesOf(fact, texts)
  const known = new Map<number, string | undefined>()
  return ({ facts }) => {
    const key = facts === null ? undefined : keyOf(facts, names)
    if (key === undefined) return undefined
    if (!known.has(key)) known.set(key, textsOf(key, fact, texts)?.join(','))
    return known.get(key)
  }
}

/** Numbers of the fact's own name and, for a path, of the fact it is in. */
function namesOf(fact: string, texts: Texts): readonly (number | undefined)[] {
  const top = fact.split('.', 1)[0] ?? ''
  return (top === fact ? [fact] : [fact, top]).map((name) => texts.find(name))
}

/** Stands for name and value: `value * 2`, one more when it is the value of the fact the path is in. */
function keyOf(facts: Uint32Array, names: readonly (number | undefined)[]): number | undefined {
  for (let which = 0; which < names.length; which++) {
    const name = names[which]
    if (name === undefined) continue
    for (let i = 0; i + 1 < facts.length; i += 2) if (facts[i] === name) return (facts[i + 1] ?? 0) * 2 + which
  }
  return undefined
}

function textsOf(key: number, fact: string, texts: Texts): readonly string[] | undefined {
  const value = parseJson(texts.text(key >> 1)) as Value
  const name = key % 2 === 0 ? fact : (fact.split('.', 1)[0] ?? '')
  return factTexts({ [name]: value }, fact)
}

function firstOf(counts: ReadonlyMap<string, number>): Counts {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : a > b ? 1 : 0))
  return {
    counts: sorted.slice(0, ROSTER_COUNTS_MAX).map(([name, nodes]) => ({ name, nodes })),
    more: Math.max(0, sorted.length - ROSTER_COUNTS_MAX),
  }
}
