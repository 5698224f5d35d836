// `mco puppet COMMAND`: the Puppet agents of the collective with everything the last release offered. [cli 8.11, M-014, M-015, B-029]

import type { CallOptions, CallReply } from '#client/api.ts'
import { PUPPET } from '#client/puppet-words.ts'
import type { Value, Values } from '#message/request.ts'
import type { ActionDdl } from '#rpc/ddl/ddl.ts'
import { checkInputs } from '#rpc/validate/check-inputs.ts'
import { mayCall } from '../acting.ts'
import { summaryLines } from '../aggregates.ts'
import { bySender } from '../call-screen.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { ACTING_OPTIONS } from '../options.ts'
import {
  callAndShow,
  callQuietly,
  callShown,
  declaredAction,
  endOfRunAll,
  type RunAllCalls,
  runAllCalls,
  showJson,
} from '../puppet-calls.ts'
import { openRunWaiting, type RunWaiting } from '../puppet-wait.ts'
import { resultJson } from '../results.ts'
import { sparkline, spreadText } from '../sparkline.ts'
import { printEnd, printEndOfJson } from '../statistics.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const TRIED = ['runonce', 'runall', 'resource']
const RHYTHM = { afterStartMs: 0, whileFullMs: 1000 }

export const puppet: Command = {
  name: 'puppet',
  summary: 'Schedule runs, enable, disable and interrogate the Puppet agent',
  usage: [
    'puppet [options] [filters] <count | enable | runonce | status | summary>',
    'puppet [options] [filters] disable [message]',
    'puppet [options] [filters] runall [--rerun SECONDS] <concurrency>',
    'puppet [options] [filters] resource <type> <name> [property=value ...]',
  ],
  options: [
    { name: 'force', description: 'Bypass the random wait that spreads the load' },
    { name: 'server', value: 'SERVER', description: 'Connect to a specific server or port' },
    { name: 'tags', aliases: ['tag'], value: 'TAG', multiple: true, description: 'Restrict the run to specific tags' },
    { name: 'noop', description: 'Change nothing: do a no-op run, or only look at the resource' },
    { name: 'no-noop', description: 'Do a run with no-op disabled' },
    { name: 'environment', value: 'ENVIRONMENT', description: 'Place the node in a specific environment for this run' },
    { name: 'splay', description: 'Wait a random time, at most splaylimit seconds' },
    { name: 'no-splay', description: 'Do not wait a random time' },
    { name: 'splaylimit', value: 'SECONDS', type: 'integer', description: 'Longest random wait, seconds' },
    { name: 'use_cached_catalog', description: 'Apply the last catalogue instead of asking for one' },
    { name: 'no-use_cached_catalog', description: 'Do not apply the last catalogue' },
    { name: 'ignoreschedules', description: 'Ignore the schedules of resources' },
    {
      name: 'wait',
      description: 'runonce, runall: wait for the end of the runs and say what they changed; so with --noop',
    },
    { name: 'no-wait', description: 'Only start the runs, also with --noop' },
    { name: 'wait-limit', value: 'SECONDS', type: 'integer', description: 'Wait no longer than so many seconds (900)' },
    ...ACTING_OPTIONS.filter(({ name }) => name !== 'noop'),
    { name: 'rerun', value: 'SECONDS', type: 'integer', description: 'runall: begin anew every so many seconds' },
  ],
  groups: ['rpc', 'common', 'filter'],
  notes: [
    'runall starts Puppet on every enabled node and never lets more than the given number run at once; it ends when the last run was',
    'started, with --rerun never. A node counts as running until its last run is a new one. Ctrl-C, or --max-failures, starts no more and lists the',
    'nodes left. With --noop, or --wait, runonce and runall wait until the runs have ended and say of each node what would change, was changed or failed;',
    'a node whose end is not seen within --wait-limit is named. Ctrl-C ends the waiting, not the runs. What changes nodes asks first when no filter is given on a terminal, unless it is only tried. summary shows how the nodes spread between the smallest and the largest value.',
  ],
  json: {
    shape: '[{"agent", "action", "sender", "statuscode", "statusmsg", "data"}]',
    note: 'runonce and runall that wait add "run": {"outcome", "noop", "started", "changes", "more_changes", "errors", "reason"}, outcome being changed, unchanged, failed or unknown; runall prints the answers of its runs when it ends, count and summary one object.',
  },
  examples: [
    { says: 'five at a time, without end, each node once an hour', type: 'puppet runall 5 --rerun 3600' },
    { says: 'what would change', type: 'puppet runonce --noop --tags apache,ntp -C webserver' },
    { says: 'run now, and say what was changed and what failed', type: 'puppet runonce --wait --force -C webserver' },
    { says: 'nobody runs Puppet until this is mended', type: "puppet disable 'master is being moved'" },
    { says: 'one resource beside the catalogue', type: 'puppet resource service ntpd ensure=running' },
  ],
  async run(context) {
    const [action, ...rest] = context.words
    if (context.options.flag('noop') && action !== undefined && !TRIED.includes(action))
      throw usageError(`--noop goes with ${TRIED.join(', ')}, not with ${action}`)
    switch (action) {
      case undefined:
        throw usageError('Please specify a command.')
      case 'enable':
        return callAndShow(context, 'puppet', 'enable', {})
      case 'disable':
        return callAndShow(context, 'puppet', 'disable', inputsOf(context, 'disable', message(rest)))
      case 'runonce':
        return runOnce(context)
      case 'resource':
        return resource(context, rest)
      case 'status':
        return status(context)
      case 'count':
        return count(context)
      case 'summary':
        return summary(context)
      case 'runall':
        return runAll(context, rest[0])
      default:
        throw usageError('Action must be count, enable, disable, resource, runall, runonce, status or summary')
    }
  },
}

