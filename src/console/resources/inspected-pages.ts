// How what nodes said is kept: a page per node, a resource that thousands have once, and counting and looking it up over many nodes. Filled by
// inspection-book.ts; what is made of it for people is inspected-figures.ts.

export interface Body {
  readonly key: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** A title with its properties on some node: kept once, known by its number. */
export interface Entry {
  readonly number: number
  readonly text: string
  readonly title: string
  readonly body: Body
  readonly managed: boolean | undefined
}

/** All resources of a type on a node: ascending numbers, shared by all nodes that have exactly these. */
export interface Listing {
  readonly key: string
  readonly numbers: Uint32Array
  uses: number
}

export interface Single {
  readonly atMs: number
  readonly entry: Entry | undefined
}

export interface Page {
  readonly node: string
  /** Absent: only single resources were looked at, or it failed. */
  listing?: Listing
  atMs: number
  /** Looked at by name since. */
  singles?: Map<string, Single>
  reason?: string
}

export interface Shelf {
  readonly pages: Map<string, Page>
  readonly listings: Map<string, Listing>
  /** By number; holes where one was dropped. */
  readonly entries: (Entry | undefined)[]
  readonly holes: number[]
  readonly byText: Map<string, Entry>
  readonly byTitle: Map<string, Entry[]>
}

export type Failure = { readonly node: string; readonly reason: string }

export interface Tally {
  /** Title -> body -> number of nodes. */
  readonly titles: ReadonlyMap<string, ReadonlyMap<Body, number>>
  readonly inspected: number
  readonly notInspected: number
  readonly failed: readonly Failure[]
  readonly asOfMs: number | undefined
}

/** Over the inspected nodes; each distinct listing is walked once. */
export function tally(shelf: Shelf | undefined, nodes: readonly string[]): Tally {
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

/** Those of which nothing is known, also not why. */
export function notInspected(shelf: Shelf | undefined, nodes: readonly string[]): string[] {
  return nodes.filter((node) => {
    const page = shelf?.pages.get(node)
    return page?.reason === undefined && !page?.listing
  })
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
export function finder(shelf: Shelf | undefined, title: string): (node: string) => Found {
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
