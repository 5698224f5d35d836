// `mco setup master | token | node | keys`: makes this machine the master of a collective, lets others join it. What is done is main's and
// setup's; here are words, options and screens. [R-014, R-015, R-020, R-022, M-054]

import { JOIN_REFUSALS_SHOWN_MAX, JOIN_TOKENS_MAX } from '#base/limits.ts'
import { candidates } from '../candidates.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import type { MasterReport, NodeReport, Places, SetupItem } from '../installation.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const ACTIONS = ['master', 'token', 'node', 'keys']
const MINUTES_MAX = 1440
const DEFAULT_MINUTES = 15

export const setup: Command = {
  name: 'setup',
  summary: 'Make this machine the master of a collective, or a node of one',
  usage: [
    'setup master [options]',
    'setup token [--count N] [--for IDENTITY] [--minutes N]',
    'setup node [--token-file FILE] [options]',
    'setup node --puppet-certificates --broker HOST[:PORT] [options]',
    'setup keys --caller NAME | --node IDENTITY --output DIRECTORY',
  ],
  options: [
    { name: 'identity', value: 'NAME', description: 'Name of this machine in the collective (its full host name)' },
    {
      name: 'port',
      value: 'PORT',
      type: 'integer',
      description: 'Port of the broker (61613); token: to wait on (the next one)',
    },
    { name: 'collectives', value: 'NAMES', description: 'Collectives, the main one first (mcollective)' },
    { name: 'names', value: 'NAMES', description: 'master: further names and addresses nodes call the broker by' },
    { name: 'security', value: 'SCHEME', choices: ['psk', 'aes'], description: 'Security scheme of messages (psk)' },
    {
      name: 'account',
      value: 'NAME',
      description: 'master: account that may use mco (peadmin), made when it is not there',
    },
    { name: 'no-account', description: 'master: make no account' },
    { name: 'home', value: 'DIR', description: "master: directory for the account's files, instead of its home" },
    {
      name: 'puppet-certificates',
      description: "Use the certificate Puppet gave this machine, and Puppet's authority",
    },
    { name: 'broker', value: 'HOST[:PORT]', description: 'node: how this machine reaches the broker' },
    { name: 'token-file', value: 'FILE', description: 'node: file with the token, - for standard input' },
    { name: 'count', value: 'N', type: 'integer', description: 'token: so many, each for one machine (1)' },
    {
      name: 'for',
      value: 'IDENTITY',
      description: 'token: for that machine alone; keys it had are replaced and cast out',
    },
    { name: 'minutes', value: 'N', type: 'integer', description: 'token: how long it is good (15)' },
    { name: 'caller', value: 'NAME', description: 'keys: for an operator, who is cert=NAME then' },
    { name: 'node', value: 'IDENTITY', description: 'keys: for a node' },
    { name: 'output', value: 'DIRECTORY', description: 'keys: where they are written, a new directory' },
    { name: 'directory', value: 'DIR', description: 'Configuration and keys (/etc/puppetlabs/mcollective)' },
    { name: 'state-directory', value: 'DIR', description: 'What must outlive the processes (/var/lib/mcollective)' },
  ],
  groups: [],
  notes: [
    'master makes a certificate authority, the password of the collective, accounts at the broker, configuration, and the account peadmin with',
    'its ~/.mcollective. Run again it keeps keys, passwords and what was edited, renews certificates that near their end, and follows',
    'changed options. token prints a secret that lets one machine join, and waits for it: when it ends, the token ends. node reads',
    'the token from --token-file, standard input or the environment variable MCO_JOIN_TOKEN, never from the command line, where every user of',
    'the machine could read it. keys is for the scheme aes: one more operator, or a node without a token.',
  ],
  json: {
    shape: '{"identity", "directory", "items": [{"what", "path", "fate"}]}',
    note: 'token: {"tokens", "host", "port", "until"} as soon as it waits; who joins is told on standard error',
  },
  examples: [
    { says: 'the first machine of a collective', type: 'setup master' },
    {
      says: 'with another port, and names by which nodes know it',
      type: 'setup master --port 61617 --names mco.example.com,192.0.2.7',
    },
    { says: 'let a machine join (on the master)', type: 'setup token' },
    { says: 'join (on that machine; paste the token)', type: 'setup node' },
    {
      says: "join with Puppet's certificate",
      type: 'setup node --puppet-certificates --broker puppetmaster.example.com',
    },
    { says: 'keys for one more operator', type: 'setup keys --caller ann --output ./ann' },
  ],
  complete: (_, [action]) => (action === undefined ? candidates(...ACTIONS) : []),
  async run(context) {
    const [action, ...rest] = context.words
    if (rest.length > 0) throw usageError(`Unknown word ${rest[0]}; what setup needs is given by options`)
    switch (action) {
      case 'master':
        return master(context)
      case 'token':
        return token(context)
      case 'node':
        return node(context)
      case 'keys':
        return keys(context)
      case undefined:
        throw usageError("No action specified, please run 'mco help setup' for help")
      default:
        throw usageError(
          `Invalid action ${action}, please run 'mco help setup' for help. Known are ${ACTIONS.join(', ')}`,
        )
    }
  },
}

