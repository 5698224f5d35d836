// The psk scheme: one pre-shared key authenticates every message with HMAC-SHA-256; TLS keeps them private.
// All that is acted on is inside the authenticated bytes; they are verified as received, before anything is decoded.
//
//   offset  size  content
//        0     4  "TRP" and the version, 0x01
//        4     1  kind: 0x01 request, 0x02 reply
//        5     1  scheme: 0x01 psk
//        6     4  key id
//       10    16  reply: proof of the request it answers; request: zeros
//       26     n  JSON, UTF-8
//     26+n    32  HMAC-SHA-256 over bytes 0 to 26+n, under the key for this kind
//
// The first 16 bytes of a request's HMAC are its proof: what the replay guard remembers and what replies are bound to.
// It does not protect one holder of the key from another: see docs/security.md.

import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { TroupeError } from '#base/errors.ts'
import { ENVELOPE_BYTES_MAX } from '#base/limits.ts'
import { parseReply, parseRequest } from '#message/decode.ts'
import type { Reply } from '#message/reply.ts'
import type { Request } from '#message/request.ts'
import { decodeJson, encodeJson, KIND, PREAMBLE, SCHEME_NUMBERS } from './envelope.ts'
import { derivePskKey, type PskKey } from './keys.ts'
import type { OpenedRequest, SealedRequest, SecurityScheme } from './security.ts'

const HEADER_BYTES = 26
const MAC_BYTES = 32
const PROOF_BYTES = 16

export interface PskOptions {
  /** The key new messages are sealed with, e.g. the text of the credentials file. At least 8 characters. */
  readonly psk: string
  /** Keys still accepted while the fleet changes over. */
  readonly previous?: readonly PreviousKey[]
  /** Caller id of this process, e.g. `uid=0`. [wire 3.1] */
  readonly caller: string
  /** Milliseconds since 1970, asked only to end grace periods. */
  readonly now: () => number
}

export interface PreviousKey {
  readonly psk: string
  /** Milliseconds since 1970 after which it is refused; undefined: never. */
  readonly untilMs?: number
  /** Until then new messages are sealed with it, because there may be those who have no other. Default: never. */
  readonly sealUntilMs?: number
}

/** Makes the psk scheme. Throws SECURITY_WEAK_KEY for a key of fewer than 8 characters. */
export function createPskScheme(options: PskOptions): SecurityScheme {
  const current = checkedKey(options.psk)
  const accepted = new Map<string, PskKey>()
  const sealing: { readonly key: PskKey; readonly untilMs: number }[] = []
  for (const old of options.previous ?? []) {
    const key = checkedKey(old.psk, old.untilMs)
    accepted.set(key.id, key)
    if (old.sealUntilMs !== undefined) sealing.push({ key, untilMs: old.sealUntilMs })
  }
  accepted.set(current.id, current)

  const keyOf = (bytes: Buffer): PskKey => {
    const id = bytes.toString('hex', 6, 10)
    const key = accepted.get(id)
    if (!key) {
      throw new TroupeError(
        'SECURITY_UNKNOWN_KEY',
        `cannot verify a message: it was made with key ${id}, this process has ${[...accepted.keys()].join(', ')}`,
        { details: { keyId: id } },
      )
    }
    if (key.untilMs !== undefined && options.now() > key.untilMs) {
      throw new TroupeError(
        'SECURITY_UNKNOWN_KEY',
        `cannot verify a message: the grace period of its key ${id} ended ${new Date(key.untilMs).toISOString()}`,
        { details: { keyId: id } },
      )
    }
    return key
  }

  return {
    name: 'psk',
    callerId: () => options.caller,
    encodeRequest(request: Request): SealedRequest {
      const { key } = sealing.find(({ untilMs }) => options.now() < untilMs) ?? { key: current }
      const bytes = seal(KIND.request, key.id, key.request, Buffer.alloc(PROOF_BYTES), request)
      return { bytes, proof: proofOf(bytes) }
    },
    decodeRequest(received: Uint8Array): OpenedRequest {
      const bytes = framed(received, KIND.request)
      const key = keyOf(bytes)
      verify(bytes, key.request)
      return { request: parseRequest(decodeJson(contentOf(bytes))), proof: proofOf(bytes), keyId: key.id }
    },
    encodeReply(reply: Reply, opened: OpenedRequest): Uint8Array {
      // A client that still has only the old key must be able to read its answer.
      const key = accepted.get(opened.keyId) ?? current
      return seal(KIND.reply, key.id, key.reply, Buffer.from(opened.proof, 'hex'), reply)
    },
    decodeReply(received: Uint8Array, awaited): Reply {
      const bytes = framed(received, KIND.reply)
      verify(bytes, keyOf(bytes).reply)
      const reply = parseReply(decodeJson(contentOf(bytes)))
      const proof = bytes.toString('hex', 10, HEADER_BYTES)
      if (!awaited(reply.requestId)?.some((sent) => sent.proof === proof)) {
        throw new TroupeError(
          'SECURITY_NOT_AWAITED',
          `cannot accept a reply from ${reply.sender}: it answers request ${reply.requestId}, which is not awaited here`,
          { details: { sender: reply.sender, requestId: reply.requestId } },
        )
      }
      return reply
    },
  }
}

