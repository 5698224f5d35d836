// How many actions run at once on a node, and how many may wait for a place. A full node refuses; it does not grow.

export interface Limiter {
  /** Runs `work`, which must handle its own errors, now or when a place is free; false: there is no room left to wait either. */
  submit(work: () => Promise<void>): boolean
  running(): number
  waiting(): number
  /** Resolves when nothing runs. */
  idle(): Promise<void>
  /** Forgets those that wait and gives them back. */
  drop(): (() => Promise<void>)[]
}

export function createLimiter(runningMax: number, waitingMax: number): Limiter {
  const queue: (() => Promise<void>)[] = []
  const idlers: (() => void)[] = []
  let running = 0

  const start = (work: () => Promise<void>): void => {
    running++
    const done = (): void => {
      running--
      const next = queue.shift()
      if (next) start(next)
      else if (running === 0) for (const resolve of idlers.splice(0)) resolve()
    }
    work().then(done, done)
  }

  return {
    submit(work) {
      if (running < runningMax) start(work)
      else if (queue.length < waitingMax) queue.push(work)
      else return false
      return true
    },
    running: () => running,
    waiting: () => queue.length,
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    drop: () => queue.splice(0),
  }
}