async function master(context: CommandContext): Promise<number> {
  const { options, terminal } = context
  const account = options.flag('no-account') ? false : options.text('account')
  const installation = await context.installation()
  const report = await installation.master({
    ...placesOf(context),
    ...textOf(context, 'identity'),
    ...textOf(context, 'home'),
    ...portOf(context),
    ...listOf(context, 'collectives', NAME),
    ...listOf(context, 'names', HOST),
    ...securityOf(context),
    ...(account === undefined ? {} : { account }),
    ...(options.flag('puppet-certificates') ? { puppetCertificates: true } : {}),
  })
  if (context.json) terminal.json(report)
  else terminal.out(masterScreen(report, context))
  return EXIT.ok
}

function masterScreen(report: MasterReport, context: CommandContext): string {
  const { identity, port, collectives, security, account, created } = report
  const what = created ? 'is now' : 'is'
  const scheme = security === 'aes' ? 'aes, encrypted end to end' : 'psk'
  const isChanged = report.items.some(({ fate }) => fate === 'made' || fate === 'changed')
  const services = created
    ? ['systemctl enable --now troupe-broker mcollective', 'starts the broker and this node']
    : ['systemctl restart troupe-broker mcollective', 'because something was changed']
  const next: (readonly string[])[] = [
    ...(isChanged ? [services] : []),
    ...(account === undefined ? [] : [[`su - ${account} -c 'mco ping'`, 'this node answers']]),
    report.puppetCertificates
      ? [`mco setup node --puppet-certificates --broker ${identity}:${port}`, 'on every other machine']
      : ['mco setup token', 'lets another machine join'],
  ]
  return [
    `${oneLine(identity)} ${what} the master of ${collectives.map(oneLine).join(', ')}: broker on port ${port}, security scheme ${scheme}\n`,
    itemTable(report.items, context),
    `\nNext:\n${columns(next)}`,
  ].join('\n')
}

