// One subscription of one connection.

import type { Selector } from './selector.ts'
import type { Session } from './session.ts'

export interface Subscription {
  readonly session: Session
  /** The `id` header; undefined on STOMP 1.0 without one. */
  readonly id: string | undefined
  readonly destination: string
  readonly queue: boolean
  readonly selector: Selector | undefined
  /** Queues only: messages wait because the connection is behind; it takes them before any newer one. */
  behind: boolean
}
