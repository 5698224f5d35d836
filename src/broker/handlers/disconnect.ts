// DISCONNECT: nothing is received any more; the receipt, if one is asked for, is the last frame. [STOMP-1.2 DISCONNECT]

import type { Session } from '../session.ts'

export function disconnect(session: Session): void {
  session.hub.log.debug('a client disconnects', session.facts())
}
