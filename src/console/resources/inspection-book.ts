// What nodes said about their resources, kept compactly with its age: a resource that thousands of nodes have is kept once, and nodes with
// the same resources share one list of numbers. From it come figures, lists, variants and comparisons, all by one way of counting (O29).
// [live 3.3, 3.5, 10]

import { createHash } from 'node:crypto'
import {
  COMPARED_TITLES_MAX,
  COMPARED_VALUES_MAX,
  INSPECTION_CHARACTERS_MAX,
  INSPECTION_FAILURES_MAX,
  INSPECTION_SINGLES_MAX,
} from '#base/limits.ts'
import type { Comparison, ResourceRow, ResourceVariant, TypeFigures } from '../api/resources.ts'

export interface InspectedResource {
  readonly title: string
  /** Those that are shown (type-rules.ts), secrets masked. */
  readonly properties: Readonly<Record<string, unknown>>
  /** undefined: the node cannot tell. */
  readonly managed: boolean | undefined
}

export interface InspectionBook {
  /** All resources of a type on a node: replaces what was known. Of a title twice the first counts. */
  put(type: string, node: string, atMs: number, resources: Iterable<InspectedResource>): void
  /** One resource was looked at; `undefined`: it is not there. */
  putOne(type: string, node: string, atMs: number, title: string, resource: InspectedResource | undefined): void
  fail(type: string, node: string, atMs: number, reason: string): void
  /** Types anybody asked about, by name. */
  types(): readonly string[]
  figures(type: string, nodes: readonly string[]): TypeFigures
  /** By title. */
  list(type: string, nodes: readonly string[]): ResourceRow[]
  variants(type: string, title: string, nodes: readonly string[]): Variants
  /** All nodes of a variant, sorted; `absent`: those that were looked at and have none. */
  nodesOf(type: string, title: string, variant: string, nodes: readonly string[]): string[]
  /** Any nodes that have this variant, sorted, at most so many. */
  holders(type: string, title: string, variant: string, max: number): string[]
  compare(type: string, left: readonly string[], right: readonly string[]): Comparison
  /** Drops what is older. */
  forget(beforeMs: number): void
  /** What it holds, in the measure of its bound. */
  readonly size: number
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
  /** The oldest of it. */
  readonly asOfMs: number | undefined
}