function checkedKey(psk: string, untilMs?: number): PskKey {
  if (psk.trim().length < 8) {
    throw new TroupeError('SECURITY_WEAK_KEY', 'cannot use the pre-shared key: it has fewer than 8 characters')
  }
  return derivePskKey(psk, untilMs)
}

function seal(kind: number, keyId: string, key: KeyObject, answers: Buffer, message: Request | Reply): Buffer {
  const json = encodeJson(message)
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + json.length + MAC_BYTES)
  if (bytes.length > ENVELOPE_BYTES_MAX) {
    throw new TroupeError(
      'MESSAGE_TOO_LARGE',
      `cannot send a message of ${bytes.length} bytes: at most ${ENVELOPE_BYTES_MAX} are allowed`,
    )
  }
  PREAMBLE.copy(bytes)
  bytes[4] = kind
  bytes[5] = SCHEME_NUMBERS.psk
  bytes.write(keyId, 6, 'hex')
  answers.copy(bytes, 10)
  json.copy(bytes, HEADER_BYTES)
  macOf(bytes, key).copy(bytes, bytes.length - MAC_BYTES)
  return bytes
}

/** A view of the received bytes, once they have the shape of a psk envelope of this kind. */
function framed(received: Uint8Array, kind: number): Buffer {
  const bytes = Buffer.from(received.buffer, received.byteOffset, received.byteLength)
  if (bytes.length < HEADER_BYTES + 2 + MAC_BYTES || bytes.length > ENVELOPE_BYTES_MAX) {
    throw malformed(`it has ${bytes.length} bytes`)
  }
  if (PREAMBLE.compare(bytes, 0, PREAMBLE.length) !== 0) throw malformed('it does not begin with TRP and version 1')
  if (bytes[5] !== SCHEME_NUMBERS.psk)
    throw malformed(`it was made by security scheme number ${bytes[5]}, psk is ${SCHEME_NUMBERS.psk}`)
  if (bytes[4] !== kind) {
    const wanted = kind === KIND.request ? 'a request' : 'a reply'
    throw new TroupeError('SECURITY_WRONG_KIND', `cannot read a message: ${wanted} is due, it is of kind ${bytes[4]}`)
  }
  return bytes
}

function malformed(why: string): TroupeError {
  return new TroupeError('SECURITY_MALFORMED', `cannot read a message as a psk envelope: ${why}`)
}

function macOf(bytes: Buffer, key: KeyObject): Buffer {
  return createHmac('sha256', key)
    .update(bytes.subarray(0, bytes.length - MAC_BYTES))
    .digest()
}

function verify(bytes: Buffer, key: KeyObject): void {
  if (!timingSafeEqual(macOf(bytes, key), bytes.subarray(bytes.length - MAC_BYTES))) {
    throw new TroupeError(
      'SECURITY_BAD_MAC',
      'cannot trust a message: its authentication code does not fit (wrong key, or changed on the way)',
    )
  }
}

function proofOf(bytes: Buffer): string {
  const start = bytes.length - MAC_BYTES
  return bytes.toString('hex', start, start + PROOF_BYTES)
}

function contentOf(bytes: Buffer): Buffer {
  return bytes.subarray(HEADER_BYTES, bytes.length - MAC_BYTES)
}
