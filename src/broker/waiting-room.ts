// Connections that have not logged in, oldest first: from the first byte of TCP to the CONNECTED frame. When there are too
// many, the oldest gives way, so that a crowd that never logs in cannot keep a real client out.

import type { Duplex } from 'node:stream'

export class WaitingRoom {
  readonly #sockets = new Map<string, { socket: Duplex; readonly sinceMs: number }>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** Lets a connection in. The one that has to go for it, if any. */
  enter(from: string, socket: Duplex, nowMs: number): Duplex | undefined {
    this.#sockets.set(from, { socket, sinceMs: nowMs })
    return this.#sockets.size > this.#max ? this.evictOldest() : undefined
  }

  /** The connection is the same, its socket is another: TLS has been set up on it. Since when it waits, or undefined. */
  replace(from: string, socket: Duplex): number | undefined {
    const entry = this.#sockets.get(from)
    if (entry) entry.socket = socket
    return entry?.sinceMs
  }

  leave(from: string): void {
    this.#sockets.delete(from)
  }

  evictOldest(): Duplex | undefined {
    for (const [from, { socket }] of this.#sockets) {
      this.#sockets.delete(from)
      return socket
    }
    return undefined
  }

  /** Takes out the connections that wait since before `untilMs`. */
  takeOlder(untilMs: number): Duplex[] {
    const sockets: Duplex[] = []
    for (const [from, { socket, sinceMs }] of this.#sockets) {
      if (sinceMs > untilMs) break
      this.#sockets.delete(from)
      sockets.push(socket)
    }
    return sockets
  }
}
