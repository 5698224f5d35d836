// Frames this broker answers with an ERROR: acknowledgements, because all subscriptions are `ack:auto`; transactions; and
// what is no STOMP command at all.

import { TroupeError } from '#base/errors.ts'
import type { StompFrame } from '#wire/stomp/frame.ts'

export function unsupported(frame: StompFrame): never {
  switch (frame.command) {
    case 'ACK':
    case 'NACK':
      throw new TroupeError('BROKER_PROTOCOL', `${frame.command} is not supported: all subscriptions are ack:auto`)
    case 'BEGIN':
    case 'COMMIT':
    case 'ABORT':
      throw new TroupeError('BROKER_PROTOCOL', `${frame.command} is not supported: this broker has no transactions`)
    default:
      throw new TroupeError('BROKER_PROTOCOL', `${frame.command} is not a command a client may send`)
  }
}
