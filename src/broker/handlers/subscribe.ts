// SUBSCRIBE: permission, selector, exclusive queues. [STOMP-1.2 SUBSCRIBE] [wire 1.2]

import { TroupeError } from '#base/errors.ts'
import { headerOf, type StompFrame } from '#wire/stomp/frame.ts'
import { checkDestination } from '../destination.ts'
import type { SubscribeRule } from '../options.ts'
import { subscribeRule } from '../permissions.ts'
import { parseSelector, type Selector } from '../selector.ts'
import type { Session } from '../session.ts'
import type { Subscription } from '../subscription.ts'

export function subscribe(session: Session, frame: StompFrame): void {
  const { hub } = session
  const destination = headerOf(frame, 'destination')
  const id = headerOf(frame, 'id')
  const ack = headerOf(frame, 'ack')
  if (destination === undefined) throw new TroupeError('BROKER_PROTOCOL', 'SUBSCRIBE without destination')
  if (id === undefined && session.version !== '1.0') throw new TroupeError('BROKER_PROTOCOL', 'SUBSCRIBE without id')
  // It stands in every MESSAGE, and 1.0 has no escapes: it would be the senders who fail.
  if (session.version === '1.0' && id !== undefined && /[\r\n]/.test(id)) {
    throw new TroupeError('BROKER_PROTOCOL', 'SUBSCRIBE with a line end in its id')
  }
  if (ack !== undefined && ack !== 'auto')
    throw new TroupeError('BROKER_PROTOCOL', 'SUBSCRIBE with ack other than auto')
  const { queue } = checkDestination(destination)
  const text = headerOf(frame, 'selector')
  const selector = text === undefined ? undefined : parseSelector(text)
  const rule = permitted(session, destination, selector)
  if (id !== undefined && session.subscriptions.some((s) => s.id === id)) {
    throw new TroupeError(
      'BROKER_PROTOCOL',
      `SUBSCRIBE with the id ${JSON.stringify(id.slice(0, 80))}, which is in use`,
    )
  }
  if (session.subscriptions.length >= hub.limits.subscriptionsMax) {
    throw new TroupeError('BROKER_LIMIT', `more than ${hub.limits.subscriptionsMax} subscriptions on one connection`)
  }
  const subscription: Subscription = {
    session,
    id: id === undefined ? undefined : own(id),
    destination: own(destination),
    queue,
    selector: selector && { header: own(selector.header), value: own(selector.value) },
    behind: false,
  }
  const token = headerOf(frame, 'exclusive-token')
  // First counted as the connection's own, since what waits in a queue is delivered at once; undone when it is refused.
  session.subscriptions = [...session.subscriptions, subscription]
  try {
    hub.subscribe(subscription, rule, token === undefined || token === '' ? undefined : own(token))
  } catch (error) {
    session.loseSubscription(subscription)
    throw error
  }
}

function permitted(session: Session, destination: string, selector: Selector | undefined): SubscribeRule {
  const { account, rights } = session.known!
  const rule = subscribeRule(rights, destination)
  if (!rule) throw new TroupeError('BROKER_NOT_PERMITTED', `${account.name} may not subscribe ${destination}`)
  if (rule.selector !== undefined && selector?.header !== rule.selector) {
    throw new TroupeError(
      'BROKER_NOT_PERMITTED',
      `${destination} may be subscribed only with a selector on ${rule.selector}`,
    )
  }
  if (selector && account.bindSelectorTo) {
    const bound = account.bindSelectorTo === 'certificate' ? session.certificateName : account.name
    if (selector.value !== bound) {
      throw new TroupeError(
        'BROKER_NOT_PERMITTED',
        `the selector on ${destination} should name ${JSON.stringify(bound ?? 'a certificate')}, the ${account.bindSelectorTo}'s own name`,
      )
    }
  }
  return rule
}

/** A copy: texts of a frame are slices that would keep its whole head in memory. */
function own(text: string): string {
  return Buffer.from(text).toString()
}
