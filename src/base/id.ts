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
