// `mco credentials status | rotate | finish`: the password of the collective changed without a window in which a node cannot be reached, and who
// has it by now, found by asking: once with the new password, once with the former. [R-014, R-016, R-018, B-018]

import { callChoice } from '../call-options.ts'
import { candidates } from '../candidates.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import type { KeyNames } from '../installation.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const ACTIONS = ['status', 'rotate', 'finish']
const DEFAULT_GRACE = '24h'
const GRACE_SECONDS_MIN = 60
const GRACE_SECONDS_MAX = 90 * 86_400

/** What a node has: the new password, the new and the former, the former alone, or nobody knows. */
type Holding = 'new' | 'both' | 'old' | 'silent'

export const credentials: Command = {
  name: 'credentials',
  summary: 'Change the password of the collective, and see which nodes have it',
  usage: [
    'credentials status [options] [filters]',
    'credentials rotate [--grace TIME] [--force]',
    'credentials finish [--force]',
  ],
  options: [
    {
      name: 'grace',
      value: 'TIME',
      description: `rotate: how long the former password stays good, e.g. 90m, 24h, 7d (${DEFAULT_GRACE})`,
    },
    {
      name: 'force',
      description: 'rotate: although a grace period runs; finish: although nodes have only the former password',
    },
    {
      name: 'directory',
      value: 'DIR',
      description: 'rotate, finish: where the password is (/etc/puppetlabs/mcollective)',
    },
  ],
  groups: ['common', 'filter'],
  needsConfiguration: ([action]) => action !== 'rotate',
  notes: [
    'status asks every node twice, with the new password and with the former one, so that what it says is what nodes do. rotate, as root on the',
    'master, makes a new password and keeps the former one good for the grace period; requests are made with the former one until two minutes',
    'before its end, so that nodes are reached before they have the new one and after. Then the files must go to the nodes: by Puppet, or as',
    'you do. finish ends the grace period before its time, when every node has the new password. Broker accounts stay as they are.',
  ],
  json: {
    shape:
      '{"keyId", "previous": {"keyId", "until"}, "nodes": [{"identity", "password": "new", "both", "old" or "silent"}], "summary"}',
    note: 'rotate: {"keyId", "previousKeyId", "until"}; finish: {"finished"}',
    verbose: 'the same',
  },
  examples: [
    { says: 'who has which password', type: 'credentials status' },
    { says: 'a new password; the former one stays good for two days', type: 'credentials rotate --grace 2d' },
    { says: 'every node has it: forget the former one', type: 'credentials finish' },
  ],
  complete: (_, [action]) => (action === undefined ? candidates(...ACTIONS) : []),
  async run(context) {
    const [action] = context.words
    switch (action) {
      case 'status':
        return status(context)
      case 'rotate':
        return rotate(context)
      case 'finish':
        return finish(context)
      case undefined:
        throw usageError("No action specified, please run 'mco help credentials' for help")
      default:
        throw usageError(
          `Invalid action ${action}, please run 'mco help credentials' for help. Known are ${ACTIONS.join(', ')}`,
        )
    }
  },
}

async function status(context: CommandContext): Promise<number> {
  const names = await context.keyNames()
  const holdings = await findHoldings(context, names)
  const counts = countsOf(holdings)
  if (context.json) {
    const nodes = [...holdings].map(([identity, password]) => ({ identity, password }))
    context.terminal.json({ ...namesInJson(names), nodes, summary: { nodes: nodes.length, ...counts } })
  } else context.terminal.out(statusScreen(context, names, holdings))
  if (holdings.size === 0) return EXIT.nothing
  if (counts.old > 0) return EXIT.failures
  return context.strict && counts.silent > 0 ? EXIT.silence : EXIT.ok
}

/** Every node that answers, and every node that the roster expects, sorted. */
async function findHoldings(context: CommandContext, names: KeyNames): Promise<ReadonlyMap<string, Holding>> {
  const { options } = await callChoice(context, { nodesFromStdin: false })
  const ask = async (key: 'current' | 'previous') => {
    const client = await context.client(key)
    return client.discover({ ...options, signal: context.signal }).result
  }
  const [current, previous] = await Promise.all([ask('current'), names.previous ? ask('previous') : undefined])
  const [haveNew, haveOld] = [new Set(current.nodes), new Set(previous?.nodes)]
  const known = new Set([...haveNew, ...current.silent, ...haveOld, ...(previous?.silent ?? [])])
  const holding = (identity: string): Holding => {
    if (haveNew.has(identity)) return haveOld.has(identity) ? 'both' : 'new'
    return haveOld.has(identity) ? 'old' : 'silent'
  }
  return new Map([...known].sort().map((identity) => [identity, holding(identity)]))
}

function countsOf(holdings: ReadonlyMap<string, Holding>): Record<Holding, number> {
  const counts = { new: 0, both: 0, old: 0, silent: 0 }
  for (const holding of holdings.values()) counts[holding]++
  return counts
}

const HOLDING_WORDS: Readonly<Record<Holding, string>> = {
  new: 'the new password',
  both: 'the new password, and still the former one',
  old: 'only the former password',
  silent: 'no answer',
}

