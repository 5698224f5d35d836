// `mco find`: the names of all nodes that match, one per line. Every name printed has answered. [PE20 find, R-060, B-002, cli 8.2]

import { callOptions } from '../call-options.ts'
import type { Command } from '../command.ts'
import { discoveryTitle } from '../discovery-line.ts'
import { EXIT } from '../exit-codes.ts'
import { harmless } from '../terminal.ts'

export const find: Command = {
  name: 'find',
  summary: 'Find hosts using the discovery system matching filter criteria',
  usage: ['find [options] [filters]'],
  options: [],
  groups: ['rpc', 'common', 'filter'],
  examples: [
    { says: 'every node', type: 'find' },
    {
      says: 'nodes with a fact, a regular expression, a class',
      type: 'find -F osfamily=RedHat -F kernelversion=/^5/ -C ntp',
    },
    { says: 'any combination', type: `find -S "(osfamily=Debian or os.release.major>=12) and !ntp"` },
  ],
  async run(context) {
    const { terminal, options } = context
    const json = options.flag('json')
    const verbose = options.flag('verbose') && !json
    const call = await callOptions(context, { nodesFromStdin: true })
    const title = discoveryTitle(context)
    if (verbose) terminal.errPart(title)
    const client = await context.client()
    const discovery = client.discover({ ...call, signal: context.signal })
    const sort = options.flag('sort') || json || verbose
    if (!sort) for await (const node of discovery) terminal.out(harmless(node))
    const { nodes, method, elapsedMs } = await discovery.result
    const sorted = [...nodes].sort()
    if (verbose) terminal.err(`${nodes.length}\n`)
    if (json) terminal.json(sorted)
    else if (sort) for (const node of sorted) terminal.out(harmless(node))
    if (verbose) {
      const seconds = (elapsedMs / 1000).toFixed(2)
      terminal.err(`\nDiscovered ${nodes.length} nodes in ${seconds} seconds using the ${method} discovery plugin`)
    }
    return nodes.length > 0 ? EXIT.ok : EXIT.nothing
  },
}
