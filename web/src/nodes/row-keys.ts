// Where keys lead in a list: arrows, pages, ends, and the beginning of a name typed quickly.

/** The index a key leads to; undefined: it is no such key, or the list is empty. `from` -1: nowhere yet. */
export function moveOf(key: string, from: number, count: number, page: number): number | undefined {
  if (count === 0) return undefined
  const last = count - 1
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, from + 1)
    case 'ArrowUp':
      return Math.max(0, from - 1)
    case 'PageDown':
      return Math.min(last, Math.max(0, from) + page)
    case 'PageUp':
      return Math.max(0, from - page)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return undefined
  }
}

const PAUSE_MS = 800

/** Letters typed in quick succession are the beginning of a name; the same letter again goes to the next name with it. */
export class TypeAhead {
  #typed = ''
  #atMs = Number.NEGATIVE_INFINITY

  /** true: a name is being typed, so a blank would belong to it. */
  going(atMs: number): boolean {
    return this.#typed !== '' && atMs - this.#atMs < PAUSE_MS
  }

  /** The index to go to; -1: no name begins so. */
  find(key: string, atMs: number, names: readonly string[], from: number): number {
    const letter = key.toLowerCase()
    const before = this.going(atMs) ? this.#typed : ''
    this.#atMs = atMs
    const again = before !== '' && [...before].every((one) => one === letter)
    this.#typed = before + letter
    const exact = this.#search(this.#typed, names, before === '' ? from + 1 : Math.max(0, from))
    if (exact >= 0 || !again) return exact
    return this.#search(letter, names, from + 1)
  }

  #search(text: string, names: readonly string[], from: number): number {
    for (let step = 0; step < names.length; step++) {
      const index = (from + step) % names.length
      if (names[index]?.toLowerCase().startsWith(text)) return index
    }
    return -1
  }
}
