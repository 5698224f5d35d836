// Order of version numbers as MCollective sees it: for `requires` in DDLs. [wire vectors versioncmp]

/**
 * Negative, zero or positive: `versionCompare('2.12.5', '2.2.0')` is 1, `('1.01', '1.1')` is -1. Numbers compare as numbers
 * unless one has a leading zero, other pieces as text; a dash sorts before a dot, and what goes on is later.
 */
export function versionCompare(a: string, b: string): -1 | 0 | 1 {
  const left = a.match(PIECES) ?? []
  const right = b.match(PIECES) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = comparePieces(left[i] ?? '', right[i] ?? '')
    if (order !== 0) return order
  }
  return compare(a, b)
}

const PIECES = /[-.]|\d+|[^-.\d]+/g

function comparePieces(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  for (const special of ['-', '.']) {
    if (a === special) return -1
    if (b === special) return 1
  }
  const areNumbers = /^\d+$/.test(a) && /^\d+$/.test(b)
  if (!areNumbers) return compare(a.toUpperCase(), b.toUpperCase())
  if (a.startsWith('0') || b.startsWith('0')) return compare(a.toUpperCase(), b.toUpperCase())
  return a.length === b.length ? compare(a, b) : compare(a.length, b.length)
}

function compare<T extends string | number>(a: T, b: T): -1 | 0 | 1 {
  if (a === b) return 0
  return a < b ? -1 : 1
}