const message = (words: readonly string[]): Values => (words.length === 0 ? {} : { message: words.join(' ') })

const actionOf = (context: CommandContext, name: string): ActionDdl => declaredAction(context, 'puppet', name)

/** Checked here already, so that a mistake is told before a connection is made. */
function inputsOf(context: CommandContext, action: string, inputs: Values): Values {
  return checkInputs(actionOf(context, action), 'puppet', inputs)
}

function runInputs(context: CommandContext): Values {
  const { options } = context
  const force = options.flag('force')
  const splay = switchOption(context, 'splay')
  const limit = options.number('splaylimit')
  if (force && splay === true) throw usageError('Cannot set splay when forcing runs')
  if (force && limit !== undefined) throw usageError('Cannot set splaylimit when forcing runs')
  const tags = options.list('tags')
  const given: Readonly<Record<string, Value | undefined>> = {
    force: force || undefined,
    server: options.text('server'),
    tags: tags.length === 0 ? undefined : tags.join(','),
    noop: switchOption(context, 'noop'),
    environment: options.text('environment'),
    splay: force ? undefined : splay,
    splaylimit: limit,
    use_cached_catalog: switchOption(context, 'use_cached_catalog'),
    ignoreschedules: options.flag('ignoreschedules') || undefined,
  }
  const said = Object.entries(given).filter(([, value]) => value !== undefined) as [string, Value][]
  return inputsOf(context, 'runonce', Object.fromEntries(said))
}

async function runOnce(context: CommandContext): Promise<number> {
  const inputs = runInputs(context)
  if (!waits(context, inputs)) return callAndShow(context, 'puppet', 'runonce', inputs)
  const declared = actionOf(context, 'runonce')
  if (!(await mayCall(context, 'puppet', declared, inputs))) return EXIT.nothing
  const waiting = await openRunWaiting(context)
  const { replies, summary, exitCode } = await callShown(context, 'puppet', declared, inputs, 'ddl')
  if (!context.json) {
    if (replies.length > 0 || summary.targeted > 0) context.terminal.out('')
    printEnd(context, summary, 'puppet#runonce call stats')
  }
  const ends = await waiting.show(replies)
  if (context.json) {
    const results = ends.results(replies)
    context.terminal.json(context.verbose ? { replies: results, summary } : results)
    printEndOfJson(context, summary)
  }
  return ends.exitCode(exitCode)
}

/** Whether the end of the runs is waited for: of a run that changes nothing only its report says anything. */
function waits(context: CommandContext, inputs: Values): boolean {
  return switchOption(context, 'wait') ?? inputs.noop === true
}

function switchOption({ options }: CommandContext, name: string): boolean | undefined {
  if (options.flag(name)) return true
  return options.flag(`no-${name}`) ? false : undefined
}

async function resource(context: CommandContext, words: readonly string[]): Promise<number> {
  const [type, name, ...pairs] = words
  if (type === undefined) throw usageError('The resource command needs a type to operate on')
  if (name === undefined) throw usageError('The resource command needs a name to operate on')
  const properties = pairs.map((pair) => {
    const [, key, value] = /^([^=]+)=([\s\S]*)$/.exec(pair) ?? []
    if (key === undefined || value === undefined) throw usageError(`Could not parse argument '${pair}'`)
    return [key, value] as const
  })
  const noop = context.options.flag('noop') ? { noop: true } : {}
  const inputs = inputsOf(context, 'resource', { ...Object.fromEntries(properties), ...noop, type, name })
  return callAndShow(context, 'puppet', 'resource', inputs, 'always')
}

