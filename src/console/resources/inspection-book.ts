// What nodes said about their resources, kept compactly with its age: equal properties are kept once, and nodes with the same
// resources share one list. From it come the figures, lists, variants and comparisons, all by one way of counting (O29).
// [live 3.3, 3.5, 10]

import { createHash } from 'node:crypto'
import type { Comparison, ResourceRow, ResourceVariant, TypeFigures } from '../api/resources.ts'
import { canonical } from '../jobs/answer-key.ts'

export interface InspectedResource {
  readonly title: string
  /** Those that are shown (type-rules.ts), secrets masked. */
  readonly properties: Readonly<Record<string, unknown>>
  /** undefined: the node cannot tell. */
  readonly managed: boolean | undefined
}

export interface InspectionBook {
  /** All resources of a type on a node: replaces what was known. */
  put(type: string, node: string, atMs: number, resources: Iterable<InspectedResource>): void
  /** One resource was looked at; `undefined`: it is not there. */
  putOne(type: string, node: string, atMs: number, title: string, resource: InspectedResource | undefined): void
  fail(type: string, node: string, atMs: number, reason: string): void
  /** Types anybody asked about, by name. */
  types(): readonly string[]
  figures(type: string, nodes: readonly string[]): TypeFigures
  list(type: string, nodes: readonly string[]): ResourceRow[]
  variants(type: string, title: string, nodes: readonly string[]): Variants
  /** All nodes of a variant, sorted; `absent`: those that were looked at and have none. */
  nodesOf(type: string, title: string, variant: string, nodes: readonly string[]): string[]
  compare(type: string, left: readonly string[], right: readonly string[]): Comparison
  /** Titles that match, sorted, at most so many. */
  titles(type: string, matches: (title: string) => boolean, nodes: readonly string[], max: number): string[]
  /** Drops what is older, and the oldest when there is too much. */
  forget(beforeMs: number): void
}

export interface Variants {
  readonly variants: readonly ResourceVariant[]
  readonly differing: readonly string[]
  readonly equal: readonly string[]
  readonly absent: { readonly count: number; readonly first: readonly string[] }
  readonly failed: readonly { readonly node: string; readonly reason: string }[]
  /** Nodes that were looked at. */
  readonly asked: number
  readonly found: number
  readonly asOfMs: number | undefined
}

