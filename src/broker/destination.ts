// Names of topics and queues. Only plain names exist: wildcards, composite names and options in the name, as ActiveMQ has
// them, are refused, so that a permission means exactly what it says.

import { TroupeError } from '#base/errors.ts'
import { BROKER_DESTINATION_LENGTH_MAX } from '#base/limits.ts'

/** Whether `text` is a queue; throws BROKER_BAD_DESTINATION unless it is `/topic/NAME` or `/queue/NAME`. */
export function checkDestination(text: string): { readonly queue: boolean } {
  const queue = text.startsWith('/queue/')
  if ((!queue && !text.startsWith('/topic/')) || text.length > BROKER_DESTINATION_LENGTH_MAX) throw refused(text)
  if (text.length === 7) throw refused(text)
  for (let at = 7; at < text.length; at++) {
    const c = text.charCodeAt(at)
    const plain = (c >= 0x30 && c <= 0x3a) || (c >= 0x40 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f
    if (!plain && c !== 0x2d && c !== 0x2e) throw refused(text)
  }
  return { queue }
}

function refused(text: string): TroupeError {
  return new TroupeError(
    'BROKER_BAD_DESTINATION',
    `destination ${JSON.stringify(text.slice(0, 80))} is not /topic/NAME or /queue/NAME with NAME of letters, digits and . _ - : @`,
  )
}
