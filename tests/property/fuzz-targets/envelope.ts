// The psk envelope under the fuzzer: bytes as they come, and bytes whose code was made right again, which reach what is behind
// it. A reply is opened by a client that awaits whatever it names.

import { createHmac } from 'node:crypto'
import { EMPTY_FILTER } from '#message/filter.ts'
import type { Request } from '#message/request.ts'
import { derivePskKey } from '#security/keys.ts'
import { createPskScheme } from '#security/psk.ts'
import { registerTarget } from '../fuzz.ts'

const PSK = 'the key of the fuzzer'
const MAC_BYTES = 32
const keys = derivePskKey(PSK)
const scheme = createPskScheme({ psk: PSK, caller: 'uid=0', now: () => 0 })
const request: Request = {
  ...{ id: '8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d', agent: 'rpcutil', collective: 'mcollective', sender: 'a' },
  ...{ caller: 'uid=0', filter: EMPTY_FILTER, sentAtMs: 1, ttlSeconds: 60, replyTo: null },
  body: { kind: 'rpc', action: 'ping', data: { a: [1, { b: null }] }, processResults: true },
}
const sealed = scheme.encodeRequest(request)
const reply = scheme.encodeReply(
  { requestId: request.id, sender: 'a', agent: 'rpcutil', sentAtMs: 1, body: { kind: 'text', text: 'pong' } },
  scheme.decodeRequest(sealed.bytes),
)
const options = {
  seeds: [sealed.bytes, reply],
  tokens: ['TRP\x01', '\x01', '\x02', '[', '{', '"', ',', '"__proto__":', '\\u0000', '1e999', '\xff'],
}

function open(bytes: Uint8Array): void {
  if (bytes[4] === 2) scheme.decodeReply(bytes, () => [sealed])
  else scheme.decodeRequest(bytes)
}

registerTarget(
  'psk-untrusted',
  (bytes) => {
    const original = [sealed.bytes, reply].some((seed) => Buffer.compare(seed, bytes) === 0)
    open(bytes)
    if (!original) throw new Error('changed bytes were accepted')
  },
  ['SECURITY_MALFORMED', 'SECURITY_WRONG_KIND', 'SECURITY_UNKNOWN_KEY', 'SECURITY_BAD_MAC', 'SECURITY_NOT_AWAITED'],
  { ...options, weight: 0.5 },
)

registerTarget(
  'psk-trusted',
  (input) => {
    const bytes = Buffer.from(input)
    if (bytes.length > MAC_BYTES) {
      const key = bytes[4] === 2 ? keys.reply : keys.request
      const end = bytes.length - MAC_BYTES
      createHmac('sha256', key).update(bytes.subarray(0, end)).digest().copy(bytes, end)
    }
    open(bytes)
  },
  ['SECURITY_MALFORMED', 'SECURITY_WRONG_KIND', 'SECURITY_UNKNOWN_KEY', 'SECURITY_NOT_AWAITED', 'MESSAGE_INVALID'],
  { ...options, weight: 0.5 },
)
