// Facts that change by themselves. They are left out of registrations: they would make every registration a change, and what the
// roster knows of them is wrong a minute later. A filter on one of them cannot be decided from the roster.

const VOLATILE = /^(?:system_uptime|uptime.*|memory|memoryfree.*|memory_free.*|swapfree.*|load_?averages?|mountpoints)$/

/** `isVolatileFact('uptime_seconds')` is true, `isVolatileFact('osfamily')` is not. Takes the top-level name. */
export function isVolatileFact(name: string): boolean {
  return VOLATILE.test(name)
}
