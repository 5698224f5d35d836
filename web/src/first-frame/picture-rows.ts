// The rows of the picture: one of every kind, each named after what it shows.

import type { NodeState } from '#console/api/nodes.ts'

export const PICTURE_STATES: readonly NodeState[] = ['answering', 'silent', 'lost', 'disabled']

export function rowName(state: NodeState, neverRan: boolean): string {
  return `${state} ${neverRan}`
}
