// Whether somebody who was let in by a request may go on: for what outlasts a request, such as a stream of events. A stream alone does not keep a
// session from ending.

import type { Clock } from '#base/clock.ts'
import type { Store } from '#store/store.ts'
import { lowerOf } from '../roles.ts'
import type { Caller, Visitor } from '../route.ts'

/** The account is there and enabled, its role is what it was, and session or token are still good. */
export type StillAllowed = (caller: Caller, visitor: Pick<Visitor, 'session' | 'token'>) => Promise<boolean>

export function createStillAllowed(parts: {
  readonly store: Pick<Store, 'accounts' | 'sessions' | 'tokens'>
  readonly clock: Clock
  readonly idleMs: number
}): StillAllowed {
  const { store, clock, idleMs } = parts
  return async ({ account, role }, { session, token }) => {
    const now = await store.accounts.get(account)
    if (!now || now.disabled) return false
    if (token) {
      const current = await store.tokens.get(token.id)
      return current !== undefined && lowerOf(current.role, now.role) === role
    }
    if (!session || now.role !== role) return false
    const current = await store.sessions.get(session.idHash)
    return current !== undefined && current.lastUsedMs + idleMs > clock.now()
  }
}
