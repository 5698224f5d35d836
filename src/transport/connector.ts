// The contract of a connector: it carries bytes between processes of a collective and knows nothing of what is inside.
// Addresses are made here from the field's words (collective, agent, identity), so that a broker's naming stays in one file.
// tests/conformance/connector.ts is the suite every implementation passes. [wire 1]

import type { TroupeError } from '#base/errors.ts'

export interface Connector {
  /**
   * Connects and keeps connected until `disconnect`: fails over through the pool, backs off, subscribes again. Resolves at
   * the first connection; rejects with TRANSPORT_* when `signal` aborts or the broker refuses the login for good.
   */
  connect(signal?: AbortSignal): Promise<void>
  /**
   * Receives from `source` from now on; takes effect in order with later publishes on this connection. Where several sources
   * are one destination (`agents_multiplex`, or the same source twice) the oldest receiver gets what arrives, once.
   */
  subscribe(source: Source, onDelivery: (delivery: Delivery) => void): Subscription
  /**
   * Hands bytes to the broker and resolves when it has them. While disconnected it waits for the next connection until
   * `ttlMs` has passed, then rejects with TRANSPORT_EXPIRED.
   */
  publish(target: Target, bytes: Uint8Array, options: PublishOptions): Promise<void>
  /** A fresh address for replies to requests of this collective, e.g. `/queue/mcollective.reply.host_4711.1`. */
  replyAddress(collective: string): string
  /** Sends what is pending, leaves cleanly. Idempotent. */
  disconnect(): Promise<void>
  /** Called at every change of the connection; at most one listener. */
  onStatus?: (status: ConnectorStatus) => void
  /**
   * Called when the broker will not let this process receive from `source` (TRANSPORT_REFUSED); tried again by and by.
   * At most one listener; without one it is only logged.
   */
  onRefused?: (source: Source, error: TroupeError) => void
}

/** What can be received. `broadcast`: requests to an agent; `directed`: requests to one node; `reply`: an own reply address. */
export type Source =
  | { readonly kind: 'broadcast'; readonly collective: string; readonly agent: string }
  | { readonly kind: 'directed'; readonly collective: string; readonly identity: string }
  | { readonly kind: 'reply'; readonly address: string }

/** What can be sent to. `reply` takes the address found in a request. */
export type Target = Source

export interface Delivery {
  readonly bytes: Uint8Array
  /** Only over brokers that rewrite reply addresses: the one to use. */
  readonly replyTo?: string
}

export interface PublishOptions {
  /** How long the message is worth delivering, milliseconds. */
  readonly ttlMs: number
  /** The sender has nothing to do when the broker has the message: the confirmation may come late. Default false. */
  readonly confirmLate?: boolean
  /** Reply address of a request, for brokers that need it in the frame. */
  readonly replyTo?: string
}

export interface Subscription {
  unsubscribe(): void
}

export type ConnectorStatus =
  | { readonly state: 'connecting'; readonly to: string; readonly attempt: number }
  | { readonly state: 'connected'; readonly to: string }
  | { readonly state: 'disconnected'; readonly reason: string; readonly retryMs: number }
