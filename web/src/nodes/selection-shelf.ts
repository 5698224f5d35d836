// Keeps hand-picked selections that are too long for an address, in this tab's session storage; the oldest make room.

import type { Shelf } from './live-search.ts'

const PREFIX = 'troupe-selection:'
const KEPT_MAX = 12
/** When storage is forbidden or full, this page still knows. */
const memory = new Map<string, string>()

export const selectionShelf: Shelf = {
  get(key) {
    try {
      return sessionStorage.getItem(PREFIX + key) ?? memory.get(key)
    } catch {
      return memory.get(key)
    }
  },
  set(key, value) {
    memory.delete(key)
    memory.set(key, value)
    for (const oldest of [...memory.keys()].slice(0, -KEPT_MAX)) {
      memory.delete(oldest)
      try {
        sessionStorage.removeItem(PREFIX + oldest)
      } catch {
        // Then there is nothing to remove.
      }
    }
    try {
      sessionStorage.setItem(PREFIX + key, value)
    } catch {
      // Memory has it.
    }
  },
}
