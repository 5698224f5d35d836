// `mco controller COMMAND`: the daemons themselves: statistics, reload of agents from disk, leaving the collective. [PE20 controller, R-097,
// R-098, cli 8.14]

import type { CallReply } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import { callChoice } from '../call-options.ts'
import { runCall } from '../call-screen.ts'
import { candidates, pluginCandidates } from '../candidates.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { printEnd } from '../statistics.ts'
import { oneLine } from '../terminal.ts'
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
  notes: [
    'stats prints what each daemon has counted since it started. reload_agents loads new and changed agents from disk; an agent that',
    'cannot be loaded keeps its old version and the reason is printed. reload_agent goes only to nodes that have the agent.',
    'exit makes daemons leave the collective and end with code 0, so that a supervisor does not start them again; it asks first when',
    'no filter is given.',
  ],
  json: { shape: '[{"sender", "statuscode", "statusmsg", "data"}]' },
  examples: [
    { says: 'after new agents were copied to the nodes', type: 'controller reload_agents' },
    { says: 'one agent only', type: 'controller reload_agent -a package' },
    { says: 'messages handled by each node', type: 'controller stats' },
    { says: 'take one node out of the collective', type: 'controller exit -I old.example.com' },
  ],
  complete({ plugins }, [command, argument]) {
    if (command === undefined) return candidates(...COMMANDS)
    return command === 'reload_agent' && argument === undefined ? pluginCandidates(plugins, 'agent') : []
  },
  async run(context) {
    const { terminal, options, words, json } = context
    const [command] = words
    if (command === undefined) throw usageError('Please specify a command and optional arguments')
    if (!COMMANDS.includes(command))
      throw usageError(`Unknown command '${command}', known commands are ${COMMANDS.join(', ')}`)
    const argument = options.text('argument') ?? words[1]
    if (command === 'reload_agent' && !argument)
      throw usageError('Please specify an agent name to reload with --argument')
    if (command === 'exit' && !(await mayExit(context))) return EXIT.nothing
    const reload = command === 'reload_agent' ? argument : undefined
    const { replies, summary, exitCode } = await runCall(context, {
      discoveryLine: true,
      discoveryTo: 'out',
      progress: false,
      start(client, options) {
        const agents = [...(options.filter?.agents ?? []), ...(reload === undefined ? [] : [reload])]
        const inputs = reload === undefined ? {} : { agent: reload }
        return client.agent('controller').call(command, inputs, { ...options, filter: { ...options.filter, agents } })
      },
      onReply(reply) {
        if (!json) terminal.out(`${oneLine(reply.sender).padStart(40)}> ${lineOf(command, reply)}`)
      },
    })
    if (json) {
      const results = replies.map(({ sender, statusCode, statusMessage, data }) => ({
        sender,
        statuscode: statusCode,
        statusmsg: statusMessage,
        data,
      }))
      terminal.json(context.verbose ? { replies: results, summary } : results)
    }
    if (summary.targeted === 0) terminal.err('No matching clients found')
    else if (!json) {
      terminal.out('')
      printEnd(context, summary)
    }
    return exitCode
  },
}

/** Leaving the collective cannot be undone from here, so all nodes at once need a yes. [B-026] */
async function mayExit(context: CommandContext): Promise<boolean> {
  if (context.options.flag('yes')) return true
  const { filtered } = await callChoice(context, { nodesFromStdin: false })
  return filtered || context.terminal.confirm('Do you really want all nodes to leave the collective? (y/n): ')
}

function lineOf(command: string, reply: CallReply): string {
  if (reply.statusCode !== 0) return oneLine(reply.statusMessage)
  const { message, stats } = reply.data as Values
  if (command !== 'stats') return oneLine(typeof message === 'string' ? message : reply.statusMessage)
  const counts = (stats ?? reply.data) as Record<string, unknown>
  const fields: [string, unknown][] = [
    ['total', counts.total],
    ['replies', counts.replies],
    ['valid', counts.validated],
    ['invalid', counts.unvalidated],
    ['filtered', counts.filtered],
    ['passed', counts.passed],
  ]
  return fields.map(([name, value]) => `${name}=${oneLine(String(value ?? 0))}`).join(', ')
}
