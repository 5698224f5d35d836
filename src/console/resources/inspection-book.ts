// What nodes said about their resources, kept compactly with its age: a resource that thousands of nodes have is kept once, and nodes with
// the same resources share one list of numbers (inspected-pages.ts). What is read from it for people is inspected-figures.ts.
// [live 3.3, 3.5, 10]

import { createHash } from 'node:crypto'
import { INSPECTION_CHARACTERS_MAX, INSPECTION_SINGLES_MAX } from '#base/limits.ts'
import type { Comparison, ResourceRow, TypeFigures } from '../api/resources.ts'
import { compared, figuresOf, outlierOf, sumOf, type Variants, variantsOf } from './inspected-figures.ts'
import { type Entry, finder, notInspected, type Page, type Shelf, tally } from './inspected-pages.ts'
import { digestOf, stable } from './value-key.ts'

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
  /** Those of which all resources of the type were never asked for, or it was long ago. */
  missing(type: string, nodes: readonly string[]): string[]
  compare(type: string, left: readonly string[], right: readonly string[]): Comparison
  /** Drops what is older. */
  forget(beforeMs: number): void
  /** What it holds, in the measure of its bound. */
  readonly size: number
}

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
    missing: (type, nodes) => notInspected(shelves.get(type), nodes),
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
