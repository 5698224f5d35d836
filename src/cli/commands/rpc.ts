// `mco rpc AGENT ACTION [key=value ...]`: any action of any agent. [cli 8.5, R-024, M-009]

import type { Values } from '#message/request.ts'
import type { ActionDdl, AgentDdl } from '#rpc/ddl/ddl.ts'
import { checkInputs } from '#rpc/validate/check-inputs.ts'
import { convertCliInput } from '#rpc/validate/cli-input.ts'
import { mayCall, noopInput } from '../acting.ts'
import { summaryLines } from '../aggregates.ts'
import { callChoice } from '../call-options.ts'
import { runCall } from '../call-screen.ts'
import { actionCandidates, inputCandidates, pluginCandidates } from '../candidates.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { ACTING_OPTIONS } from '../options.ts'
import { printResultsJson, type ResultView, resultLines } from '../results.ts'
import { printEnd } from '../statistics.ts'
import { usageError } from '../usage-error.ts'

interface Asked {
  readonly agent: string
  readonly action: string
  readonly pairs: readonly string[]
}

export const rpc: Command = {
  name: 'rpc',
  summary: 'Generic RPC agent client application',
  usage: [
    'rpc [options] [filters] <agent> <action> [<key=val> <key=val>]',
    'rpc [options] [filters] --agent <agent> --action <action> [--argument <key=val> --argument <key=val>]',
  ],
  options: [
    { name: 'agent', short: 'a', value: 'AGENT', description: 'Agent to call' },
    { name: 'action', value: 'ACTION', description: 'Action to call' },
    {
      name: 'argument',
      aliases: ['arg'],
      value: 'ARGUMENT',
      multiple: true,
      description: 'Arguments to pass to agent',
    },
    { name: 'no-results', aliases: ['nr'], description: 'Do not process results, just send request' },
    ...ACTING_OPTIONS,
  ],
  groups: ['rpc', 'common', 'filter'],
  notes: [
    'Inputs are key=value; the value is everything behind the first =, and may be empty. They are converted to the types of the DDL and',
    'checked before anything is sent; inputs that the DDL does not declare are sent as text.',
    'A list of nodes that is piped in is used when no discovery method is named: names, one a line, or JSON with sender or certname.',
    'An empty pipe counts as no list at all; in scripts say --dm stdin, then an empty list is an error.',
    'An action that changes nodes asks first when it is called on a terminal without a filter. --noop goes with actions that have such an input.',
  ],
  json: {
    shape: '[{"agent", "action", "sender", "statuscode", "statusmsg", "data"}]',
    note: 'with --no-results or --reply-to {"requestid": "32 hex digits"}',
  },
  examples: [
    { says: 'a fact of every node', type: 'rpc rpcutil get_fact fact=osfamily' },
    {
      says: 'ten nodes at a time, RedHat only',
      type: 'rpc rpcutil daemon_stats -F osfamily=RedHat --batch 10',
    },
    {
      says: 'the nodes that answered, into the next command',
      type: 'rpc rpcutil ping -j | mco rpc --dm stdin rpcutil daemon_stats',
    },
  ],
  complete({ plugins }, [agent, action, ...pairs]) {
    if (agent === undefined) return pluginCandidates(plugins, 'agent')
    if (action === undefined) return actionCandidates(plugins, agent)
    return inputCandidates(plugins, agent, action)
      .filter(({ name }) => !pairs.some((pair) => pair.startsWith(`${name}=`)))
      .map(({ name, description }) => ({ name: `${name}=`, description }))
  },
  async run(context) {
    const asked = readWords(context)
    const ddl = context.plugins.load('agent', asked.agent) as AgentDdl
    const action = ddl.actions.find((a) => a.name === asked.action)
    if (!action) {
      throw usageError(`Attempted to call action ${asked.action} for ${asked.agent} but it's not declared in the DDL`)
    }
    // Checked here as well, so that a mistake is told before a connection is made.
    const noop = noopInput(context, asked.agent, action)
    const given = readInputs(action, asked.pairs)
    if (noop.noop === true && Object.hasOwn(given, 'noop') && given.noop !== true)
      throw usageError('--noop and another noop are given: say which one is meant')
    const inputs = checkInputs(action, asked.agent, { ...given, ...noop })
    if (!(await mayCall(context, asked.agent, action, inputs, { nodesFromStdin: true }))) return EXIT.nothing
    if (context.options.flag('no-results') || context.options.text('reply-to') !== undefined) {
      return sendOnly(context, asked, inputs)
    }
    return callAndShow(context, asked, action, inputs)
  },
}

