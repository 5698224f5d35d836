// The order of roles: who may do what somebody of another role may.

import type { Role } from './api/words.ts'

export const ROLES: readonly Role[] = ['viewer', 'operator', 'administrator']

/** `atLeast('operator', 'viewer')` is true. */
export function atLeast(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted)
}

/** `lowerOf('administrator', 'viewer')` is `viewer`. */
export function lowerOf(one: Role, other: Role): Role {
  return atLeast(one, other) ? other : one
}
