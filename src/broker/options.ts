// What the broker is told by whoever starts it: addresses, accounts, limits. Values only; reading them from a configuration
// is not the broker's business. Default limits with their reasons are in base/limits.ts.

import type { Clock } from '#base/clock.ts'
import * as limits from '#base/limits.ts'
import type { Log } from '#base/log.ts'

export interface BrokerOptions {
  /** e.g. `{ host: '127.0.0.1', port: 61613 }`; port 0 picks a free one, see `address()`. */
  readonly listen: { readonly host: string; readonly port: number }
  /** Absent: no TLS. */
  readonly tls?: BrokerTls
  readonly accounts: readonly Account[]
  /** Name of the account of those who give no login. Absent: they are refused. */
  readonly anonymous?: string
  readonly limits?: Partial<BrokerLimits>
  readonly clock?: Clock
  readonly log: Log
}

export interface BrokerTls {
  /** PEM texts: private key, certificate with its chain, authorities of client certificates. */
  readonly key: string
  readonly cert: string
  readonly ca?: string
  /** `none` (default), `ask`: take one if there is one, `require`: refuse the handshake without a valid one. */
  readonly clientCertificate?: 'none' | 'ask' | 'require'
}

/** Who may log in and what they may do. */
export interface Account {
  /** The `login` header, e.g. `node`. */
  readonly name: string
  /** The `passcode`; null: the client certificate is the login. */
  readonly password: string | null
  /** Common names of client certificates, `*` for any that a `ca` signed. With a password both are needed. */
  readonly certificateNames?: readonly string[]
  readonly permissions: Permissions
  /** Selector values must be the certificate's common name, or the login: nobody receives what is for another. */
  readonly bindSelectorTo?: 'certificate' | 'login'
}

/**
 * Patterns of destinations. `*` is exactly one part between dots, `>` as last part is one or more parts:
 * `/topic/*.*.agent` fits `/topic/mcollective.rpcutil.agent`, `/queue/*.reply.>` any reply queue. In `publish`, a pattern
 * behind `!` forbids what others allow.
 */
export interface Permissions {
  readonly subscribe: readonly SubscribeRule[]
  readonly publish: readonly string[]
}

export interface SubscribeRule {
  readonly pattern: string
  /** The queue belongs to the first connection that subscribes it, while that lives. */
  readonly exclusive?: boolean
  /** The subscription must select on this header, e.g. `mc_identity`. */
  readonly selector?: string
}

export interface BrokerLimits {
  readonly connectionsMax: number
  readonly unauthenticatedMax: number
  readonly loginMs: number
  readonly loginFrameBytesMax: number
  readonly frameBytesMax: number
  readonly frameMs: number
  readonly subscriptionsMax: number
  readonly outgoingBytesMax: number
  readonly windowBytes: number
  readonly stallMs: number
  readonly queueBytesMax: number
  readonly queueMessagesMax: number
  readonly queueSoftBytes: number
  readonly pauseMs: number
  readonly storedBytesMax: number
  readonly storedMessagesMax: number
  readonly senderBytesMax: number
  readonly queueTtlMs: number
  readonly queueTtlMsMax: number
  /** What the broker offers as sender and asks of clients as receiver of heart-beats; 0 = none. */
  readonly heartbeatMs: number
}

export const BROKER_LIMITS: BrokerLimits = {
  connectionsMax: limits.BROKER_CONNECTIONS_MAX,
  unauthenticatedMax: limits.BROKER_UNAUTHENTICATED_MAX,
  loginMs: limits.BROKER_LOGIN_MS_MAX,
  loginFrameBytesMax: limits.BROKER_LOGIN_FRAME_BYTES_MAX,
  frameBytesMax: limits.STOMP_FRAME_BYTES_MAX,
  frameMs: limits.BROKER_FRAME_MS_MAX,
  subscriptionsMax: limits.BROKER_SUBSCRIPTIONS_MAX,
  outgoingBytesMax: limits.BROKER_OUTGOING_BYTES_MAX,
  windowBytes: limits.BROKER_WINDOW_BYTES,
  stallMs: limits.BROKER_STALL_MS_MAX,
  queueBytesMax: limits.BROKER_QUEUE_BYTES_MAX,
  queueMessagesMax: limits.BROKER_QUEUE_MESSAGES_MAX,
  queueSoftBytes: limits.BROKER_QUEUE_SOFT_BYTES,
  pauseMs: limits.BROKER_PAUSE_MS_MAX,
  storedBytesMax: limits.BROKER_STORED_BYTES_MAX,
  storedMessagesMax: limits.BROKER_STORED_MESSAGES_MAX,
  senderBytesMax: limits.BROKER_SENDER_BYTES_MAX,
  queueTtlMs: limits.BROKER_QUEUE_TTL_MS,
  queueTtlMsMax: limits.BROKER_QUEUE_TTL_MS_MAX,
  heartbeatMs: limits.BROKER_HEARTBEAT_MS,
}
