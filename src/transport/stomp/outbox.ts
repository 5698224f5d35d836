// Messages on their way to the broker: kept until it has confirmed them, in order, within bounds of count, bytes and time.
// Knows no socket: the connector takes what is to be sent next and tells what the broker answered. A message that was sent
// on a connection that broke is sent again on the next one, so the broker may get it twice: at least once. [wire 1.5]

import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'

export interface OutboxBounds {
  readonly countMax: number
  /** A body that several messages in a row share counts once. */
  readonly bytesMax: number
}

export interface OutgoingMessage {
  /** Id of the receipt asked for, e.g. `p17`. */
  readonly receipt: string
  readonly headers: readonly string[]
  readonly bytes: Uint8Array
}

interface Entry extends OutgoingMessage {
  readonly deadlineMs: number
  readonly countedBytes: number
  readonly resolve: () => void
  readonly reject: (error: TroupeError) => void
  sent: boolean
  done: boolean
}

export class Outbox {
  readonly #clock: Clock
  readonly #bounds: OutboxBounds
  readonly #entries = new Map<string, Entry>()
  /** Entries not yet sent on this connection, from #unsentAt on; those that are done are skipped. */
  #unsent: Entry[] = []
  #unsentAt = 0
  #inFlight = 0
  #bytes = 0
  #sequence = 0
  #lastBytes: Uint8Array | undefined
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined

  constructor(clock: Clock, bounds: OutboxBounds) {
    this.#clock = clock
    this.#bounds = bounds
  }

  /** Messages not yet confirmed. */
  get size(): number {
    return this.#entries.size
  }

  /** Messages sent on this connection and not yet confirmed. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Resolves when confirmed; rejects with TRANSPORT_OVERLOADED, TRANSPORT_EXPIRED, or what `refuse` or `close` say. */
  add(headers: readonly string[], bytes: Uint8Array, ttlMs: number): Promise<void> {
    const countedBytes = bytes === this.#lastBytes ? 0 : bytes.length
    if (this.#entries.size >= this.#bounds.countMax || this.#bytes + countedBytes > this.#bounds.bytesMax) {
      return Promise.reject(
        new TroupeError(
          'TRANSPORT_OVERLOADED',
          `cannot publish: ${this.#entries.size} messages of ${this.#bytes} bytes already wait for the broker, ` +
            `${this.#bounds.countMax} and ${this.#bounds.bytesMax} may; wait for earlier ones first`,
        ),
      )
    }
    this.#lastBytes = bytes
    this.#bytes += countedBytes
    this.#sequence += 1
    const receipt = `p${this.#sequence}`
    const deadlineMs = this.#clock.monotonic() + ttlMs
    return new Promise((resolve, reject) => {
      const entry: Entry = {
        receipt,
        headers,
        bytes,
        deadlineMs,
        countedBytes,
        resolve,
        reject,
        sent: false,
        done: false,
      }
      this.#entries.set(receipt, entry)
      this.#unsent.push(entry)
      if (!this.#timer || deadlineMs < this.#timer.atMs) this.#arm(deadlineMs)
    })
  }

  /** The next message to send, from now on counted as sent; undefined when there is none. */
  next(): OutgoingMessage | undefined {
    while (this.#unsentAt < this.#unsent.length) {
      const entry = this.#unsent[this.#unsentAt]!
      this.#unsentAt += 1
      if (entry.done) continue
      entry.sent = true
      this.#inFlight += 1
      return entry
    }
    this.#unsent = []
    this.#unsentAt = 0
    return undefined
  }

  /** The connection broke: all that is unconfirmed is to be sent again, in its first order. */
  rewind(): void {
    this.#unsent = [...this.#entries.values()]
    this.#unsentAt = 0
    this.#inFlight = 0
    for (const entry of this.#unsent) entry.sent = false
  }

  /** False when no message waits for this receipt. */
  confirm(receipt: string): boolean {
    const entry = this.#take(receipt)
    entry?.resolve()
    return entry !== undefined
  }

  /** False when no message waits for this receipt. */
  refuse(receipt: string, error: TroupeError): boolean {
    const entry = this.#take(receipt)
    entry?.reject(error)
    return entry !== undefined
  }

  /** The receipt of the only message in flight. */
  onlyInFlight(): string | undefined {
    if (this.#inFlight !== 1) return undefined
    for (const entry of this.#entries.values()) if (entry.sent) return entry.receipt
    return undefined
  }

  close(error: TroupeError): void {
    for (const receipt of [...this.#entries.keys()]) this.refuse(receipt, error)
  }

  #take(receipt: string): Entry | undefined {
    const entry = this.#entries.get(receipt)
    if (!entry) return undefined
    this.#entries.delete(receipt)
    entry.done = true
    if (entry.sent) this.#inFlight -= 1
    this.#bytes -= entry.countedBytes
    if (this.#entries.size === 0) {
      this.#lastBytes = undefined
      this.#bytes = 0
      this.#timer?.cancel()
      this.#timer = undefined
    }
    return entry
  }

  // One timer for all: 2,000 directed messages of one request have one deadline.
  #arm(atMs: number): void {
    this.#timer?.cancel()
    const cancel = this.#clock.after(Math.max(0, atMs - this.#clock.monotonic()), () => {
      this.#timer = undefined
      this.#expire()
    })
    this.#timer = { atMs, cancel }
  }

  #expire(): void {
    const nowMs = this.#clock.monotonic()
    let nextMs = Number.POSITIVE_INFINITY
    for (const entry of [...this.#entries.values()]) {
      if (entry.deadlineMs > nowMs) nextMs = Math.min(nextMs, entry.deadlineMs)
      else this.refuse(entry.receipt, expired(entry))
    }
    if (nextMs !== Number.POSITIVE_INFINITY) this.#arm(nextMs)
  }
}

function expired(entry: Entry): TroupeError {
  const destination = entry.headers[entry.headers.indexOf('destination') + 1]
  return new TroupeError(
    'TRANSPORT_EXPIRED',
    entry.sent
      ? `cannot tell whether ${destination} got a message: the broker has not confirmed it within its ttl`
      : `cannot publish to ${destination}: there was no connection to a broker within the ttl of the message`,
    { details: { sent: entry.sent } },
  )
}
