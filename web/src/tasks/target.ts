// The selected nodes as the equivalent command line says them: as short as it can be said.

import type { CommandTarget } from '#console/api/command-line.ts'
import type { NodeFilter } from '#console/api/nodes.ts'
import { isEmptyFilter } from '../nodes/live-search.ts'
import type { SelectionOfNodes } from '../nodes/node-selection.tsx'

/** The filter, when nothing that matches it is left out. `matching`: how many do. */
export function filterIfWhole(selection: SelectionOfNodes, matching: number): NodeFilter | undefined {
  return selection.count === matching ? selection.filter : undefined
}

/** `make` gets the nodes; the options of a filter come quoted from the console and are put behind. */
export function commandFor(
  selection: SelectionOfNodes,
  matching: number,
  make: (target: CommandTarget) => string,
): string {
  const { count, all, filter, options, nodes } = selection
  if (count === matching && options !== '') return `${make({ kind: 'all' })} ${options}`
  return make(all && isEmptyFilter(filter) ? { kind: 'all' } : { kind: 'nodes', nodes })
}