interface Body {
  readonly key: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** A title with its properties on some node: kept once, known by its number. */
interface Entry {
  readonly number: number
  readonly text: string
  readonly title: string
  readonly body: Body
  readonly managed: boolean | undefined
}

/** All resources of a type on a node: ascending numbers, shared by all nodes that have exactly these. */
interface Listing {
  readonly key: string
  readonly numbers: Uint32Array
  uses: number
}

interface Single {
  readonly atMs: number
  readonly entry: Entry | undefined
}

interface Page {
  readonly node: string
  /** Absent: only single resources were looked at, or it failed. */
  listing?: Listing
  atMs: number
  /** Looked at by name since. */
  singles?: Map<string, Single>
  reason?: string
}

interface Shelf {
  readonly pages: Map<string, Page>
  readonly listings: Map<string, Listing>
  /** By number; holes where one was dropped. */
  readonly entries: (Entry | undefined)[]
  readonly holes: number[]
  readonly byText: Map<string, Entry>
  readonly byTitle: Map<string, Entry[]>
}

const SAMPLE_MAX = 20

/** `charactersMax`: for tests. */
export function createInspectionBook(charactersMax = INSPECTION_CHARACTERS_MAX): InspectionBook {
  const shelves = new Map<string, Shelf>()
  let size = 0

  const shelfOf = (type: string): Shelf => {
    let shelf = shelves.get(type)
    if (!shelf) {
      shelf = { pages: new Map(), listings: new Map(), entries: [], holes: [], byText: new Map(), byTitle: new Map() }
      shelves.set(type, shelf)
    }
    return shelf
  }

  const entryOf = (shelf: Shelf, { title, properties, managed }: InspectedResource): Entry => {
    const json = stable(properties)
    const text = `${json} ${managed} ${title}`
    const known = shelf.byText.get(text)
    if (known) return known
    const key = digestOf(json)
    const alike = shelf.byTitle.get(title)
    const body = alike?.find((one) => one.body.key === key)?.body ?? { key, properties }
    const entry = { number: shelf.holes.pop() ?? shelf.entries.length, text, title, body, managed }
    shelf.entries[entry.number] = entry
    shelf.byText.set(text, entry)
    if (alike) alike.push(entry)
    else shelf.byTitle.set(title, [entry])
    size += sizeOfEntry(entry)
    return entry
  }

  const pageOf = (shelf: Shelf, node: string): Page => {
    let page = shelf.pages.get(node)
    if (!page) {
      page = { node, atMs: 0 }
      shelf.pages.set(node, page)
    }
    return page
  }

  const release = (shelf: Shelf, page: Page): void => {
    const { listing } = page
    if (!listing) return
    delete page.listing
    listing.uses -= 1
    if (listing.uses > 0) return
    shelf.listings.delete(listing.key)
    size -= listing.numbers.length * 4
  }

  /** Drops entries nobody has any more. */
  const sweep = (type: string, shelf: Shelf): void => {
    const used = new Uint8Array(shelf.entries.length)
    for (const { numbers } of shelf.listings.values()) for (const number of numbers) used[number] = 1
    for (const { singles } of shelf.pages.values())
      for (const { entry } of singles?.values() ?? []) if (entry) used[entry.number] = 1
    for (const entry of shelf.entries) {
      if (!entry || used[entry.number] === 1) continue
      shelf.entries[entry.number] = undefined
      shelf.holes.push(entry.number)
      shelf.byText.delete(entry.text)
      const left = (shelf.byTitle.get(entry.title) ?? []).filter((one) => one !== entry)
      if (left.length > 0) shelf.byTitle.set(entry.title, left)
      else shelf.byTitle.delete(entry.title)
      size -= sizeOfEntry(entry)
    }
    if (shelf.pages.size === 0) shelves.delete(type)
  }

  const drop = (shelf: Shelf, page: Page): void => {
    release(shelf, page)
    shelf.pages.delete(page.node)
  }

  /** The oldest go, a tenth of all at a time, but never what has just come. */
  const makeRoom = (latest: Page): void => {
    if (size <= charactersMax) return
    for (const [type, shelf] of shelves) sweep(type, shelf)
    while (size > charactersMax) {
      const all = [...shelves.values()].flatMap((shelf) => [...shelf.pages.values()].map((page) => ({ shelf, page })))
      const old = all.filter(({ page }) => page !== latest).sort((a, b) => a.page.atMs - b.page.atMs)
      if (old.length === 0) return
      for (const { shelf, page } of old.slice(0, Math.ceil(old.length / 10))) drop(shelf, page)
      for (const [type, shelf] of shelves) sweep(type, shelf)
    }
  }

  const put: InspectionBook['put'] = (type, node, atMs, resources) => {
    const shelf = shelfOf(type)
    const seen = new Map<string, number>()
    for (const resource of resources)
      if (!seen.has(resource.title)) seen.set(resource.title, entryOf(shelf, resource).number)
    const numbers = Uint32Array.from(seen.values()).sort()
    const key = createHash('sha256').update(numbers).digest('base64')
    let listing = shelf.listings.get(key)
    if (!listing) {
      listing = { key, numbers, uses: 0 }
      shelf.listings.set(key, listing)
      size += numbers.length * 4
    }
    listing.uses += 1
    const page = pageOf(shelf, node)
    release(shelf, page)
    page.listing = listing
    page.atMs = atMs
    delete page.singles
    delete page.reason
    makeRoom(page)
  }

  const putOne: InspectionBook['putOne'] = (type, node, atMs, title, resource) => {
    const shelf = shelfOf(type)
    const page = pageOf(shelf, node)
    page.singles ??= new Map()
    page.singles.delete(title)
    page.singles.set(title, { atMs, entry: resource && entryOf(shelf, { ...resource, title }) })
    const [oldest] = page.singles.keys()
    if (page.singles.size > INSPECTION_SINGLES_MAX && oldest !== undefined) page.singles.delete(oldest)
    if (!page.listing) page.atMs = atMs
    delete page.reason
    makeRoom(page)
  }

  const fail: InspectionBook['fail'] = (type, node, atMs, reason) => {
    const shelf = shelfOf(type)
    const page = pageOf(shelf, node)
    release(shelf, page)
    delete page.singles
    page.atMs = atMs
    page.reason = reason
  }

  return {
    ...{ put, putOne, fail },
    types: () => [...shelves.keys()].sort(),
    figures: (type, nodes) => figuresOf(type, tally(shelves.get(type), nodes)),
    list(type, nodes) {
      const { titles, inspected } = tally(shelves.get(type), nodes)
      return [...titles]
        .map(([title, bodies]) => {
          const counts = [...bodies.values()]
          return { title, nodes: sumOf(counts), variants: counts.length, outlier: outlierOf(counts, inspected) }
        })
        .sort((a, b) => (a.title < b.title ? -1 : 1))
    },
    variants: (type, title, nodes) => variantsOf(shelves.get(type), title, nodes),
    nodesOf(type, title, variant, nodes) {
      const find = finder(shelves.get(type), title)
      const has = (node: string): boolean => {
        const found = find(node)
        if (found.state !== 'known') return false
        return found.entry ? found.entry.body.key === variant : variant === 'absent'
      }
      return nodes.filter(has).sort()
    },
    holders(type, title, variant, max) {
      const shelf = shelves.get(type)
      const find = finder(shelf, title)
      const holders: string[] = []
      for (const node of [...(shelf?.pages.keys() ?? [])].sort()) {
        const found = find(node)
        if (found.state === 'known' && found.entry?.body.key === variant) holders.push(node)
        if (holders.length >= max) break
      }
      return holders
    },
    compare: (type, left, right) => compared(type, shelves.get(type), left, right),
    forget(beforeMs) {
      for (const [type, shelf] of shelves) {
        let dropped = 0
        for (const page of shelf.pages.values()) {
          for (const [title, { atMs }] of page.singles ?? []) if (atMs < beforeMs) page.singles?.delete(title)
          if (page.singles?.size === 0) delete page.singles
          if (page.atMs >= beforeMs) continue
          drop(shelf, page)
          dropped += 1
        }
        if (dropped > 0 || shelf.pages.size === 0) sweep(type, shelf)
      }
    },
    get size() {
      return size
    },
  }
}

function sizeOfEntry({ text, body }: Entry): number {
  return text.length + charactersOf(body.properties) + 100
}

function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 10
  if (typeof value !== 'object' || value === null) return 10
  let sum = 10
  for (const [name, inner] of Object.entries(value)) sum += name.length + charactersOf(inner)
  return sum
}

