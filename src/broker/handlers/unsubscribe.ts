// UNSUBSCRIBE: by id, or by destination on STOMP 1.0. Without a subscription that fits it does nothing: it may have been
// taken over, and the client has what it wants. [STOMP-1.2 UNSUBSCRIBE]

import { TroupeError } from '#base/errors.ts'
import { headerOf, type StompFrame } from '#wire/stomp/frame.ts'
import type { Session } from '../session.ts'

export function unsubscribe(session: Session, frame: StompFrame): void {
  const id = headerOf(frame, 'id')
  const destination = headerOf(frame, 'destination')
  if (id === undefined && (session.version !== '1.0' || destination === undefined)) {
    throw new TroupeError('BROKER_PROTOCOL', 'UNSUBSCRIBE without id')
  }
  const found = session.subscriptions.find((s) => (id === undefined ? s.destination === destination : s.id === id))
  if (!found) return
  session.loseSubscription(found)
  session.hub.unsubscribe(found)
}
