// `mco controller COMMAND`: the daemons themselves: statistics, reload of agents from disk, leaving the collective. [PE20 controller, R-097,
// R-098, cli 8.14]

import type { CallReply } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import { isUnfiltered } from '../call-options.ts'
import { runCall } from '../call-screen.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT, exitCodeOf } from '../exit-codes.ts'
import { outcomeOf } from '../outcome.ts'
import { finalLine, missingLists } from '../statistics.ts'
import { harmless } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const COMMANDS = ['stats', 'reload_agent', 'reload_agents', 'exit']

export const controller: Command = {
  name: 'controller',
  summary: 'Control the daemons of the collective: statistics, reload of agents, exit',
  usage: ['controller [options] [filters] <stats | reload_agents | reload_agent | exit> [--argument <agent>]'],
  options: [
    { name: 'argument', short: 'a', aliases: ['arg'], value: 'ARGUMENT', description: 'Agent to reload' },
    { name: 'yes', short: 'y', description: 'Do not ask before an unfiltered exit' },
  ],
  groups: ['rpc', 'common', 'filter'],
  examples: [
    { says: 'after new agents were copied to the nodes', type: 'controller reload_agents' },
    { says: 'one agent only', type: 'controller reload_agent -a package' },
    { says: 'messages handled by each node', type: 'controller stats' },
    { says: 'take one node out of the collective', type: 'controller exit -I old.example.com' },
  ],
  async run(context) {
    const { terminal, options, words } = context
    const [command] = words
    if (command === undefined) throw usageError('Please specify a command and optional arguments')
    if (!COMMANDS.includes(command))
      throw usageError(`Unknown command '${command}', known commands are ${COMMANDS.join(', ')}`)
    const argument = options.text('argument') ?? words[1]
    if (command === 'reload_agent' && !argument)
      throw usageError('Please specify an agent name to reload with --argument')
    if (command === 'exit' && !(await mayExit(context))) return EXIT.nothing
    const client = await context.client()
    const agent = client.agent('controller')
    const inputs = command === 'reload_agent' ? { agent: argument } : {}
    const replies: CallReply[] = []
    const summary = await runCall(context, (options) => agent.call(command, inputs, options), {
      discoveryLine: true,
      discoveryTo: 'out',
      progress: false,
      nodesFromStdin: true,
      onReply(reply) {
        replies.push(reply)
        if (!options.flag('json')) terminal.out(`${harmless(reply.sender).padStart(40)}> ${lineOf(command, reply)}`)
      },
    })
    if (options.flag('json')) {
      terminal.json(
        replies.map(({ sender, statusCode, statusMessage, data }) => ({
          sender,
          statuscode: statusCode,
          statusmsg: statusMessage,
          data,
        })),
      )
    } else if (summary.targeted === 0) {
      terminal.err('No matching clients found')
    } else {
      terminal.out(['', finalLine(summary, terminal), '', ...missingLists(summary, terminal)].join('\n'))
    }
    return exitCodeOf(outcomeOf(summary), options.flag('strict') || context.settings.strictExit)
  },
}

/** Leaving the collective cannot be undone from here, so all nodes at once need a yes. [B-026] */
async function mayExit(context: CommandContext): Promise<boolean> {
  if (context.options.flag('yes') || !isUnfiltered(context)) return true
  return context.terminal.confirm('Do you really want all nodes to leave the collective? (y/n): ')
}

function lineOf(command: string, reply: CallReply): string {
  if (reply.statusCode !== 0) return harmless(reply.statusMessage)
  const { message, stats } = reply.data as Values
  if (command !== 'stats') return harmless(typeof message === 'string' ? message : reply.statusMessage)
  const counts = (stats ?? reply.data) as Record<string, unknown>
  const fields: [string, unknown][] = [
    ['total', counts.total],
    ['replies', counts.replies],
    ['valid', counts.validated],
    ['invalid', counts.unvalidated],
    ['filtered', counts.filtered],
    ['passed', counts.passed],
  ]
  return fields.map(([name, value]) => `${name}=${harmless(String(value ?? 0))}`).join(', ')
}
