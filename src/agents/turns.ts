// One after the other for things of the same name: two operators who act on one service follow each other, so that each gets a true answer.

import type { Clock } from '#base/clock.ts'

export interface Turns {
  /** Runs `work` when nobody before it is at work on that name; `late` instead when that takes longer, and then never `work`. */
  run<Result>(name: string, seconds: number, work: () => Promise<Result>, late: () => never): Promise<Result>
}

export function createTurns(clock: Clock): Turns {
  /** The end of the last one in line for a name. */
  const ends = new Map<string, Promise<void>>()
  return {
    async run(name, seconds, work, late) {
      const before = ends.get(name)
      const mine = Promise.withResolvers<void>()
      const end = (before ?? Promise.resolve()).then(() => mine.promise)
      ends.set(name, end)
      void end.then(() => ends.get(name) === end && ends.delete(name))
      try {
        if (before && !(await within(clock, seconds, before))) late()
        return await work()
      } finally {
        mine.resolve()
      }
    },
  }
}

/** Whether it has ended within so many seconds. */
function within(clock: Clock, seconds: number, promise: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(seconds * 1000, () => resolve(false))
    void promise.then(() => {
      cancel()
      resolve(true)
    })
  })
}
