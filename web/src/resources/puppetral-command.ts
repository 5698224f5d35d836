// The command line that asks the selected nodes what a page about resources shows. [live 7: copy the equivalent mco command line]

import { rpcCommand, shellLine } from '#console/api/command-line.ts'
import { useNodeList, useSelection } from '../nodes/node-selection.tsx'
import { commandFor } from '../tasks/target.ts'

/** `search` with `{ type: 'user' }`, `find` with `{ type: 'user', title: 'gopher' }`; by the filter of the node list where that says who is meant. */
export function usePuppetralCommand(action: 'search' | 'find', inputs: Readonly<Record<string, string>>): string {
  const selection = useSelection()
  const { matching } = useNodeList()
  return commandFor(selection, matching.length, (target) => rpcCommand({ agent: 'puppetral', action, inputs, target }))
}

/** For each of these types, one after the other: `for type in group user; do mco rpc puppetral search type="$type"; done`. */
export function useSearchOfTypesCommand(types: readonly string[]): string {
  const [before = '', after = ''] = usePuppetralCommand('search', { type: EACH }).split(`type=${EACH}`)
  return `for type in ${shellLine(types)}; do ${before}type="$type"${after}; done`
}

/** No type is called that. */
const EACH = 'EACH_TYPE'
