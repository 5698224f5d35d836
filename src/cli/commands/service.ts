// `mco service NAME ACTION`, in either order: start, stop, restart and status of a service. [PE20 service, R-038..R-041, R-088..R-091,
// M-017, B-030, cli 8.12]

import type { CallReply } from '#client/api.ts'
import { STATUS } from '#message/status.ts'
import type { ActionDdl, AgentDdl } from '#rpc/ddl/ddl.ts'
import { checkInputs } from '#rpc/validate/check-inputs.ts'
import {
  actionAndName,
  classicLine,
  columnLines,
  countedTexts,
  mayActUnfiltered,
  noopInput,
  printClassicEnd,
  textOf,
} from '../acting.ts'
import { summaryLines } from '../aggregates.ts'
import { type CallResult, runCall } from '../call-screen.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { ACTING_OPTIONS } from '../options.ts'
import { printResultsJson, resultLines } from '../results.ts'
import { printEnd } from '../statistics.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const ACTIONS = ['start', 'stop', 'restart', 'status']
/** What an action should end in; nodes where it did are not worth a line. */
const WANTED: Readonly<Record<string, string>> = { start: 'running', stop: 'stopped', restart: 'running' }

export const service: Command = {
  name: 'service',
  summary: 'Manages system services',
  usage: [
    'service [options] [filters] <service> <start|stop|restart|status>',
    'service [options] [filters] <start|stop|restart|status> <service>',
  ],
  options: ACTING_OPTIONS,
  groups: ['rpc', 'common', 'filter'],
  notes: [
    'start, stop and restart print the nodes where the service is not as it should be afterwards, with the reason; status prints all nodes.',
    'Starting what runs and stopping what is stopped are failures. Without a filter start, stop and restart ask first; --noop does not.',
    'With --noop every node says what it would do, or why it could not.',
  ],
  json: { shape: '[{"agent", "action", "sender", "statuscode", "statusmsg", "data": {"status", "known"}}]' },
  examples: [
    {
      says: 'restart sshd on all RedHat nodes, ten at a time',
      type: 'service sshd restart -W osfamily=RedHat --batch 10',
    },
    {
      says: 'stop as soon as two nodes did not come back',
      type: 'service httpd restart -C web --batch 5 --max-failures 2',
    },
    { says: 'which nodes would be touched, and which could not', type: 'service httpd stop -C web --noop' },
    { says: 'where it runs', type: 'service sshd status' },
  ],
  async run(context) {
    const { words, terminal, json } = context
    if (words.length < 2) throw usageError('Please specify service name and action')
    const asked = actionAndName(words, ACTIONS, 'action last')
    if (asked?.name === undefined) throw usageError('Action has to be one of start, stop, restart or status')
    const { action, name } = asked
    const ddl = (context.plugins.load('agent', 'service') as AgentDdl).actions.find((each) => each.name === action)
    if (!ddl) throw usageError(`Attempted to call action ${action} for service but it's not declared in the DDL`)
    const inputs = checkInputs(ddl, 'service', { service: name, ...noopInput(context, 'service', ddl) })
    const harmless = action === 'status' || inputs.noop === true
    if (!harmless && !(await mayActUnfiltered(context, 'services'))) return EXIT.nothing
    const classic = context.look === 'classic'
    const result = await runCall(context, {
      start: (client, options) => client.agent('service').call(action, inputs, options),
      onReply(reply) {
        if (!json && classic) for (const line of classicLines(action, reply, context)) terminal.out(line)
      },
    })
    if (json) printResultsJson(context, 'service', action, result)
    else if (classic)
      printClassicEnd(context, 'service summary', [['Statuses', statuses(result.replies)]], result.summary)
    else await printModern(context, ddl, result)
    return result.exitCode
  },
}

function statusOf(reply: CallReply): string {
  return reply.statusCode === STATUS.ok ? textOf(reply, 'status') : 'error'
}

/** Stopped, because there is no such service, is worth telling apart; with --noop what would be done. */
function note({ statusCode, data }: CallReply, action: string, { options }: CommandContext): string {
  if (statusCode !== STATUS.ok) return ''
  if (options.flag('noop')) return `, would ${action}`
  return data.known === false ? ' (no such service)' : ''
}

function classicLines(action: string, reply: CallReply, context: CommandContext): string[] {
  const { verbose, options } = context
  const status = statusOf(reply)
  const failed = status === 'error'
  if (!verbose && !failed && !options.flag('noop') && status === WANTED[action]) return []
  const line = classicLine(reply.sender, `status=${status}${note(reply, action, context)}`)
  return verbose || failed ? [line, `\t\t${oneLine(reply.statusMessage)}`] : [line]
}

const STATUS_NAMES: Readonly<Record<string, string>> = { running: 'started', stopped: 'stopped', error: 'errors' }

/** `errors=1 started=2`; what runs is `started` here and `running` above, as in the manual. */
function statuses(replies: readonly CallReply[]): string {
  if (replies.length === 0) return 'No responses received'
  const counts = countedTexts(replies.map(statusOf)).map(
    ([status, count]) => `${STATUS_NAMES[status] ?? `unknown (${oneLine(status)})`}=${count}`,
  )
  return counts.sort().join(' ')
}

async function printModern(context: CommandContext, ddl: ActionDdl, { replies, summary }: CallResult): Promise<void> {
  const { terminal, options } = context
  const all = context.verbose || options.flag('noop')
  const shown = replies.filter(
    (reply) => reply.statusCode === STATUS.ok && (all || statusOf(reply) !== WANTED[ddl.name]),
  )
  const view = { agent: 'service', action: ddl, verbose: false, display: 'failed' } as const
  const failures = replies.flatMap((reply) => resultLines(reply, view, terminal))
  const rows = columnLines(
    shown.map((reply) => ({ sender: reply.sender, text: `${statusOf(reply)}${note(reply, ddl.name, context)}` })),
  )
  const lines = [...rows, ...(rows.length > 0 && failures.length > 0 ? [''] : []), ...failures]
  if (lines.length > 0) terminal.out(lines.join('\n'))
  if (replies.length > 0) terminal.out([...(await summaryLines(ddl, replies, terminal)), ''].join('\n'))
  printEnd(context, summary, `${ddl.name} Service results`)
}
