// What both databases can keep of a value: no NUL characters and no halves of surrogate pairs in text, whatever a node sent.

export function parameters(values: readonly unknown[]): unknown[] {
  return values.map((value) => (typeof value === 'string' ? keepable(value) : (value ?? null)))
}

/** e.g. `a\0b` becomes `a\ufffdb`. */
export function keepable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\ufffd') : whole
}

/** The beginning of a text that is too long; what is cut off shows. */
export function cutText(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 3)}...`
}
