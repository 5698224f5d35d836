// What is made of inspected resources: figures of a type, variants of a resource, two sides compared, and how much of an outlier something
// is. All by one way of counting (O29). [live 3.3, 3.5]

import { COMPARED_TITLES_MAX, COMPARED_VALUES_MAX, INSPECTION_FAILURES_MAX } from '#base/limits.ts'
import type { Comparison, ResourceVariant, TypeFigures } from '../api/resources.ts'
import { type Body, type Failure, finder, notInspected, type Shelf, type Tally, tally } from './inspected-pages.ts'
import { sampleOf } from './node-sample.ts'
import { stable } from './value-key.ts'

export interface Variants {
  readonly variants: readonly ResourceVariant[]
  readonly differing: readonly string[]
  readonly equal: readonly string[]
  readonly absent: { readonly count: number; readonly first: readonly string[] }
  readonly failed: readonly { readonly node: string; readonly reason: string }[]
  /** Nodes that were looked at. */
  readonly asked: number
  readonly found: number
  /** The oldest of it. */
  readonly asOfMs: number | undefined
}

export function figuresOf(type: string, { titles, inspected, notInspected, failed, asOfMs }: Tally): TypeFigures {
  let [total, variants, everywhere] = [0, 0, 0]
  for (const bodies of titles.values()) {
    const nodes = sumOf(bodies.values())
    total += nodes
    variants += bodies.size
    if (nodes === inspected) everywhere += 1
  }
  const unique = titles.size
  const similarity = total === 0 ? 100 : oneDecimal(100 * (1 - (variants - unique) / total))
  return {
    ...{ type, unique, total, everywhere, nodes: inspected, notInspected },
    ...(inspected === 0 ? {} : { similarity }),
    failed: failed.slice(0, INSPECTION_FAILURES_MAX),
    ...(asOfMs === undefined ? {} : { asOfMs }),
  }
}

export function variantsOf(shelf: Shelf | undefined, title: string, nodes: readonly string[]): Variants {
  const find = finder(shelf, title)
  const groups = new Map<Body, { readonly nodes: string[]; managed: number }>()
  const absent: string[] = []
  const failed: Failure[] = []
  let asOfMs: number | undefined
  let asked = 0
  for (const node of nodes) {
    const found = find(node)
    if (found.state === 'failed') failed.push({ node, reason: found.reason })
    if (found.state !== 'known') continue
    asked += 1
    asOfMs = Math.min(asOfMs ?? found.atMs, found.atMs)
    if (!found.entry) {
      absent.push(node)
      continue
    }
    const { body, managed } = found.entry
    const group = groups.get(body) ?? { nodes: [], managed: 0 }
    groups.set(body, group)
    group.nodes.push(node)
    if (managed) group.managed += 1
  }
  const ordered = [...groups].sort(([a, m], [b, n]) => n.nodes.length - m.nodes.length || (a.key < b.key ? -1 : 1))
  const bodies = ordered.map(([body]) => body.properties)
  return {
    ...differing(bodies),
    ...{ asked, found: asked - absent.length, asOfMs },
    variants: ordered.map(([{ key, properties }, group]) => ({
      ...{ key, properties, nodes: sampleOf(group.nodes), managed: group.managed },
    })),
    absent: sampleOf(absent),
    failed: failed.slice(0, INSPECTION_FAILURES_MAX),
  }
}

function differing(bodies: readonly Readonly<Record<string, unknown>>[]): Pick<Variants, 'differing' | 'equal'> {
  const names = [...new Set(bodies.flatMap((body) => Object.keys(body)))].sort()
  const isEqual = (name: string): boolean =>
    new Set(bodies.map((body) => (Object.hasOwn(body, name) ? stable(body[name]) : ''))).size <= 1
  return { differing: names.filter((name) => !isEqual(name)), equal: names.filter(isEqual) }
}

export function compared(
  type: string,
  shelf: Shelf | undefined,
  left: readonly string[],
  right: readonly string[],
): Comparison {
  const [one, two] = [tally(shelf, left), tally(shelf, right)]
  const both = [...new Set([...left, ...right])]
  const failed = new Map([...one.failed, ...two.failed].map((failure) => [failure.node, failure]))
  const different: Comparison['different'][number][] = []
  let equal = 0
  for (const [title, mine] of one.titles) {
    const theirs = two.titles.get(title)
    if (!theirs) continue
    const properties = differences(mine, theirs)
    if (properties.length === 0) equal += 1
    else different.push({ title, properties })
  }
  const only = (these: Tally, those: Tally): string[] =>
    [...these.titles.keys()].filter((title) => !those.titles.has(title)).sort()
  return {
    ...{ type, equal, onlyLeft: only(one, two), onlyRight: only(two, one) },
    inspected: { left: one.inspected, right: two.inspected },
    different: different.sort((a, b) => (a.title < b.title ? -1 : 1)).slice(0, COMPARED_TITLES_MAX),
    notInspected: sampleOf(notInspected(shelf, both)),
    failed: [...failed.values()].slice(0, INSPECTION_FAILURES_MAX),
  }
}

/** Properties whose values are not the same on both sides: equal sets of values are equal, whatever their counts. */
function differences(
  left: ReadonlyMap<Body, number>,
  right: ReadonlyMap<Body, number>,
): Comparison['different'][number]['properties'] {
  const names = new Set([...left.keys(), ...right.keys()].flatMap(({ properties }) => Object.keys(properties)))
  return [...names].sort().flatMap((name) => {
    const [one, two] = [valuesOf(left, name), valuesOf(right, name)]
    const isSame = one.size === two.size && [...one.keys()].every((text) => two.has(text))
    return isSame ? [] : [{ name, left: mostFrequent(one), right: mostFrequent(two) }]
  })
}

interface Counted {
  readonly value: unknown
  readonly nodes: number
}

function valuesOf(side: ReadonlyMap<Body, number>, name: string): Map<string, Counted> {
  const values = new Map<string, Counted>()
  for (const [{ properties }, nodes] of side) {
    const value = Object.hasOwn(properties, name) ? properties[name] : null
    const text = stable(value)
    values.set(text, { value, nodes: (values.get(text)?.nodes ?? 0) + nodes })
  }
  return values
}

function mostFrequent(values: ReadonlyMap<string, Counted>): Counted[] {
  return [...values.values()].sort((a, b) => b.nodes - a.nodes).slice(0, COMPARED_VALUES_MAX)
}

export function sumOf(counts: Iterable<number>): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

/** 100.0 only when nothing differs. */
function oneDecimal(percent: number): number {
  const rounded = Math.round(percent * 10) / 10
  return rounded === 100 && percent < 100 ? 99.9 : rounded
}

/**
 * 0: all nodes agree, or no two. The rarer what differs from most nodes, the nearer to 1; a resource that most nodes do not have at all, to
 * 0.5: sites have many of those.
 */
export function outlierOf(counts: readonly number[], inspected: number): number {
  const absent = inspected - sumOf(counts)
  const most = counts.reduce((a, b) => Math.max(a, b), 0)
  if (inspected < 2 || most === inspected) return 0
  if (most * 2 >= inspected && most >= absent) return most / inspected
  return absent * 2 >= inspected ? absent / inspected / 2 : 0
}