interface Body {
  readonly key: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** Title -> body and whether managed: shared by all nodes that have exactly these. */
interface Listing {
  readonly key: string
  readonly entries: ReadonlyMap<string, Entry>
  uses: number
}

interface Entry {
  readonly body: Body
  readonly managed: boolean | undefined
}

interface Page {
  /** Absent: only single resources were looked at, or it failed. */
  listing?: Listing
  atMs: number
  /** Looked at by name since; undefined: absent. */
  singles?: Map<string, Entry | undefined>
  reason?: string
}

export const SAMPLE_MAX = 20
const OUTLIER_MIN_SHARE = 0.5

export function createInspectionBook(): InspectionBook {
  /** type -> node -> page */
  const pages = new Map<string, Map<string, Page>>()
  const bodies = new Map<string, Body>()
  const listings = new Map<string, Listing>()

  const bodyOf = (properties: Readonly<Record<string, unknown>>): Body => {
    const text = canonical(properties)
    const key = createHash('sha256').update(text).digest('hex').slice(0, 16)
    const known = bodies.get(key)
    if (known) return known
    const body = { key, properties }
    bodies.set(key, body)
    return body
  }

  const pageOf = (type: string, node: string): Page => {
    let ofType = pages.get(type)
    if (!ofType) {
      ofType = new Map()
      pages.set(type, ofType)
    }
    let page = ofType.get(node)
    if (!page) {
      page = { atMs: 0 }
      ofType.set(node, page)
    }
    return page
  }

  const release = (page: Page): void => {
    const { listing } = page
    if (!listing) return
    listing.uses -= 1
    if (listing.uses === 0) listings.delete(listing.key)
    delete page.listing
  }

  const put: InspectionBook['put'] = (type, node, atMs, resources) => {
    const entries = new Map<string, Entry>()
    const sum = createHash('sha256').update(type)
    for (const { title, properties, managed } of [...resources].sort((a, b) => (a.title < b.title ? -1 : 1))) {
      const body = bodyOf(properties)
      entries.set(title, { body, managed })
      sum.update(`\0${title}\0${body.key}\0${managed}`)
    }
    const key = sum.digest('hex')
    let listing = listings.get(key)
    if (!listing) {
      listing = { key, entries, uses: 0 }
      listings.set(key, listing)
    }
    listing.uses += 1
    const page = pageOf(type, node)
    release(page)
    page.listing = listing
    page.atMs = atMs
    delete page.singles
    delete page.reason
  }

  const putOne: InspectionBook['putOne'] = (type, node, atMs, title, resource) => {
    const page = pageOf(type, node)
    if (page.singles === undefined) page.singles = new Map()
    page.singles.set(title, resource && { body: bodyOf(resource.properties), managed: resource.managed })
    if (!page.listing) page.atMs = atMs
    delete page.reason
  }

  const fail: InspectionBook['fail'] = (type, node, atMs, reason) => {
    const page = pageOf(type, node)
    release(page)
    delete page.singles
    page.atMs = atMs
    page.reason = reason
  }

  /** Title -> body -> number of nodes, over the inspected nodes: each distinct listing is walked once. */
  const tally = (type: string, nodes: readonly string[]) => {
    const ofType = pages.get(type)
    const counts = new Map<Listing, number>()
    const failed: { node: string; reason: string }[] = []
    const titles = new Map<string, Map<Body, number>>()
    const add = (title: string, body: Body, count: number): void => {
      let variants = titles.get(title)
      if (!variants) {
        variants = new Map()
        titles.set(title, variants)
      }
      variants.set(body, (variants.get(body) ?? 0) + count)
    }
    let inspected = 0
    let notInspected = 0
    let asOfMs: number | undefined
    for (const node of nodes) {
      const page = ofType?.get(node)
      if (page?.reason !== undefined) {
        failed.push({ node, reason: page.reason })
      } else if (!page?.listing) {
        notInspected += 1
      } else {
        inspected += 1
        if (asOfMs === undefined || page.atMs < asOfMs) asOfMs = page.atMs
        if (page.singles) {
          for (const [title, { body }] of merged(page)) add(title, body, 1)
        } else {
          counts.set(page.listing, (counts.get(page.listing) ?? 0) + 1)
        }
      }
    }
    for (const [listing, count] of counts) for (const [title, { body }] of listing.entries) add(title, body, count)
    return { titles, inspected, notInspected, failed, asOfMs }
  }

  const figuresOf = (type: string, counted: ReturnType<typeof tally>): TypeFigures => {
    const { titles, inspected, notInspected, failed, asOfMs } = counted
    let total = 0
    let variants = 0
    let everywhere = 0
    for (const bodiesOfTitle of titles.values()) {
      const nodes = sumOf(bodiesOfTitle.values())
      total += nodes
      variants += bodiesOfTitle.size
      if (nodes === inspected) everywhere += 1
    }
    const unique = titles.size
    const similarity = total === 0 ? 100 : roundDown(100 * (1 - (variants - unique) / total))
    return {
      type,
      ...(inspected === 0 ? {} : { similarity }),
      unique,
      total,
      everywhere,
      nodes: inspected,
      notInspected,
      failed: failed.slice(0, FAILED_SHOWN_MAX),
      ...(asOfMs === undefined ? {} : { asOfMs }),
    }
  }

  const entryOf = (page: Page | undefined, title: string): Entry | undefined | 'unknown' => {
    if (page?.singles?.has(title)) return page.singles.get(title)
    return page?.listing ? page.listing.entries.get(title) : 'unknown'
  }

  const variantsOf: InspectionBook['variants'] = (type, title, nodes) => {
    const ofType = pages.get(type)
    const groups = new Map<Body, { nodes: string[]; managed: number }>()
    const absent: string[] = []
    const failed: { node: string; reason: string }[] = []
    let asOfMs: number | undefined
    let asked = 0
    for (const node of nodes) {
      const page = ofType?.get(node)
      if (page?.reason !== undefined) {
        failed.push({ node, reason: page.reason })
        continue
      }
      const entry = entryOf(page, title)
      if (entry === 'unknown' || !page) continue
      asked += 1
      if (asOfMs === undefined || page.atMs < asOfMs) asOfMs = page.atMs
      if (entry === undefined) {
        absent.push(node)
        continue
      }
      let group = groups.get(entry.body)
      if (!group) groups.set(entry.body, (group = { nodes: [], managed: 0 }))
      group.nodes.push(node)
      if (entry.managed) group.managed += 1
    }
    const ordered = [...groups].sort(([a, m], [b, n]) => n.nodes.length - m.nodes.length || (a.key < b.key ? -1 : 1))
    const names = [...new Set(ordered.flatMap(([body]) => Object.keys(body.properties)))].sort()
    const isEqual = (name: string): boolean =>
      new Set(ordered.map(([body]) => (name in body.properties ? canonical(body.properties[name]) : ''))).size <= 1
    return {
      variants: ordered.map(([body, group]) => ({
        key: body.key,
        properties: body.properties,
        nodes: sampleOf(group.nodes),
        managed: group.managed,
      })),
      differing: names.filter((name) => !isEqual(name)),
      equal: names.filter(isEqual),
      absent: sampleOf(absent),
      failed: failed.slice(0, FAILED_SHOWN_MAX),
      asked,
      found: asked - absent.length,
      asOfMs,
    }
  }

  return {
    put,
    putOne,
    fail,
    types: () => [...pages.keys()].sort(),
    figures: (type, nodes) => figuresOf(type, tally(type, nodes)),
    list(type, nodes) {
      const { titles, inspected } = tally(type, nodes)
      return [...titles]
        .map(([title, bodiesOfTitle]) => {
          const counts = [...bodiesOfTitle.values()]
          return { title, nodes: sumOf(counts), variants: counts.length, outlier: outlierOf(counts, inspected) }
        })
        .sort((a, b) => (a.title < b.title ? -1 : 1))
    },
    variants: variantsOf,
    nodesOf(type, title, variant, nodes) {
      const ofType = pages.get(type)
      return nodes
        .filter((node) => {
          const page = ofType?.get(node)
          if (page?.reason !== undefined) return false
          const entry = entryOf(page, title)
          if (entry === 'unknown') return false
          return entry === undefined ? variant === 'absent' : entry.body.key === variant
        })
        .sort()
    },
    compare(type, left, right) {
      const [one, two] = [tally(type, left), tally(type, right)]
      const inspected = (nodes: readonly string[]): string[] =>
        nodes.filter((node) => !pages.get(type)?.get(node)?.listing)
      const different: Comparison['different'][number][] = []
      let equal = 0
      for (const [title, mine] of one.titles) {
        const theirs = two.titles.get(title)
        if (!theirs) continue
        const properties = differences(mine, theirs)
        if (properties.length === 0) equal += 1
        else different.push({ title, properties })
      }
      return {
        type,
        onlyLeft: [...one.titles.keys()].filter((title) => !two.titles.has(title)).sort(),
        onlyRight: [...two.titles.keys()].filter((title) => !one.titles.has(title)).sort(),
        different: different.sort((a, b) => (a.title < b.title ? -1 : 1)),
        equal,
        notInspected: sampleOf([...new Set([...inspected(left), ...inspected(right)])]),
      }
    },
    titles(type, matches, nodes, max) {
      const found: string[] = []
      for (const title of [...tally(type, nodes).titles.keys()].sort()) {
        if (matches(title)) found.push(title)
        if (found.length === max) break
      }
      return found
    },
    forget(beforeMs) {
      for (const [type, ofType] of pages) {
        for (const [node, page] of ofType) {
          if (page.atMs >= beforeMs) continue
          release(page)
          ofType.delete(node)
        }
        if (ofType.size === 0) pages.delete(type)
      }
      dropUnusedBodies()
    },
  }

  function dropUnusedBodies(): void {
    const used = new Set<string>()
    for (const { entries } of listings.values()) for (const { body } of entries.values()) used.add(body.key)
    for (const ofType of pages.values())
      for (const { singles } of ofType.values())
        for (const entry of singles?.values() ?? []) if (entry) used.add(entry.body.key)
    for (const key of bodies.keys()) if (!used.has(key)) bodies.delete(key)
  }
}

const FAILED_SHOWN_MAX = 500

function merged({ listing, singles }: Page): Map<string, Entry> {
  const entries = new Map(listing?.entries ?? [])
  for (const [title, entry] of singles ?? []) {
    if (entry) entries.set(title, entry)
    else entries.delete(title)
  }
  return entries
}

function sumOf(counts: Iterable<number>): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

/** One decimal, and 100.0 only when nothing differs. */
function roundDown(percent: number): number {
  const rounded = Math.round(percent * 10) / 10
  return rounded === 100 && percent < 100 ? 99.9 : rounded
}

/**
 * 0: every node the same. Near 1: a few nodes differ from, or lack what, nearly all others have. What few nodes have at all is their own affair, not
 * an outlier.
 */
function outlierOf(counts: readonly number[], inspected: number): number {
  const most = Math.max(...counts)
  if (inspected < 2 || most === inspected || most / inspected < OUTLIER_MIN_SHARE) return 0
  return most / inspected
}

export function sampleOf(nodes: readonly string[]): { count: number; first: string[] } {
  return { count: nodes.length, first: [...nodes].sort().slice(0, SAMPLE_MAX) }
}

/** Properties whose values are not spread the same way on both sides: equal sets of values are equal, whatever their counts. */
function differences(
  left: ReadonlyMap<Body, number>,
  right: ReadonlyMap<Body, number>,
): Comparison['different'][number]['properties'] {
  const names = new Set([...left.keys(), ...right.keys()].flatMap((body) => Object.keys(body.properties)))
  return [...names].sort().flatMap((name) => {
    const [one, two] = [valuesOf(left, name), valuesOf(right, name)]
    const isSame = one.size === two.size && [...one.keys()].every((text) => two.has(text))
    return isSame ? [] : [{ name, left: [...one.values()], right: [...two.values()] }]
  })
}

function valuesOf(side: ReadonlyMap<Body, number>, name: string): Map<string, { value: unknown; nodes: number }> {
  const values = new Map<string, { value: unknown; nodes: number }>()
  for (const [body, nodes] of side) {
    const value = name in body.properties ? body.properties[name] : null
    const text = canonical(value)
    values.set(text, { value, nodes: (values.get(text)?.nodes ?? 0) + nodes })
  }
  return values
}
