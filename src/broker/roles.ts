// The permissions of the two kinds of clients a collective has, as values to hand in as accounts' permissions. This is the
// only file of the broker that knows how a collective names its destinations. [wire 1.2]

import type { Permissions } from './options.ts'

/**
 * A node receives requests and answers them; it cannot ask, and cannot read answers or the requests directed to others.
 * `/topic/<collective>.agents` is the shared topic of `agents_multiplex`.
 */
export const NODE_PERMISSIONS: Permissions = {
  subscribe: [
    { pattern: '/topic/*.*.agent' },
    { pattern: '/topic/*.agents' },
    { pattern: '/queue/*.nodes', selector: 'mc_identity' },
  ],
  publish: ['/queue/*.reply.>', '/topic/*.registration.agent'],
}

/** A client asks and reads the answers to its own requests; it cannot pose as a node, not even to the keepers of the roster. */
export const CLIENT_PERMISSIONS: Permissions = {
  subscribe: [{ pattern: '/queue/*.reply.>', exclusive: true }],
  publish: ['/topic/*.*.agent', '!/topic/*.registration.agent', '/topic/*.agents', '/queue/*.nodes'],
}

/** Everything: for tests and for a broker that other programs share. */
export const UNRESTRICTED_PERMISSIONS: Permissions = {
  subscribe: [{ pattern: '/topic/>' }, { pattern: '/queue/>' }],
  publish: ['/topic/>', '/queue/>'],
}
