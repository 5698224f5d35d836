// Values by text, to save work that was done before: what is forgotten is only worked out again. Bounded by the characters of its texts; beyond
// them nothing new is taken, because what comes often comes early.

export interface Remembered<T> {
  get(text: string): T | undefined
  set(text: string, value: T): void
}

/** `charactersMax`: of all texts together, each counted with 50 more for its place. */
export function createRemembered<T>(charactersMax: number): Remembered<T> {
  const values = new Map<string, T>()
  let characters = 0
  return {
    get: (text) => values.get(text),
    set(text, value) {
      if (!values.has(text)) {
        const more = text.length + PLACE_CHARACTERS
        if (characters + more > charactersMax) return
        characters += more
      }
      values.set(text, value)
    },
  }
}

const PLACE_CHARACTERS = 50

/** The function, asked once for each text. */
export function remembering<T>(charactersMax: number, of: (text: string) => T): (text: string) => T {
  const known = createRemembered<T>(charactersMax)
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const value = of(text)
    known.set(text, value)
    return value
  }
}
