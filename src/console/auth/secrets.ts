// Random secrets that stand for somebody, and what is kept of them: a hash, because whoever reads the store must not become that person.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits, e.g. `newSecret('troupe_')`. */
export function newSecret(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url')
}

/** Secrets of 256 random bits need no slow hash. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** Whether two texts are the same, in a time that tells nothing of them. */
export function sameText(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest())
}
