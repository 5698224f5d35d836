// `mco puppetd COMMAND`: the Puppet agents of the collective in the words and on the screens of PE 2.0. [PE20 puppetd, R-033..R-037,
// R-067..R-075, cli 8.10]

import { PUPPETD } from '#client/puppet-words.ts'
import type { Values } from '#message/request.ts'
import { mayCall } from '../acting.ts'
import type { Command, CommandContext } from '../command.ts'
import { formatDate } from '../date.ts'
import { EXIT } from '../exit-codes.ts'
import { ACTING_OPTIONS } from '../options.ts'
import { callAndShow, callQuietly, declaredAction, endOfRunAll, runAllCalls, showJson } from '../puppet-calls.ts'
import { resultJson } from '../results.ts'
import { finalLine, printEnd } from '../statistics.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const ACTIONS = ['enable', 'disable', 'runonce', 'runall', 'status', 'summary', 'count']
const RHYTHM = { afterStartMs: 1000, whileFullMs: 2000 }

export const puppetd: Command = {
  name: 'puppetd',
  summary: 'Run Puppet agents, get their status, and enable or disable them',
  usage: [
    'puppetd [options] [filters] <enable | disable | runonce | status | summary | count>',
    'puppetd [options] [filters] runall <concurrency>',
  ],
  options: [
    { name: 'force', short: 'f', description: 'runonce: run at once, without the random wait that spreads the load' },
    ...ACTING_OPTIONS.filter(({ name }) => name !== 'noop'),
    { name: 'noop', description: 'Refused: this agent always acts; mco puppet runonce --noop does not' },
  ],
  groups: ['rpc', 'common', 'filter'],
  notes: [
    'runall starts Puppet on every node in order of their names, and never lets more than the given number run at once; it ends when the',
    'last run was started. Nodes that run Puppet for other reasons count, too. Ctrl-C, or --max-failures, starts no further runs and lists the nodes left.',
    'What changes nodes asks first when no filter is given on a terminal.',
    'runonce spreads the runs over half a minute (plugin.puppetd.splaytime of a node) unless forced.',
  ],
  json: {
    shape: '[{"agent", "action", "sender", "statuscode", "statusmsg", "data"}]',
    note: 'runall prints the answers of its runs when it ends; count prints {"running", "enabled", "disabled"}.',
  },
  examples: [
    { says: 'every node, one after the other', type: 'puppetd runall 1' },
    { says: 'ten at a time, stop when a twentieth of them failed', type: 'puppetd runall 10 --max-failures 5%' },
    { says: 'all Debian nodes now', type: 'puppetd runonce --force -F osfamily=Debian' },
    { says: 'when did Puppet run last', type: 'puppetd status' },
  ],
  async run(context) {
    const [action, ...rest] = context.words
    if (action === undefined) throw usageError('Please specify an action.')
    if (context.options.flag('noop') && ACTIONS.includes(action))
      throw usageError(
        `--noop does not go with puppetd ${action}; mco puppet runonce --noop runs Puppet without changing anything`,
      )
    switch (action) {
      case 'enable':
      case 'disable':
        return callAndShow(context, 'puppetd', action, {})
      case 'runonce':
        return callAndShow(context, 'puppetd', action, { forcerun: context.options.flag('force') })
      case 'summary':
        return callAndShow(context, 'puppetd', 'last_run_summary', {})
      case 'status':
        return status(context)
      case 'count':
        return count(context)
      case 'runall':
        return runAll(context, rest[0])
      default:
        throw usageError(`Action must be ${ACTIONS.slice(0, -1).join(', ')}, or ${ACTIONS.at(-1)}`)
    }
  },
}

async function status(context: CommandContext): Promise<number> {
  const { terminal } = context
  const result = await callQuietly(
    context,
    'puppetd',
    'status',
    {},
    {
      onReply({ sender, statusCode, statusMessage, data }) {
        if (context.json) return
        const text = statusCode === 0 ? String((data as Values).output ?? '') : statusMessage
        terminal.out(`${oneLine(sender).padEnd(40)} ${oneLine(text)}`)
      },
    },
  )
  if (showJson(context, 'puppetd', 'status', result)) return result.exitCode
  if (result.replies.length > 0) terminal.out('')
  printEnd(context, result.summary, 'puppetd#status call stats')
  return result.exitCode
}

async function count(context: CommandContext): Promise<number> {
  const { replies, summary, exitCode } = await callQuietly(context, 'puppetd', 'status', {})
  const good = replies.filter((reply) => reply.statusCode === 0).map((reply) => reply.data as Values)
  const running = good.filter((data) => data.running === 1).length
  const enabled = good.filter((data) => data.enabled === 1).length
  const counts = { running, enabled, disabled: good.length - enabled }
  if (context.json) {
    context.terminal.json(context.verbose ? { ...counts, summary } : counts)
    return exitCode
  }
  if (summary.targeted > 0) {
    context.terminal.out(
      [
        '',
        `Nodes currently doing puppet runs: ${counts.running}`,
        `          Nodes currently enabled: ${counts.enabled}`,
        `         Nodes currently disabled: ${counts.disabled}`,
        '',
      ].join('\n'),
    )
  }
  printEnd(context, summary, 'puppetd#status call stats')
  return exitCode
}

async function runAll(context: CommandContext, word: string | undefined): Promise<number> {
  const { terminal, json } = context
  const log = (text: string): void => {
    if (!json) terminal.out(`${formatDate(new Date(context.now()), 'classic')}> ${oneLine(text)}`)
  }
  const concurrency = word !== undefined && /^\d{1,6}$/.test(word) ? Number(word) : 0
  if (concurrency === 0) {
    terminal.err('Concurrency is 0; not running any nodes')
    return EXIT.nothing
  }
  if (!(await mayCall(context, 'puppetd', declaredAction(context, 'puppetd', 'runonce'), {}))) return EXIT.nothing
  log(`Running all machines with a concurrency of ${concurrency}`)
  log('Discovering hosts to run')
  const calls = await runAllCalls(context, PUPPETD, {})
  const round = await calls.discover()
  log(`Found ${round.hosts.length} hosts`)
  for (const reply of round.broken) log(`${reply.sender} cannot be run: ${reply.statusMessage}`)
  if (round.hosts.length === 0 && round.broken.length === 0) {
    printEnd(context, round.summary)
    return EXIT.nothing
  }
  const result = await calls.run(round, {
    concurrency,
    rhythm: RHYTHM,
    says: {
      waiting: (running) => log(`Currently ${running} nodes running; waiting`),
      starting: (host, running) => log(`Running ${host}, concurrency is ${running}`),
      started: (host, reply) => log(`${host} schedule status: ${reply?.statusMessage ?? 'no response'}`),
      givenUp: ({ host, why }) =>
        log(
          why === 'idle' ? `${host} did not begin to run; it is not waited for` : `${host} does not respond any more`,
        ),
    },
  })
  if (calls.stopped()) log(`Interrupted; ${result.left.length} hosts were not run`)
  else if (result.left.length > 0) log(`Too many failures; ${result.left.length} hosts were not run`)
  if (json) terminal.json(result.replies.map((reply) => resultJson('puppetd', 'runonce', reply)))
  else if (result.replies.length > 0) terminal.out(`\n${finalLine(result.last, terminal)}\n`)
  const failed = [...result.failed, ...round.broken.map((reply) => reply.sender)]
  return endOfRunAll(context, { ...result, failed }, round.summary.noResponse)
}