/** Of a variant: 32 hex digits of its values. */
export function keyOf(properties: Readonly<Record<string, unknown>>): string {
  return digestOf(stable(properties))
}

function digestOf(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 32)
}

/** JSON with the members of maps in order of their names: equal values have equal texts. */
export function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${stable((value as Record<string, unknown>)[name])}`).join(',')}}`
}

type Failure = { readonly node: string; readonly reason: string }

interface Tally {
  /** Title -> body -> number of nodes. */
  readonly titles: ReadonlyMap<string, ReadonlyMap<Body, number>>
  readonly inspected: number
  readonly notInspected: number
  readonly failed: readonly Failure[]
  readonly asOfMs: number | undefined
}

/** Over the inspected nodes; each distinct listing is walked once. */
function tally(shelf: Shelf | undefined, nodes: readonly string[]): Tally {
  const uses = new Map<Listing, number>()
  const corrections: Page[] = []
  const failed: Failure[] = []
  let [inspected, notInspected] = [0, 0]
  let asOfMs: number | undefined
  for (const node of nodes) {
    const page = shelf?.pages.get(node)
    if (page?.reason !== undefined) failed.push({ node, reason: page.reason })
    else if (!page?.listing) notInspected += 1
    else {
      inspected += 1
      asOfMs = Math.min(asOfMs ?? page.atMs, page.atMs)
      uses.set(page.listing, (uses.get(page.listing) ?? 0) + 1)
      if (page.singles) corrections.push(page)
    }
  }
  const entries = shelf?.entries ?? []
  const counts = new Float64Array(entries.length)
  for (const [{ numbers }, count] of uses) for (const number of numbers) counts[number]! += count
  if (shelf) for (const page of corrections) correct(shelf, page, counts)
  const titles = new Map<string, Map<Body, number>>()
  for (const entry of entries) {
    const count = entry ? counts[entry.number]! : 0
    if (!entry || count === 0) continue
    let bodies = titles.get(entry.title)
    if (!bodies) {
      bodies = new Map()
      titles.set(entry.title, bodies)
    }
    bodies.set(entry.body, (bodies.get(entry.body) ?? 0) + count)
  }
  return { titles, inspected, notInspected, failed, asOfMs }
}