async function token(context: CommandContext): Promise<number> {
  const { options, terminal, json } = context
  const count = between(options.number('count') ?? 1, 1, JOIN_TOKENS_MAX, '--count')
  const minutes = between(options.number('minutes') ?? DEFAULT_MINUTES, 1, MINUTES_MAX, '--minutes')
  const stopped = new AbortController()
  context.onInterrupt(() => stopped.abort())
  let refusals = 0
  const installation = await context.installation()
  const { used } = await installation.token({
    ...placesOf(context),
    ...portOf(context),
    ...{ count, minutes },
    ...(options.text('for') === undefined ? {} : { identity: identityOf(options.text('for')!) }),
    signal: AbortSignal.any([context.signal, stopped.signal]),
    onTokens(tokens, { host, port, untilMs }) {
      const until = new Date(untilMs).toISOString()
      if (json) terminal.json({ tokens, host, port, until })
      else for (const one of tokens) terminal.out(one)
      const machines = count === 1 ? 'one machine' : `${count} machines, a token each,`
      terminal.err(`\nWaiting on port ${port} for ${machines} to join, until ${until} or Ctrl-C. There: mco setup node`)
    },
    onJoined: (identity, from) => terminal.err(`${oneLine(identity)} joined from ${oneLine(from)}`),
    onRefused(why, from) {
      refusals++
      if (refusals <= JOIN_REFUSALS_SHOWN_MAX)
        terminal.err(terminal.styleErr('yellow', `refused ${oneLine(from)}: ${oneLine(why)}`))
    },
  })
  if (used < count) terminal.err(`${count - used} of ${count} tokens were not used and are worthless now`)
  return used === count ? EXIT.ok : EXIT.nothing
}

async function node(context: CommandContext): Promise<number> {
  const { options, terminal } = context
  const byPuppet = options.flag('puppet-certificates')
  const broker = options.text('broker')
  const given = byPuppet ? undefined : await readToken(context)
  if (given !== undefined && (options.text('collectives') ?? options.text('security')) !== undefined) {
    throw usageError(
      'With a token, collectives and security scheme are what the master says: leave out --collectives and --security',
    )
  }
  const installation = await context.installation()
  const report = await installation.node({
    ...placesOf(context),
    ...textOf(context, 'identity'),
    ...listOf(context, 'collectives', NAME),
    ...securityOf(context),
    ...(broker === undefined ? {} : { broker: addressOf(broker) }),
    ...(given === undefined ? {} : { token: given }),
  })
  if (context.json) terminal.json(report)
  else terminal.out(nodeScreen(report, context))
  return EXIT.ok
}

function nodeScreen({ identity, broker, collectives, items, awaits }: NodeReport, context: CommandContext): string {
  const missing = awaits.map((file) => `  ${file}`).join('\n')
  return [
    `${oneLine(identity)} is now a node of ${collectives.map(oneLine).join(', ')}: broker ${oneLine(broker.host)}, port ${broker.port}\n`,
    itemTable(items, context),
    ...(awaits.length === 0 ? [] : [`\nNot here yet, Puppet or you must bring it:\n${missing}`]),
    `\nNext:\n${columns([['systemctl enable --now mcollective', 'starts this node']])}`,
  ].join('\n')
}

/** From a file, standard input or the environment: a command line can be read by every user of the machine. */
async function readToken({ options, readFile, readStdin, ask, env }: CommandContext): Promise<string> {
  const file = options.text('token-file')
  if (file?.startsWith('troupe-join_')) {
    throw usageError(
      'A token on the command line can be read by every user of this machine: end that `mco setup token`, make a new one, and give it with --token-file - on standard input',
    )
  }
  const fromInput = async () => (await readStdin()) ?? (await ask('Token: '))
  const fromEnvironment = env('MCO_JOIN_TOKEN')
  const text =
    file === '-' || (file === undefined && fromEnvironment === undefined)
      ? await fromInput()
      : file === undefined
        ? fromEnvironment
        : await readFile(file)
  if (text?.trim()) return text.trim()
  throw usageError(
    'To join, give the token that `mco setup token` prints on the master: --token-file FILE, standard input, or MCO_JOIN_TOKEN; or use --puppet-certificates',
  )
}

