// `mco rpc AGENT ACTION [key=value ...]`: any action of any agent. [cli 8.5, R-024, M-009]

import type { CallReply } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import type { ActionDdl, AgentDdl } from '#rpc/ddl/ddl.ts'
import { convertCliInput } from '#rpc/validate/cli-input.ts'
import { summaryLines } from '../aggregates.ts'
import { callOptions } from '../call-options.ts'
import { runCall } from '../call-screen.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT, exitCodeOf } from '../exit-codes.ts'
import { outcomeOf } from '../outcome.ts'
import { type ResultView, resultJson, resultLines } from '../results.ts'
import { finalLine, missingLists, statisticsBlock } from '../statistics.ts'
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
  ],
  groups: ['rpc', 'common', 'filter'],
  examples: [
    { says: 'a fact of every node', type: 'rpc rpcutil get_fact fact=osfamily' },
    {
      says: 'ten nodes at a time, RedHat only',
      type: 'rpc service restart service=sshd -F osfamily=RedHat --batch 10',
    },
    {
      says: 'the nodes that failed, into the next command',
      type: 'rpc rpcutil ping -j | mco rpc rpcutil daemon_stats',
    },
  ],
  async run(context) {
    const asked = readWords(context)
    const ddl = context.plugins.load('agent', asked.agent) as AgentDdl
    const action = ddl.actions.find((a) => a.name === asked.action)
    if (!action) {
      throw usageError(`Attempted to call action ${asked.action} for ${asked.agent} but it's not declared in the DDL`)
    }
    const inputs = readInputs(action, asked.pairs)
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
  const client = await context.client()
  const base = await callOptions(context, { nodesFromStdin: true })
  const processResults = !options.flag('no-results')
  const call = client.agent(asked.agent).call(asked.action, inputs, { ...base, processResults, signal: context.signal })
  await call.summary
  const target = options.text('reply-to')
  if (options.flag('json')) terminal.json({ requestid: call.requestId })
  else terminal.out(`Request sent with id: ${call.requestId}${target === undefined ? '' : ` replies to ${target}`}`)
  return EXIT.ok
}

async function callAndShow(context: CommandContext, asked: Asked, action: ActionDdl, inputs: Values): Promise<number> {
  const { terminal, options, settings, look } = context
  const json = options.flag('json')
  const verbose = options.flag('verbose') && !options.flag('quiet')
  const view: ResultView = {
    agent: asked.agent,
    action,
    verbose,
    display: displayMode(options.text('display'), action),
  }
  const client = await context.client()
  const replies: CallReply[] = []
  let first = true
  const summary = await runCall(context, (o) => client.agent(asked.agent).call(asked.action, inputs, o), {
    discoveryLine: true,
    nodesFromStdin: true,
    onReply(reply) {
      replies.push(reply)
      if (json) return
      const lines = resultLines(reply, view, terminal)
      if (lines.length === 0) return
      if (first) terminal.out('')
      first = false
      terminal.out(lines.join('\n'))
    },
  })
  const missing = missingLists(summary, terminal)
  if (json) {
    const results = replies.map((reply) => resultJson(asked.agent, asked.action, reply))
    terminal.json(verbose ? { replies: results, summary } : results)
    if (missing.length > 0) terminal.err(missing.join('\n'))
  }
  if (summary.targeted === 0 && replies.length === 0) {
    terminal.err('\nNo request sent, we did not discover any nodes.')
  } else if (!json) {
    const aggregates = await summaryLines(action, replies, terminal)
    const caption = `${asked.agent}#${asked.action} call stats`
    const end = verbose ? statisticsBlock(summary, caption, look, terminal) : [finalLine(summary, terminal)]
    terminal.out([...aggregates, '', ...end, '', ...missing].join('\n'))
  }
  return exitCodeOf(outcomeOf(summary), options.flag('strict') || settings.strictExit)
}

function displayMode(wanted: string | undefined, action: ActionDdl): ResultView['display'] {
  switch (wanted) {
    case undefined:
      return action.display
    case 'ok':
    case 'failed':
      return wanted
    case 'all':
      return 'always'
    default:
      throw usageError("--display has to be one of 'ok', 'all' or 'failed'")
  }
}
