// The stream of events for a page that is open. Browsers speak with one host over six connections at most: a page that is not looked at
// closes its stream and asks for everything anew when it is.

import Type from 'typebox'
import type { Clock } from '#base/clock.ts'
import type { Store } from '#store/store.ts'
import type { ConsoleEvents } from '../events.ts'
import type { BusState } from '../parts.ts'
import { lowerOf } from '../roles.ts'
import { type Caller, type Route, raw, route, type Visitor } from '../route.ts'

export interface EventRoutesParts {
  readonly store: Pick<Store, 'accounts' | 'sessions' | 'tokens'>
  readonly events: ConsoleEvents
  readonly clock: Clock
  readonly idleMs: number
  readonly bus: () => BusState
}

export function eventRoutes({ store, events, clock, idleMs, bus }: EventRoutesParts): readonly Route[] {
  /** Nobody may listen longer than they may ask; a stream alone does not keep a session from ending. */
  const stillAllowed = async ({ account, role }: Caller, { session, token }: Visitor): Promise<boolean> => {
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
  return [
    route({
      ...{ method: 'GET', path: '/api/events', role: 'viewer', tag: 'events' },
      summary: 'Server-sent events: `event: TYPE`, `data:` a ConsoleEvent as JSON',
      answer: Type.Unknown(),
      async handle({ caller, visitor, signal }) {
        const stream = events.stream({
          ...{ account: caller.account, role: caller.role, signal },
          untilMs: (visitor.session ?? visitor.token)?.expiresAtMs ?? Number.POSITIVE_INFINITY,
          stillAllowed: () => stillAllowed(caller, visitor),
          first: [{ type: 'bus', ...bus() }],
        })
        return raw({ headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }, body: stream })
      },
    }),
  ]
}