async function status(context: CommandContext): Promise<number> {
  const { terminal } = context
  const result = await callQuietly(context, 'puppet', 'status', {})
  if (showJson(context, 'puppet', 'status', result)) return result.exitCode
  const { replies, summary } = result
  const names = replies.map(({ sender }) => oneLine(sender))
  const width = Math.max(0, ...names.map((name) => name.length)) + 3
  const lines = [...replies].sort(bySender).map((reply) => {
    const text =
      reply.statusCode === 0 ? textOf(reply.data, 'message') : terminal.style('red', oneLine(reply.statusMessage))
    return `${oneLine(reply.sender).padStart(width)}: ${text}`
  })
  const summaries = await summaryLines(actionOf(context, 'status'), replies, terminal)
  if (lines.length > 0) terminal.out(['', ...lines, ...summaries, ''].join('\n'))
  printEnd(context, summary, 'puppet#status call stats')
  return result.exitCode
}

function textOf(data: object, name: string): string {
  const value = (data as Values)[name]
  return oneLine(typeof value === 'string' ? value : '')
}

async function count(context: CommandContext): Promise<number> {
  const { terminal, json } = context
  const { replies, summary, exitCode } = await callQuietly(context, 'puppet', 'status', {})
  const good = replies.filter((reply) => reply.statusCode === 0).map((reply) => reply.data as Values)
  const having = (test: (data: Values) => boolean): number => good.filter(test).length
  const counts = {
    total: good.length,
    enabled: having((data) => data.enabled === true),
    disabled: having((data) => data.enabled === false),
    running: having((data) => data.applying === true),
    stopped: having((data) => data.applying !== true),
    daemons: having((data) => data.daemon_present === true),
    without_daemons: having((data) => data.daemon_present !== true),
    idling: having((data) => data.idling === true),
    failed: replies.length - good.length,
  }
  if (json) {
    terminal.json(context.verbose ? { ...counts, summary } : counts)
    return exitCode
  }
  if (summary.targeted === 0) printEnd(context, summary)
  else terminal.out(countLines(counts).join('\n'))
  if (counts.failed > 0) terminal.out(terminal.style('red', `Failed to retrieve status of ${counts.failed} nodes\n`))
  return exitCode
}

function countLines(counts: Readonly<Record<string, number>>): string[] {
  return [
    `Total Puppet nodes: ${counts.total}`,
    '',
    `          Nodes currently enabled: ${counts.enabled}`,
    `         Nodes currently disabled: ${counts.disabled}`,
    '',
    `Nodes currently doing puppet runs: ${counts.running}`,
    `          Nodes currently stopped: ${counts.stopped}`,
    '',
    `       Nodes with daemons started: ${counts.daemons}`,
    `    Nodes without daemons started: ${counts.without_daemons}`,
    `       Daemons started but idling: ${counts.idling}`,
    '',
  ]
}

const ROWS: readonly (readonly [label: string, output: string])[] = [
  ['Total resources', 'total_resources'],
  ['Out Of Sync resources', 'out_of_sync_resources'],
  ['Failed resources', 'failed_resources'],
  ['Changed resources', 'changed_resources'],
  ['Corrected resources', 'corrected_resources'],
  ['Config Retrieval time (seconds)', 'config_retrieval_time'],
  ['Total run-time (seconds)', 'total_time'],
  ['Time since last run (seconds)', 'since_lastrun'],
]

async function summary(context: CommandContext): Promise<number> {
  const { terminal, json } = context
  const result = await callQuietly(context, 'puppet', 'last_run_summary', {})
  const good = result.replies.filter((reply) => reply.statusCode === 0).map((reply) => reply.data as Values)
  // Nodes on which Puppet never ran have nothing to add up; they are named apart.
  const ran = good.filter((data) => data.lastrun !== 0)
  const rows = ROWS.map(([label, output]) => ({ label, output, values: ran.map((data) => numberOf(data[output])) }))
  if (json) {
    const numbers = Object.fromEntries(rows.map(({ output, values }) => [output, values]))
    terminal.json({ nodes: ran.length, never_ran: good.length - ran.length, values: numbers })
    return result.exitCode
  }
  if (ran.length > 0) {
    terminal.out(`Summary statistics for ${ran.length} nodes:\n`)
    for (const { label, values } of rows) {
      terminal.out(`${label.padStart(33)}: ${sparkline(values)}  ${spreadText(values)}`.trimEnd())
    }
    terminal.out('')
  }
  if (good.length > ran.length) terminal.out(`Puppet never ran on ${good.length - ran.length} nodes\n`)
  for (const reply of result.replies.filter(({ statusCode }) => statusCode !== 0)) terminal.out(failureLine(reply))
  printEnd(context, result.summary, 'puppet#last_run_summary call stats')
  return result.exitCode
}

