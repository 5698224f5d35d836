// One queue: each message goes to one consumer, in turn; without a consumer that fits and keeps up it waits. Consumers with
// a selector are looked up by the header's value and so are waiting messages, so that thousands of selectors on one queue
// cost no more than one. What may be stored at all is counted by stored.ts.

import type { Message } from './message.ts'
import type { Stored } from './stored.ts'
import type { Subscription } from './subscription.ts'

/** Consumers that take the same messages, and whose turn it is. */
interface Group {
  readonly members: Subscription[]
  turn: number
}

export class Queue {
  readonly name: string
  /** The connection's subscription that owns the queue, and the token by which it may be taken over. */
  owner: { readonly subscription: Subscription; readonly token: string | undefined } | undefined
  /** Bytes waiting. */
  bytes = 0
  readonly #stored: Stored
  readonly #waiting = new Set<Message>()
  #earliestExpiry = Number.POSITIVE_INFINITY
  readonly #everything: Group = { members: [], turn: 0 }
  /** header -> value -> consumers; and, for the same headers, header -> value -> waiting messages. */
  #groups: Map<string, Map<string, Group>> | undefined
  #index: Map<string, Map<string, Set<Message>>> | undefined

  constructor(name: string, stored: Stored) {
    this.name = name
    this.#stored = stored
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Nothing here: the queue can be forgotten. */
  get idle(): boolean {
    return this.#waiting.size === 0 && this.#everything.members.length === 0 && !this.#groups
  }

  get hasConsumers(): boolean {
    return this.#everything.members.length > 0 || this.#groups !== undefined
  }

  add(subscription: Subscription): void {
    const { selector } = subscription
    if (!selector) this.#everything.members.push(subscription)
    else {
      this.#groups ??= new Map()
      let values = this.#groups.get(selector.header)
      if (!values) {
        values = new Map()
        this.#groups.set(selector.header, values)
      }
      const group = values.get(selector.value)
      if (group) group.members.push(subscription)
      else values.set(selector.value, { members: [subscription], turn: 0 })
      if (!this.#index?.has(selector.header)) this.#indexBy(selector.header)
    }
    this.serve(subscription)
  }

  remove(subscription: Subscription): void {
    const { selector } = subscription
    if (this.owner?.subscription === subscription) this.owner = undefined
    const values = selector ? this.#groups?.get(selector.header) : undefined
    const group = selector ? values?.get(selector.value) : this.#everything
    const at = group?.members.indexOf(subscription) ?? -1
    if (at === -1) return
    group!.members.splice(at, 1)
    if (!selector || group!.members.length > 0) return
    values!.delete(selector.value)
    if (values!.size === 0) this.#groups!.delete(selector.header)
    if (this.#groups!.size === 0) this.#groups = undefined
  }

  /** Delivers or keeps `message`. `behind`: kept for a consumer that is there; `full`: there is no room to keep it. */
  send(message: Message, nowMs: number): 'delivered' | 'kept' | 'behind' | 'full' {
    let behind = false
    for (const group of this.#groupsOf(message)) {
      const consumer = this.#nextOf(group)
      if (consumer) {
        consumer.session.deliver(consumer, message)
        return 'delivered'
      }
      behind ||= group.members.length > 0
    }
    if (!this.#keep(message, nowMs)) return 'full'
    return behind ? 'behind' : 'kept'
  }

  /** Gives a consumer what waits for it, until it is behind again. */
  serve(subscription: Subscription): void {
    const { selector, session } = subscription
    subscription.behind = false
    const messages = selector ? this.#index?.get(selector.header)?.get(selector.value) : this.#waiting
    if (!messages) return
    for (const message of messages) {
      if (!session.keepsUp()) {
        subscription.behind = true
        return
      }
      this.#forget(message)
      session.deliver(subscription, message)
    }
  }

  /** Drops what has expired; the number of messages. */
  expire(nowMs: number): number {
    if (nowMs < this.#earliestExpiry) return 0
    let expired = 0
    let earliest = Number.POSITIVE_INFINITY
    for (const message of this.#waiting) {
      if (message.expiresAt <= nowMs) {
        this.#forget(message)
        expired++
      } else if (message.expiresAt < earliest) earliest = message.expiresAt
    }
    this.#earliestExpiry = earliest
    return expired
  }

  *#groupsOf(message: Message): Generator<Group> {
    if (this.#groups) {
      for (const [header, values] of this.#groups) {
        const value = message.header(header)
        const group = value === undefined ? undefined : values.get(value)
        if (group) yield group
      }
    }
    yield this.#everything
  }

  #nextOf(group: Group): Subscription | undefined {
    const { members } = group
    for (let i = 0; i < members.length; i++) {
      const at = (group.turn + i) % members.length
      const consumer = members[at] as Subscription
      if (consumer.behind) continue
      if (!consumer.session.keepsUp()) {
        consumer.behind = true
        continue
      }
      group.turn = at + 1
      return consumer
    }
    return undefined
  }

  #keep(message: Message, nowMs: number): boolean {
    if (message.expiresAt <= nowMs) {
      this.#stored.counters.expired++
      return true
    }
    if (!this.#stored.admit(message, this.bytes, this.#waiting.size)) return false
    message.detach()
    this.bytes += message.bytes
    this.#waiting.add(message)
    if (message.expiresAt < this.#earliestExpiry) this.#earliestExpiry = message.expiresAt
    if (this.#index) for (const [header, values] of this.#index) indexOne(header, values, message)
    return true
  }

  #forget(message: Message): void {
    this.#waiting.delete(message)
    this.bytes -= message.bytes
    this.#stored.release(message)
    if (this.#index) {
      for (const [header, values] of this.#index) {
        const value = message.header(header)
        const messages = value === undefined ? undefined : values.get(value)
        messages?.delete(message)
        if (messages?.size === 0) values.delete(value!)
      }
    }
  }

  #indexBy(header: string): void {
    const values = new Map<string, Set<Message>>()
    for (const message of this.#waiting) indexOne(header, values, message)
    this.#index ??= new Map()
    this.#index.set(header, values)
  }
}

function indexOne(header: string, values: Map<string, Set<Message>>, message: Message): void {
  const value = message.header(header)
  if (value === undefined) return
  const messages = values.get(value)
  if (messages) messages.add(message)
  else values.set(value, new Set([message]))
}
