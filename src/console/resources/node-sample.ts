// Some of the nodes of something, for lists that would be too long. (NodeSample of the API)

import type { NodeSample } from '../api/words.ts'

const SAMPLE_MAX = 20

export function sampleOf(nodes: readonly string[]): NodeSample {
  return { count: nodes.length, first: [...nodes].sort().slice(0, SAMPLE_MAX) }
}
