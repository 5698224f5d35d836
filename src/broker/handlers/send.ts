// SEND: permission, time to live, routing. A message already expired on arrival is still handed to consumers that are there:
// clocks differ, and the receiver can tell the sender about it. [wire 1.4]

import { TroupeError } from '#base/errors.ts'
import { headerOf, type StompFrame } from '#wire/stomp/frame.ts'
import { checkDestination } from '../destination.ts'
import { mayPublish } from '../permissions.ts'
import type { Session } from '../session.ts'

export function send(session: Session, frame: StompFrame): void {
  const destination = headerOf(frame, 'destination')
  if (destination === undefined) throw new TroupeError('BROKER_PROTOCOL', 'SEND without destination')
  if (headerOf(frame, 'transaction') !== undefined) {
    throw new TroupeError('BROKER_PROTOCOL', 'SEND in a transaction: this broker has no transactions')
  }
  const { queue } = checkDestination(destination)
  if (!mayPublish(session.known!.rights, destination)) {
    throw new TroupeError('BROKER_NOT_PERMITTED', `${session.known!.account.name} may not send to ${destination}`)
  }
  session.hub.send(session, destination, queue, frame, expiry(session, headerOf(frame, 'expires')))
}

/** `expires` is a point in time, milliseconds since 1970; 0 and absent mean the default. */
function expiry(session: Session, text: string | undefined): number {
  const { clock, limits } = session.hub
  if (text === undefined || text === '0') return clock.now() + limits.queueTtlMs
  if (!/^\d{1,15}$/.test(text))
    throw new TroupeError('BROKER_PROTOCOL', 'expires is not a number of milliseconds since 1970')
  return Math.min(Number(text), clock.now() + limits.queueTtlMsMax)
}