/** What was looked at by name since replaces what the listing says of it. */
function correct(shelf: Shelf, { listing, singles }: Page, counts: Float64Array): void {
  for (const [title, { entry }] of singles ?? []) {
    const listed = listing && listedEntry(shelf, listing, title)
    if (listed) counts[listed.number]! -= 1
    if (entry) counts[entry.number]! += 1
  }
}

function listedEntry(shelf: Shelf, { numbers }: Listing, title: string): Entry | undefined {
  return shelf.byTitle.get(title)?.find(({ number }) => holds(numbers, number))
}

function holds(ascending: Uint32Array, number: number): boolean {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! < number) low = middle + 1
    else high = middle
  }
  return ascending[low] === number
}

type Found =
  | { readonly state: 'known'; readonly entry: Entry | undefined; readonly atMs: number }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'unknown' }

/** What is known of a title on nodes; listings that many nodes share are looked into once. */
function finder(shelf: Shelf | undefined, title: string): (node: string) => Found {
  const listed = new Map<Listing, Entry | undefined>()
  return (node) => {
    const page = shelf?.pages.get(node)
    if (!shelf || !page) return { state: 'unknown' }
    if (page.reason !== undefined) return { state: 'failed', reason: page.reason }
    const single = page.singles?.get(title)
    if (single) return { state: 'known', ...single }
    const { listing, atMs } = page
    if (!listing) return { state: 'unknown' }
    if (!listed.has(listing)) listed.set(listing, listedEntry(shelf, listing, title))
    return { state: 'known', entry: listed.get(listing), atMs }
  }
}

function figuresOf(type: string, { titles, inspected, notInspected, failed, asOfMs }: Tally): TypeFigures {
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

function variantsOf(shelf: Shelf | undefined, title: string, nodes: readonly string[]): Variants {
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

function compared(
  type: string,
  shelf: Shelf | undefined,
  left: readonly string[],
  right: readonly string[],
): Comparison {
  const [one, two] = [tally(shelf, left), tally(shelf, right)]
  const unlisted = [...left, ...right].filter((node) => !shelf?.pages.get(node)?.listing)
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
    different: different.sort((a, b) => (a.title < b.title ? -1 : 1)).slice(0, COMPARED_TITLES_MAX),
    notInspected: sampleOf([...new Set(unlisted)]),
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

function sumOf(counts: Iterable<number>): number {
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
function outlierOf(counts: readonly number[], inspected: number): number {
  const absent = inspected - sumOf(counts)
  const most = counts.reduce((a, b) => Math.max(a, b), 0)
  if (inspected < 2 || most === inspected) return 0
  if (most * 2 >= inspected && most >= absent) return most / inspected
  return absent * 2 >= inspected ? absent / inspected / 2 : 0
}

export function sampleOf(nodes: readonly string[]): { count: number; first: string[] } {
  return { count: nodes.length, first: [...nodes].sort().slice(0, SAMPLE_MAX) }
}
