// How much waits in all queues together, in one queue, and for one sender: the bounds that keep memory in hand.

import type { Counters } from './counters.ts'
import type { Message } from './message.ts'
import type { BrokerLimits } from './options.ts'

export class Stored {
  readonly counters: Counters
  readonly #limits: BrokerLimits

  constructor(limits: BrokerLimits, counters: Counters) {
    this.#limits = limits
    this.counters = counters
  }

  /** Counts `message` in, unless a bound is reached. */
  admit(message: Message, queueBytes: number, queueMessages: number): boolean {
    const limits = this.#limits
    const { counters } = this
    const full =
      queueMessages >= limits.queueMessagesMax ||
      queueBytes + message.bytes > limits.queueBytesMax ||
      counters.storedMessages >= limits.storedMessagesMax ||
      counters.storedBytes + message.bytes > limits.storedBytesMax ||
      message.sender.storedBytes + message.bytes > limits.senderBytesMax
    if (full) return false
    counters.storedMessages++
    counters.storedBytes += message.bytes
    counters.queued++
    message.sender.storedBytes += message.bytes
    return true
  }

  release(message: Message): void {
    this.counters.storedMessages--
    this.counters.storedBytes -= message.bytes
    message.sender.storedBytes -= message.bytes
  }
}