function numberOf(value: Value | undefined): number {
  return typeof value === 'number' ? value : 0
}

function failureLine(reply: CallReply): string {
  return `${oneLine(reply.sender)}: ${oneLine(reply.statusMessage)}`
}

async function runAll(context: CommandContext, word: string | undefined): Promise<number> {
  if (word === undefined) throw usageError('The runall command needs a concurrency limit')
  const concurrency = /^\d{1,6}$/.test(word) ? Number(word) : 0
  if (concurrency === 0) throw usageError('The concurrency for the runall command has to be greater than 0')
  const rerunSeconds = context.options.number('rerun')
  const { force: _force, splay: _splay, splaylimit: _limit, ...inputs } = runInputs(context)
  if (!(await mayCall(context, 'puppet', actionOf(context, 'runonce'), inputs))) return EXIT.nothing
  const waiting = waits(context, inputs) ? await openRunWaiting(context) : undefined
  const calls = await runAllCalls(context, PUPPET, inputs, onlyEnabled)
  const log = logOf(context)
  log(`Running all nodes with a concurrency of ${concurrency}`)
  for (;;) {
    const startedAtMs = context.now()
    const code = await runAllOnce(context, calls, concurrency, log, waiting)
    if (rerunSeconds === undefined || calls.stopped() || context.signal.aborted) return code
    await calls.pause(Math.max(0, startedAtMs + rerunSeconds * 1000 - context.now()))
    if (calls.stopped()) return code
  }
}

async function runAllOnce(
  context: CommandContext,
  calls: RunAllCalls,
  concurrency: number,
  log: (text: string) => void,
  waiting: RunWaiting | undefined,
): Promise<number> {
  log('Discovering enabled Puppet nodes to manage')
  const round = await calls.discover()
  log(`Found ${round.hosts.length} enabled nodes`)
  for (const reply of round.broken) log(`${reply.sender} cannot be run: ${reply.statusMessage}`)
  if (round.hosts.length === 0 && round.broken.length === 0) return EXIT.nothing
  const result = await calls.run(round, {
    concurrency,
    rhythm: RHYTHM,
    says: {
      started(host, reply) {
        const text = reply ? textOf(reply.data, 'summary') || reply.statusMessage : 'no response'
        log(`${host} schedule status: ${reply?.statusCode === 0 ? text : (reply?.statusMessage ?? text)}`)
      },
      givenUp({ host, why }) {
        if (why === 'idle') log(`Host ${host} did not move into an applying state. Skipping.`)
        else log(`Host ${host} failed to respond multiple times. Skipping.`)
      },
    },
  })
  if (calls.stopped()) log('Interrupted; no further runs are started.')
  else if (result.left.length > 0) log('Too many failures; no further runs are started.')
  log(`Iteration complete. Initiated a Puppet run on ${result.initiated.length} nodes.`)
  const ends = await waiting?.show(result.replies.filter(({ sender }) => !result.failed.includes(sender)))
  const plain = (): readonly object[] => result.replies.map((reply) => resultJson('puppet', 'runonce', reply))
  if (context.json) context.terminal.json(ends?.results(result.replies) ?? plain())
  const failed = [...result.failed, ...round.broken.map((reply) => reply.sender)]
  const code = endOfRunAll(context, { ...result, failed }, round.summary.noResponse)
  return ends?.exitCode(code) ?? code
}

/** `2026-11-22 05:29:43: text`, local time. */
function logOf(context: CommandContext): (text: string) => void {
  return (text) => {
    if (context.json) return
    const at = new Date(context.now())
    const two = (n: number): string => String(n).padStart(2, '0')
    const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
    const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
    context.terminal.out(`${day} ${time}: ${oneLine(text)}`)
  }
}

/** ANDed to what the operator chose; nodes of a list are asked as they are, their own answer says whether they may run. */
function onlyEnabled(options: CallOptions): CallOptions {
  if (options.nodes) return options
  const test = { source: 'puppet', query: null, output: 'enabled', operator: '==', value: 'true' } as const
  const compounds = [...(options.filter?.compounds ?? []), [{ kind: 'data', test } as const]]
  return { ...options, filter: { ...options.filter, compounds } }
}
