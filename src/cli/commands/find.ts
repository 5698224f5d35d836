// `mco find`: the names of all nodes that match, one per line. Every name printed has answered. [PE20 find, R-060, B-002, cli 8.2]

import { callChoice } from '../call-options.ts'
import type { Command } from '../command.ts'
import { discoveryTitle } from '../discovery-line.ts'
import { EXIT } from '../exit-codes.ts'
import { oneLine } from '../terminal.ts'

export const find: Command = {
  name: 'find',
  summary: 'Find hosts using the discovery system matching filter criteria',
  usage: ['find [options] [filters]'],
  options: [],
  groups: ['rpc', 'common', 'filter'],
  notes: [
    'Nodes are asked, so every name printed has answered, also names given by -I or a list. Names come as they arrive; --sort sorts them.',
  ],
  json: {
    shape: '["agent.example.com", "puppetmaster.example.com"]',
    verbose: '{"replies": [...], "summary": {"targeted", "ok", "noResponse", "method", "discoveryMs"}}',
  },
  examples: [
    { says: 'every node', type: 'find' },
    {
      says: 'nodes with a fact, a regular expression, a class',
      type: 'find -F osfamily=RedHat -F kernelversion=/^5/ -C ntp',
    },
    { says: 'any combination', type: `find -S "(osfamily=Debian or os.release.major>=12) and !ntp"` },
  ],
  async run(context) {
    const { terminal, json } = context
    const verbose = context.verbose && !json
    const choice = await callChoice(context, { nodesFromStdin: true })
    const client = await context.client()
    const interrupted = new AbortController()
    context.onInterrupt(() => interrupted.abort())
    const signal = AbortSignal.any([context.signal, interrupted.signal])
    const discovery = client.discover({ ...choice.options, signal })
    if (verbose) terminal.errPart(discoveryTitle(choice, context.look))
    const hold = context.options.flag('sort') || json || verbose
    if (!hold) for await (const node of discovery) terminal.out(oneLine(node))
    const { nodes, silent, elapsedMs } = await discovery.result
    const names = json || context.options.flag('sort') ? [...nodes].sort() : nodes
    if (verbose) terminal.err(`${nodes.length}\n`)
    if (json) {
      const { method } = choice
      const targeted = nodes.length + silent.length
      const summary = { targeted, ok: nodes.length, noResponse: silent, method, discoveryMs: elapsedMs }
      terminal.json(context.verbose ? { replies: names, summary } : names)
    } else if (hold) {
      for (const node of names) terminal.out(oneLine(node))
    }
    if (verbose) {
      const seconds = (elapsedMs / 1000).toFixed(2)
      const count = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`
      terminal.err(`\nDiscovered ${count} in ${seconds} seconds using the ${choice.method} discovery plugin`)
    }
    if (nodes.length === 0) return EXIT.nothing
    return context.strict && silent.length > 0 ? EXIT.silence : EXIT.ok
  },
}