async function keys(context: CommandContext): Promise<number> {
  const { options, terminal } = context
  const [caller, identity, output] = [options.text('caller'), options.text('node'), options.text('output')]
  if ((caller === undefined) === (identity === undefined))
    throw usageError('Please name one: --caller NAME or --node IDENTITY')
  if (output === undefined) throw usageError('Please name a new directory for the keys: --output DIRECTORY')
  const role = caller === undefined ? 'node' : 'client'
  const installation = await context.installation()
  const report = await installation.keys({ ...placesOf(context), role, name: identityOf(caller ?? identity!), output })
  if (context.json) terminal.json(report)
  else {
    const settings = report.settings.map(([key, file]) => `  ${key} = ${file}`).join('\n')
    terminal.out(`Keys for ${oneLine(report.name)}\n\n${itemTable(report.items, context)}\n`)
    terminal.out(
      `Carry the directory to where they are used, mode 0600, and name the files there:\n  securityprovider = aes\n${settings}`,
    )
  }
  return EXIT.ok
}

const FATES = { made: 'made', kept: 'kept', changed: 'changed', edited: 'left as edited' } as const

function itemTable(items: readonly SetupItem[], { terminal }: CommandContext): string {
  const width = Math.max(...items.map(({ what }) => what.length))
  const lines = items.map(({ what, path, fate, reason }) => {
    const word = FATES[fate].padEnd(Math.max(...items.map((item) => FATES[item.fate].length)))
    const shown = fate === 'kept' ? word : terminal.style(fate === 'edited' ? 'yellow' : 'green', word)
    return `  ${shown}  ${what.padEnd(width)}  ${oneLine(path)}${reason === undefined ? '' : ` (${reason})`}`
  })
  return lines.join('\n')
}

function columns(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([command = '']) => command.length))
  return rows.map(([command = '', says = '']) => `  ${command.padEnd(width)}  ${says}`.trimEnd()).join('\n')
}

const NAME = /^[\w.-]+$/
const HOST = /^[\w.:-]+$/

function placesOf({ options }: CommandContext): Places {
  const [directory, stateDirectory] = [options.text('directory'), options.text('state-directory')]
  return {
    ...(directory === undefined ? {} : { directory }),
    ...(stateDirectory === undefined ? {} : { stateDirectory }),
  }
}

function textOf<Name extends 'identity' | 'home'>(
  { options }: CommandContext,
  name: Name,
): Partial<Record<Name, string>> {
  const text = options.text(name)
  if (text === undefined) return {}
  const checked = name === 'identity' ? identityOf(text) : text
  return { [name]: checked } as Record<Name, string>
}

function identityOf(text: string): string {
  if (NAME.test(text)) return text
  throw usageError(`'${oneLine(text)}' cannot be a name: letters, digits, '_', '.' and '-' can`)
}

function portOf({ options }: CommandContext): { port?: number } {
  const port = options.number('port')
  return port === undefined ? {} : { port: between(port, 1, 65_534, '--port') }
}

function securityOf({ options }: CommandContext): { security?: 'psk' | 'aes' } {
  const security = options.text('security')
  return security === undefined ? {} : { security: security as 'psk' | 'aes' }
}

function listOf<Name extends 'collectives' | 'names'>(
  { options }: CommandContext,
  name: Name,
  pattern: RegExp,
): Partial<Record<Name, readonly string[]>> {
  const text = options.text(name)
  if (text === undefined) return {}
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  const wrong = words.find((word) => !pattern.test(word))
  if (wrong !== undefined || words.length === 0)
    throw usageError(`--${name} takes names separated by ',', not '${oneLine(wrong ?? text)}'`)
  return { [name]: words } as unknown as Record<Name, readonly string[]>
}

/** `host`, `host:port`, `[address]:port`. */
function addressOf(text: string): { host: string; port?: number } {
  const [, bracketed, plain, port] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined) throw usageError(`--broker takes HOST or HOST:PORT, not '${oneLine(text)}'`)
  return port === undefined ? { host } : { host, port: between(Number(port), 1, 65_535, '--broker') }
}

function between(value: number, min: number, max: number, option: string): number {
  if (value >= min && value <= max) return value
  throw usageError(`${option} takes a number from ${min} to ${max}, not ${value}`)
}
