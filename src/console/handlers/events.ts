// The stream of events for a page that is open. Browsers speak with one host over six connections at most: a page that is not looked at
// closes its stream and asks for everything anew when it is.

import Type from 'typebox'
import type { StillAllowed } from '../auth/still-allowed.ts'
import type { ConsoleEvents } from '../events.ts'
import type { BusState } from '../parts.ts'
import { type Route, raw, route } from '../route.ts'

export interface EventRoutesParts {
  readonly events: ConsoleEvents
  readonly bus: () => BusState
  readonly stillAllowed: StillAllowed
}

export function eventRoutes({ events, bus, stillAllowed }: EventRoutesParts): readonly Route[] {
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
