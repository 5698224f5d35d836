// So many pieces of work at once; the others wait in the order they came.

/**
 * `createTurns(2)` gives a function that runs what it is given when fewer than two are at work. `full` is what is thrown instead of letting one more
 * than `waitingMax` wait.
 */
export function createTurns(
  atOnce: number,
  { waitingMax, full }: { readonly waitingMax: number; full(): Error } = NO_BOUND,
): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let busy = 0
  return async (work) => {
    if (busy < atOnce) busy += 1
    else if (waiting.length >= waitingMax) throw full()
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      // Whoever is next takes this place over: nobody who comes in between gets it.
      const next = waiting.shift()
      if (next) next()
      else busy -= 1
    }
  }
}

const NO_BOUND = { waitingMax: Number.POSITIVE_INFINITY, full: () => new Error('more wait than can be') }
