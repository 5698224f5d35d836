// What a receiver in a test has got so far, and waiting for more of it without polling.

import type { Delivery } from '#transport/connector.ts'

/** Far over what any broker needs; only a failing test waits this long. */
const PATIENCE_MS = 15_000

export class Deliveries {
  readonly list: Delivery[] = []
  #wake: (() => void) | undefined

  /** To be handed to `subscribe`. */
  readonly take = (delivery: Delivery): void => {
    this.list.push(delivery)
    this.#wake?.()
  }

  get texts(): string[] {
    return this.list.map((d) => Buffer.from(d.bytes).toString('utf8'))
  }

  /** Resolves when there are `count`; rejects naming what there is when that takes too long. */
  async reach(count: number, what = 'deliveries'): Promise<void> {
    await until(
      () => this.list.length >= count,
      (wake) => {
        this.#wake = wake
      },
      () => `${this.list.length} ${what} of ${count} arrived`,
    )
  }

  /** Resolves when `text` has arrived. */
  async reachText(text: string): Promise<void> {
    await until(
      () => this.texts.includes(text),
      (wake) => {
        this.#wake = wake
      },
      () => `${JSON.stringify(text)} did not arrive; got ${JSON.stringify(this.texts)}`,
    )
  }
}

/** Resolves once `condition` holds; it is looked at whenever the callback given to `register` is called. */
export function until(
  condition: () => boolean,
  register: (wake: () => void) => void,
  describe: () => string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`after ${PATIENCE_MS} ms ${describe()}`)), PATIENCE_MS)
    const check = (): void => {
      if (!condition()) return
      clearTimeout(timer)
      resolve()
    }
    register(check)
    check()
  })
}
