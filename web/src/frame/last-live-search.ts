// Remembers filter and selection of the node list while one is in another section, so that coming back finds them.

import type { LiveSearch } from '../nodes/live-search.ts'

let last: LiveSearch = {}

export function rememberLiveSearch(search: LiveSearch): void {
  last = search
}

export function lastLiveSearch(): LiveSearch {
  return last
}