function readWords({ words, options }: CommandContext): Asked {
  const agent = options.text('agent')
  const action = options.text('action')
  const listed = options.list('argument')
  for (const pair of listed) {
    if (!/^[^=]+=/.test(pair)) {
      throw usageError(`Validation of arguments failed: Could not parse --arg ${pair} should be of the form key=val`)
    }
  }
  const named = (agent === undefined ? 0 : 1) + (action === undefined ? 0 : 1)
  if (words.length + named < 2) throw usageError('No agent, action and arguments specified')
  const rest = [...words]
  const asked = { agent: agent ?? (rest.shift() as string), action: action ?? (rest.shift() as string) }
  return { ...asked, pairs: [...rest, ...listed] }
}

/** `key=value` words to inputs, converted to the types of the DDL; what it does not declare stays text. */
function readInputs(action: ActionDdl, pairs: readonly string[]): Values {
  const inputs = new Map<string, Values[string]>()
  for (const pair of pairs) {
    const [, key, text] = /^([^=]+)=([\s\S]*)$/.exec(pair) ?? []
    if (key === undefined || text === undefined) throw usageError(`Could not parse --arg ${pair}`)
    const input = action.inputs.find((declared) => declared.name === key)
    inputs.set(key, input ? convertCliInput(input, text) : text)
  }
  return Object.fromEntries(inputs)
}

async function sendOnly(context: CommandContext, asked: Asked, inputs: Values): Promise<number> {
  const { terminal, options } = context
  const choice = await callChoice(context, { nodesFromStdin: true })
  const client = await context.client()
  const processResults = !options.flag('no-results')
  const call = client
    .agent(asked.agent)
    .call(asked.action, inputs, { ...choice.options, processResults, signal: context.signal })
  await call.summary
  const target = options.text('reply-to')
  if (context.json) terminal.json({ requestid: call.requestId })
  else terminal.out(`Request sent with id: ${call.requestId}${target === undefined ? '' : ` replies to ${target}`}`)
  return EXIT.ok
}

async function callAndShow(context: CommandContext, asked: Asked, action: ActionDdl, inputs: Values): Promise<number> {
  const { terminal, options, json, verbose } = context
  const view: ResultView = {
    agent: asked.agent,
    action,
    verbose,
    display: displayMode(options.text('display') ?? (inputs.noop === true ? 'all' : undefined), action),
    look: context.look,
  }
  let first = true
  const { replies, summary, exitCode } = await runCall(context, {
    discoveryLine: true,
    nodesFromStdin: true,
    start: (client, o) => client.agent(asked.agent).call(asked.action, inputs, o),
    onReply(reply) {
      if (json) return
      const lines = resultLines(reply, view, terminal)
      if (lines.length === 0) return
      if (first) terminal.out('')
      first = false
      terminal.out(lines.join('\n'))
    },
  })
  if (json) {
    printResultsJson(context, asked.agent, asked.action, { replies, summary })
  } else {
    const aggregates = await summaryLines(action, replies, terminal)
    if (replies.length > 0 || summary.targeted > 0) terminal.out([...aggregates, ''].join('\n'))
    printEnd(context, summary, `${asked.agent}#${asked.action} call stats`)
  }
  return exitCode
}

function displayMode(wanted: string | undefined, action: ActionDdl): ResultView['display'] {
  if (wanted === undefined) return action.display
  return wanted === 'all' ? 'always' : (wanted as 'ok' | 'failed')
}
