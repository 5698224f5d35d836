// Which preview of a clone this tab waits for or has made, in its session storage: a page that is loaded anew asks for it instead of asking all nodes
// again. Of the nodes only whether they are the same: the console has their names, and looks itself.

import type { RollOut } from '#console/api/jobs.ts'
import type { CloneRequest } from '#console/api/resources.ts'

export interface WhatIsCloned {
  readonly type: string
  readonly title: string
  readonly variant: string
}

export interface KeptPreview extends WhatIsCloned {
  readonly id: string
  readonly options: CloneRequest['options']
  readonly rollOut: RollOut
  /** Of `keyOfNodes`. */
  readonly nodes: string
  /** It is worth nothing after that, milliseconds since 1970. */
  readonly untilMs: number
}

const KEY = 'troupe-preview'

export function keepPreview(kept: KeptPreview): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept))
  } catch {
    // Then it is made anew after a reload.
  }
}

export function forgetPreview(): void {
  try {
    sessionStorage.removeItem(KEY)
  } catch {
    // Then there is none.
  }
}

/** The one of this very resource, when it can still be had. */
export function keptPreview({ type, title, variant }: WhatIsCloned, nowMs: number): KeptPreview | undefined {
  let text: string | null = null
  try {
    text = sessionStorage.getItem(KEY)
  } catch {
    return undefined
  }
  const kept = text === null ? undefined : readKeptPreview(text)
  const isSame = kept?.type === type && kept.title === title && kept.variant === variant
  return isSame && kept.untilMs > nowMs ? kept : undefined
}

/** undefined: it was written by another version of this page, or by somebody else. */
export function readKeptPreview(text: string): KeptPreview | undefined {
  try {
    const value = JSON.parse(text)
    const isKept =
      [value.id, value.type, value.title, value.variant, value.nodes].every((word) => typeof word === 'string') &&
      [value.options, value.rollOut].every((one) => typeof one === 'object' && one !== null && !Array.isArray(one)) &&
      typeof value.untilMs === 'number'
    return isKept ? value : undefined
  } catch {
    return undefined
  }
}

/** Differs when the nodes do, but for a chance of one in 10^19. */
export function keyOfNodes(nodes: readonly string[]): string {
  let [one, other] = [0x811c9dc5, 0x9e3779b9]
  for (const name of nodes) {
    for (let index = 0; index < name.length; index++) {
      const unit = name.charCodeAt(index)
      one = Math.imul(one ^ unit, 0x01000193)
      other = Math.imul(other ^ unit, 0x85ebca6b) + 1
    }
    one = Math.imul(one ^ 0x10000, 0x01000193)
    other = Math.imul(other ^ 0x10000, 0x85ebca6b) + 1
  }
  return `${nodes.length}-${(one >>> 0).toString(36)}-${(other >>> 0).toString(36)}`
}
