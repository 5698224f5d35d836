// The subscriptions a connector holds, whatever connection there is: one on the wire per destination, however many receivers
// ask for it. Knows no socket: the connector sends what is to be sent next and tells what the broker answered. [wire 1.2]

import type { Delivery, Source } from '../connector.ts'
import type { SubscribeAddress } from './destinations.ts'

export type Receiver = (delivery: Delivery) => void

export interface WireSubscription {
  /** e.g. `3`; the destination itself when the broker subscribes by itself. */
  readonly id: string
  /** As the first receiver asked for it. */
  readonly source: Source
  readonly address: SubscribeAddress
  /** In order of subscribing; the first gets what arrives. */
  readonly receivers: Receiver[]
  /** `refused` ones are left out until `retry`. */
  state: 'unsent' | 'sent' | 'confirmed' | 'refused'
}

export class Subscriptions {
  readonly #byId = new Map<string, WireSubscription>()
  readonly #byAddress = new Map<string, WireSubscription>()
  readonly #unsent = new Set<WireSubscription>()
  #sequence = 0
  /** Sent and not yet confirmed. */
  inFlight = 0

  /** The subscription `receiver` has joined. It is `unsent` when it is new. */
  add(source: Source, address: SubscribeAddress, receiver: Receiver): WireSubscription {
    const key = keyOf(address)
    let subscription = this.#byAddress.get(key)
    if (subscription) {
      subscription.receivers.push(receiver)
      return subscription
    }
    this.#sequence += 1
    subscription = {
      id: address.implicit ? address.destination : String(this.#sequence),
      source,
      address,
      receivers: [receiver],
      state: address.implicit ? 'confirmed' : 'unsent',
    }
    this.#byId.set(subscription.id, subscription)
    this.#byAddress.set(key, subscription)
    if (!address.implicit) this.#unsent.add(subscription)
    return subscription
  }

  /** True when `receiver` was the last one, so that the wire subscription has gone too. */
  remove(subscription: WireSubscription, receiver: Receiver): boolean {
    const at = subscription.receivers.indexOf(receiver)
    if (at === -1) return false
    subscription.receivers.splice(at, 1)
    if (subscription.receivers.length > 0) return false
    if (subscription.state === 'sent') this.inFlight -= 1
    this.#unsent.delete(subscription)
    this.#byId.delete(subscription.id)
    this.#byAddress.delete(keyOf(subscription.address))
    return true
  }

  /** The next one to send, from now on counted as sent. */
  next(): WireSubscription | undefined {
    for (const subscription of this.#unsent) {
      this.#unsent.delete(subscription)
      subscription.state = 'sent'
      this.inFlight += 1
      return subscription
    }
    return undefined
  }

  /** The connection broke: all but the refused ones are to be sent again. */
  rewind(): void {
    this.inFlight = 0
    for (const subscription of this.#byId.values()) {
      if (subscription.state !== 'refused' && !subscription.address.implicit) this.#resend(subscription)
    }
  }

  confirm(id: string): void {
    const subscription = this.#byId.get(id)
    if (subscription?.state !== 'sent') return
    subscription.state = 'confirmed'
    this.inFlight -= 1
  }

  refuse(id: string): WireSubscription | undefined {
    const subscription = this.#byId.get(id)
    if (!subscription || subscription.state === 'refused') return undefined
    if (subscription.state === 'sent') this.inFlight -= 1
    this.#unsent.delete(subscription)
    subscription.state = 'refused'
    return subscription
  }

  /** Makes refused ones ready to be sent again; how many there are. */
  retry(): number {
    let count = 0
    for (const subscription of this.#byId.values()) {
      if (subscription.state !== 'refused') continue
      this.#resend(subscription)
      count += 1
    }
    return count
  }

  onlyInFlight(): string | undefined {
    if (this.inFlight !== 1) return undefined
    for (const subscription of this.#byId.values()) if (subscription.state === 'sent') return subscription.id
    return undefined
  }

  /** Who gets a MESSAGE. Without a `subscription` header (STOMP 1.0) the destination decides. */
  receiverOf(id: string | undefined, destination: string | undefined): Receiver | undefined {
    if (id !== undefined) return this.#byId.get(id)?.receivers[0]
    for (const subscription of this.#byId.values()) {
      if (subscription.address.destination === destination) return subscription.receivers[0]
    }
    return undefined
  }

  #resend(subscription: WireSubscription): void {
    subscription.state = 'unsent'
    this.#unsent.add(subscription)
  }
}

function keyOf(address: SubscribeAddress): string {
  return address.selector === undefined ? address.destination : `${address.destination} ${address.selector}`
}
