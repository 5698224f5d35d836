// Times as nodes tell them, taken for one only when they can be one: a lie must not keep what others say out of a database that stores whole
// milliseconds, nor end a page that writes a date. [agents 10.3, 16]

/** The last moment a Date can be, milliseconds. */
const LAST_MS = 8.64e15

/** Whole milliseconds since 1970 of seconds, e.g. `toldMs(1700000000.5)`; undefined: no time, or none there can be. */
export function toldMs(seconds: unknown): number | undefined {
  if (typeof seconds !== 'number') return undefined
  const ms = Math.floor(seconds * 1000)
  return ms > 0 && ms <= LAST_MS ? ms : undefined
}
