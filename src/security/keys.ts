// Pre-shared keys turned into working keys: one per purpose, so that a request can never pass for a reply, and a name (key id)
// that reveals nothing of the key. HKDF-SHA-256 [RFC 5869]. Keys come in as text; reading files is main's work.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

export interface PskKey {
  /** 8 hex digits, e.g. `3f9a1c02`: says which key sealed a message. */
  readonly id: string
  /** As key objects: an HMAC with the bare bytes costs six times as much. */
  readonly request: KeyObject
  readonly reply: KeyObject
  /** Milliseconds since 1970 after which the key is no longer accepted; undefined: for ever. */
  readonly untilMs?: number
}

/** Derives the working keys of a pre-shared key. Surrounding white space (a credentials file's final newline) does not count. */
export function derivePskKey(psk: string, untilMs?: number): PskKey {
  const secret = Buffer.from(psk.trim(), 'utf8')
  const derive = (purpose: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, Buffer.from('troupe psk v1'), Buffer.from(purpose), bytes))
  return {
    id: derive('key id', 4).toString('hex'),
    request: createSecretKey(derive('request', 32)),
    reply: createSecretKey(derive('reply', 32)),
    ...(untilMs === undefined ? {} : { untilMs }),
  }
}
