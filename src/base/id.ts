// Identifiers: request ids, and the shape every name must have.

import { randomBytes } from 'node:crypto'

/** A new request id: 32 lower case hex digits from 16 random bytes, e.g. `8c22f0d5c7a34e6f9b1d2e3f4a5b6c7d`. [wire 2.3] */
export function newRequestId(): string {
  return randomBytes(16).toString('hex')
}

/** Identities of nodes and clients. [wire 6.8] */
export const IDENTITY_PATTERN = /^[\w.-]+$/
/** Caller ids such as `uid=0` or `cert=admin`. [wire 2.3] */
export const CALLER_PATTERN = /^\w+=[\w.-]+$/
/** Names of agents, actions and collectives. */
export const NAME_PATTERN = /^[\w.-]+$/

const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * A maker of ids that sort by time: 26 characters, the first ten the millisecond, e.g. `01JD4T9M6Z3M8Q6D0Z9H0X1A2B`. Each id of one maker sorts after
 * the one before, also within a millisecond and when the clock is set back.
 */
export function sortableIds(now: () => number): () => string {
  let lastMs = -1
  let digits: number[] = []
  return () => {
    const nowMs = Math.floor(now())
    if (nowMs > lastMs) {
      lastMs = nowMs
      digits = [...randomBytes(16)].map((byte) => byte % 32)
    } else if (!increment(digits)) {
      lastMs += 1
    }
    return base32Time(lastMs) + digits.map((digit) => BASE32[digit]).join('')
  }
}

/** false: it went round to nothing. */
function increment(digits: number[]): boolean {
  for (let at = digits.length - 1; at >= 0; at -= 1) {
    digits[at] = (digits[at]! + 1) % 32
    if (digits[at] !== 0) return true
  }
  return false
}

function base32Time(ms: number): string {
  let text = ''
  for (let rest = ms; text.length < 10; rest = Math.floor(rest / 32)) text = BASE32[rest % 32] + text
  return text
}
