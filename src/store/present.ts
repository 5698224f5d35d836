// Rows to records: what is null in the database is absent in a record.

/** The record without members that are null or undefined. */
export function present<T extends object>(members: { [K in keyof T]: T[K] | null | undefined }): T {
  const entries = Object.entries(members).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(entries) as T
}

/** Only those that were given; null stays and clears a column. */
export function given<T extends object>(members: { [K in keyof T]?: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>
}

/** Truth as both databases keep it. */
export function bit(value: boolean): number {
  return value ? 1 : 0
}
