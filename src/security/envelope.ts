// What the envelopes of all our schemes have in common: the first six bytes, and JSON inside that is bounded before it is
// parsed. Everything else of an envelope belongs to its scheme.

import { TroupeError } from '#base/errors.ts'
import { jsonDepthWithin } from '#base/json-depth.ts'
import { JSON_DEPTH_MAX } from '#base/limits.ts'
import { parseJson } from '#base/parse-json.ts'
import type { Reply } from '#message/reply.ts'
import type { Request } from '#message/request.ts'

/** "TRP" and the version of the envelope. */
export const PREAMBLE = Buffer.from([0x54, 0x52, 0x50, 0x01])
/** The byte after the preamble. */
export const KIND = { request: 1, reply: 2 } as const
/** The byte after the kind. Numbers are never given twice. */
export const SCHEME_NUMBERS = { psk: 1, aes: 2 } as const

/** The scheme number of an envelope, e.g. 1; undefined: it is none of ours. */
export function schemeNumberOf(bytes: Uint8Array): number | undefined {
  return PREAMBLE.every((byte, i) => bytes[i] === byte) ? bytes[5] : undefined
}

/** Throws MESSAGE_INVALID for what nobody could decode: better here, where it was made, than as silence where it is awaited. */
export function encodeJson(message: Request | Reply): Buffer {
  let json: Buffer
  try {
    json = Buffer.from(JSON.stringify(message))
  } catch (cause) {
    const why = cause instanceof RangeError ? 'it nests too deep' : 'it is not made of plain values'
    throw new TroupeError('MESSAGE_INVALID', `cannot send a message: ${why}`, { cause })
  }
  if (jsonDepthWithin(json, JSON_DEPTH_MAX)) return json
  throw new TroupeError('MESSAGE_INVALID', `cannot send a message: it nests more than ${JSON_DEPTH_MAX} levels deep`)
}

/** Throws MESSAGE_INVALID for JSON that nests deeper than JSON_DEPTH_MAX and for what is no JSON. */
export function decodeJson(json: Buffer): unknown {
  if (!jsonDepthWithin(json, JSON_DEPTH_MAX)) {
    throw new TroupeError(
      'MESSAGE_INVALID',
      `cannot decode a message: it nests more than ${JSON_DEPTH_MAX} levels deep`,
    )
  }
  try {
    return parseJson(json.toString('utf8'))
  } catch (cause) {
    throw new TroupeError('MESSAGE_INVALID', 'cannot decode a message: its content is not JSON', { cause })
  }
}