function statusScreen(context: CommandContext, names: KeyNames, holdings: ReadonlyMap<string, Holding>): string {
  const { terminal } = context
  const { previous } = names
  const styles = { new: 'green', both: 'green', old: 'red', silent: 'yellow' } as const
  const width = Math.max(0, ...[...holdings.keys()].map((identity) => identity.length))
  const rows = [...holdings].map(
    ([identity, holding]) =>
      `  ${oneLine(identity).padEnd(width)}  ${terminal.style(styles[holding], HOLDING_WORDS[holding])}`,
  )
  const { new: haveNew, both, old, silent } = countsOf(holdings)
  const parts = [
    `${haveNew + both} with the new password`,
    `${old} with only the former one`,
    `${silent} without an answer`,
  ]
  return [
    `Password in use here: key ${names.keyId}`,
    previous
      ? `Former password: key ${previous.keyId}, ${untilInWords(previous.untilMs, context.now())}`
      : 'Former password: none is known here',
    ...(rows.length === 0 ? [] : ['', ...rows]),
    '',
    holdings.size === 0
      ? 'No node answered, and none is expected.'
      : `${nodesInWords(holdings.size)}: ${parts.join(', ')}`,
    ...(old > 0 ? ['', `Bring ${previousFilesHint(names, context.now())}`] : []),
    ...(previous && holdings.size > 0 && old + silent === 0
      ? ['', 'Every node has the new password: `mco credentials finish` forgets the former one.']
      : []),
  ].join('\n')
}

function nodesInWords(count: number): string {
  return `${count} ${count === 1 ? 'node' : 'nodes'}`
}

function previousFilesHint({ previous }: KeyNames, nowMs: number): string {
  const isOver = previous?.untilMs !== undefined && previous.untilMs <= nowMs
  const how = isOver
    ? 'by Puppet or by hand: they cannot be reached until then'
    : 'by Puppet (`mco puppet runonce` reaches them) or by hand'
  return `credentials and credentials.previous to nodes with only the former one, ${how}.`
}

function untilInWords(untilMs: number | undefined, nowMs: number): string {
  if (untilMs === undefined) return 'accepted without an end'
  const at = new Date(untilMs).toISOString()
  return untilMs > nowMs
    ? `accepted until ${at}, ${durationInWords((untilMs - nowMs) / 1000)} from now`
    : `refused since ${at}`
}

/** `90 min`, `23 h`, `6 days`. */
function durationInWords(seconds: number): string {
  if (seconds < 2 * 3600) return `${Math.ceil(seconds / 60)} min`
  return seconds < 3 * 86_400 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}

function namesInJson({ keyId, previous }: KeyNames) {
  if (!previous) return { keyId, previous: null }
  const until = previous.untilMs === undefined ? null : new Date(previous.untilMs).toISOString()
  return { keyId, previous: { keyId: previous.keyId, until } }
}

async function rotate(context: CommandContext): Promise<number> {
  const { options, terminal } = context
  const graceSeconds = secondsOf(options.text('grace') ?? DEFAULT_GRACE)
  const installation = await context.installation()
  const made = await installation.rotate({ ...directoryOf(context), graceSeconds, force: options.flag('force') })
  const { directory, keyId, previousKeyId, untilMs, account } = made
  const until = new Date(untilMs).toISOString()
  if (context.json) {
    terminal.json({ keyId, previousKeyId, until })
    return EXIT.ok
  }
  terminal.out(`New password: key ${keyId} in ${directory}/credentials
Former password: key ${previousKeyId} in ${directory}/credentials.previous, good until ${until}

Daemon and mco of this machine have both at once${account === undefined ? '' : `, ${account} as well`}. Now, before ${until}:
  with Puppet     run it on this machine, then on the nodes: mco puppet runonce
  without Puppet  copy both files to ${directory} on every node, mode 0600, credentials.previous first
Nothing has to be restarted. \`mco credentials status\` shows how far it is.`)
  return EXIT.ok
}

async function finish(context: CommandContext): Promise<number> {
  const { options, terminal, json } = context
  const names = await context.keyNames()
  if (!options.flag('force') && names.previous) {
    const holdings = await findHoldings(context, names)
    const { old, silent } = countsOf(holdings)
    if (old + silent > 0) {
      if (!json) terminal.out(`${statusScreen(context, names, holdings)}\n`)
      throw usageError(
        `Will not forget the former password: ${nodesInWords(old)} with only that, ${silent} without an answer; --force forgets it all the same`,
      )
    }
  }
  const installation = await context.installation()
  const finished = await installation.finish(directoryOf(context))
  if (json) terminal.json({ finished })
  else if (finished)
    terminal.out(
      'The former password is forgotten on this machine. Puppet removes it from the nodes; there it is refused at its end at the latest.',
    )
  else terminal.out('There was no former password.')
  return EXIT.ok
}

function directoryOf({ options }: CommandContext): { directory?: string } {
  const directory = options.text('directory')
  return directory === undefined ? {} : { directory }
}

/** `90m`, `24h`, `7d`, or seconds. */
function secondsOf(text: string): number {
  const [, digits, unit = 's'] = /^(\d{1,7})([smhd])?$/.exec(text) ?? []
  const seconds = Number(digits) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd']
  if (seconds >= GRACE_SECONDS_MIN && seconds <= GRACE_SECONDS_MAX) return seconds
  throw usageError(`--grace takes a time from 1m to 90d, e.g. 90m, 24h or 7d, not '${oneLine(text)}'`)
}
