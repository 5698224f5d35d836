// Texts kept once and known by a number. Nodes of a fleet have most facts, class lists and agent lists in common, so a roster of
// them is mostly numbers. Counted, so that what nobody has any more is freed.

export interface TextPool {
  /** The text's number; takes one more share in it. */
  take(text: string): number
  /** Gives one share back; the last one frees text and number. */
  give(id: number): void
  /** `take` must have given this number. */
  text(id: number): string
  /** The number of a text somebody has; undefined: nobody. Takes no share. */
  find(text: string): number | undefined
  /** Characters of all texts. */
  size(): number
}

export function createTextPool(): TextPool {
  const ids = new Map<string, number>()
  const texts: string[] = []
  const shares: number[] = []
  const free: number[] = []
  let size = 0
  return {
    take(text) {
      const known = ids.get(text)
      if (known !== undefined) {
        shares[known] = (shares[known] ?? 0) + 1
        return known
      }
      const id = free.pop() ?? texts.length
      texts[id] = text
      shares[id] = 1
      ids.set(text, id)
      size += text.length
      return id
    },
    give(id) {
      const left = (shares[id] ?? 0) - 1
      shares[id] = left
      if (left > 0) return
      const text = texts[id] ?? ''
      ids.delete(text)
      texts[id] = ''
      free.push(id)
      size -= text.length
    },
    text: (id) => texts[id] ?? '',
    find: (text) => ids.get(text),
    size: () => size,
  }
}
