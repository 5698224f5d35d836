// What differs between texts that should be alike, e.g. two versions: by words and numbers, narrowed to characters where one word took the place of
// another. Bounded: long texts are compared at their ends alone.

export interface Segment {
  readonly text: string
  readonly differs: boolean
}

type Range = readonly [from: number, to: number]

const TOKENS_MAX = 400
const CHARACTERS_MAX = 4_000

/**
 * Marks in each text what the first has otherwise, and in the first what any other has otherwise. `['3.0.17-1', '3.0.9-1']` marks `17` and `9`.
 * A text that is different as a whole has no marks: they would say nothing.
 */
export function markDifferences(texts: readonly string[]): readonly (readonly Segment[])[] {
  const [first = ''] = texts
  const inFirst: Range[] = []
  const ranges = new Map<string, readonly Range[]>()
  for (const text of texts) {
    if (text === first || ranges.has(text)) continue
    const [a, b] = differences(first, text)
    inFirst.push(...a)
    ranges.set(text, b)
  }
  ranges.set(first, joined(inFirst))
  return texts.map((text) => segmentsOf(text, ranges.get(text) ?? []))
}

function segmentsOf(text: string, ranges: readonly Range[]): readonly Segment[] {
  const marked = ranges.reduce((sum, [from, to]) => sum + to - from, 0)
  if (marked === 0 || marked === text.length) return text === '' ? [] : [{ text, differs: false }]
  const segments: Segment[] = []
  let at = 0
  for (const [from, to] of ranges) {
    if (from > at) segments.push({ text: text.slice(at, from), differs: false })
    segments.push({ text: text.slice(from, to), differs: true })
    at = to
  }
  if (at < text.length) segments.push({ text: text.slice(at), differs: false })
  return segments
}

/** Sorted, without overlaps. */
function joined(ranges: readonly Range[]): readonly Range[] {
  const out: [number, number][] = []
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else out.push([from, to])
  }
  return out
}

/** Where each differs from the other. */
function differences(a: string, b: string): readonly [Range[], Range[]] {
  const tokensA = a.length > CHARACTERS_MAX ? [] : tokensOf(a)
  const tokensB = b.length > CHARACTERS_MAX ? [] : tokensOf(b)
  const inA: Range[] = []
  const inB: Range[] = []
  const gap = (fromA: number, toA: number, fromB: number, toB: number): void => {
    const head = commonHead(a.slice(fromA, toA), b.slice(fromB, toB))
    const tail = commonTail(a.slice(fromA + head, toA), b.slice(fromB + head, toB))
    if (toA - tail > fromA + head) inA.push([fromA + head, toA - tail])
    if (toB - tail > fromB + head) inB.push([fromB + head, toB - tail])
  }
  const many =
    tokensA.length === 0 || tokensB.length === 0 || tokensA.length > TOKENS_MAX || tokensB.length > TOKENS_MAX
  let atA = 0
  let atB = 0
  for (const [one, other] of many ? [] : common(tokensA, tokensB)) {
    gap(atA, one.from, atB, other.from)
    atA = one.from + one.text.length
    atB = other.from + other.text.length
  }
  gap(atA, a.length, atB, b.length)
  return [inA, inB]
}

interface Token {
  readonly text: string
  readonly from: number
}

function tokensOf(text: string): Token[] {
  return Array.from(text.matchAll(/\p{N}+|[\p{L}\p{M}]+|\s+|./gsu), (match) => ({ text: match[0], from: match.index }))
}

/** Pairs of the longest common subsequence. */
function common(a: readonly Token[], b: readonly Token[]): [Token, Token][] {
  const width = b.length + 1
  const length = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number): number => length[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i * width + j] = a[i]?.text === b[j]?.text ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const pairs: [Token, Token][] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const one = a[i]
    const other = b[j]
    if (one !== undefined && other !== undefined && one.text === other.text) {
      pairs.push([one, other])
      i++
      j++
    } else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return pairs
}

function commonHead(a: string, b: string): number {
  let n = 0
  while (n < a.length && n < b.length && a[n] === b[n]) n++
  // Never between the halves of a pair.
  return n > 0 && /[\ud800-\udbff]/.test(a[n - 1] ?? '') ? n - 1 : n
}

function commonTail(a: string, b: string): number {
  let n = 0
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n++
  return n > 0 && /[\udc00-\udfff]/.test(a[a.length - n] ?? '') ? n - 1 : n
}
