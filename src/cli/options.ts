// Options that commands share, as tables: help, man pages, completion and the reading of words (read-options.ts) are made from them.
// [cli 3]

import type { OptionGroup } from './command.ts'

export interface OptionSpec {
  /** Canonical long name without dashes, e.g. `with-fact`. */
  readonly name: string
  readonly short?: string
  readonly aliases?: readonly string[]
  /** Name of the value in help; absent: a switch. */
  readonly value?: string
  readonly type?: 'integer' | 'seconds'
  /** The only values it takes. */
  readonly choices?: readonly string[]
  /** May be given several times; otherwise the last one counts. */
  readonly multiple?: boolean
  readonly description: string
}

export const REQUIRED_OPTIONS: readonly OptionSpec[] = [
  { name: 'config', short: 'c', value: 'FILE', description: 'Load configuration from file rather than default' },
  { name: 'verbose', short: 'v', description: 'Be verbose' },
  { name: 'help', short: 'h', description: 'Display this screen' },
]

/** What every command takes besides: they say how things are printed. */
export const OUTPUT_OPTIONS: readonly OptionSpec[] = [
  { name: 'json', short: 'j', description: 'Produce JSON output' },
  {
    name: 'look',
    value: 'LOOK',
    choices: ['classic', 'modern'],
    description: 'Screens as in the PE 2.0 manual (classic) or as in 2.12 (modern)',
  },
  {
    name: 'color',
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    description: 'Colour: auto (on terminals, the default), always or never',
  },
]

export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: 'target', short: 'T', value: 'COLLECTIVE', description: 'Target messages to a specific sub collective' },
  {
    name: 'discovery-timeout',
    aliases: ['dt'],
    value: 'SECONDS',
    type: 'integer',
    description: 'Timeout for doing discovery',
  },
  { name: 'timeout', short: 't', value: 'SECONDS', type: 'integer', description: 'Timeout for calling remote agents' },
  { name: 'quiet', short: 'q', description: 'Do not be verbose' },
  { name: 'ttl', value: 'TTL', type: 'integer', description: 'Set the message validity period, seconds' },
  { name: 'reply-to', value: 'TARGET', description: 'Set a custom target for replies' },
  { name: 'disc-method', aliases: ['dm'], value: 'METHOD', description: 'Which discovery method to use' },
  {
    name: 'disc-option',
    aliases: ['do'],
    value: 'OPTION',
    multiple: true,
    description: 'Options to pass to the discovery method',
  },
  { name: 'nodes', value: 'FILE', description: 'List of nodes to address' },
  {
    name: 'publish_timeout',
    aliases: ['publish-timeout'],
    value: 'TIMEOUT',
    type: 'integer',
    description: 'Accepted for compatibility: publishing never delays receiving',
  },
  { name: 'threaded', description: 'Accepted for compatibility: replies are always received while publishing' },
  { name: 'sort', description: 'Sort the output of an RPC call before processing' },
  {
    name: 'connection-timeout',
    value: 'TIMEOUT',
    type: 'integer',
    description: 'Set the timeout for establishing a connection to the middleware',
  },
  { name: 'strict', description: 'Exit with 3 when any targeted node did not answer' },
]

export const RPC_OPTIONS: readonly OptionSpec[] = [
  { name: 'no-progress', aliases: ['np'], description: 'Do not show the progress bar' },
  { name: 'one', short: '1', description: 'Send request to only one of the discovered nodes' },
  {
    name: 'limit',
    aliases: ['limit-nodes', 'ln'],
    value: 'COUNT',
    description: 'Send request to only a subset of nodes, can be a percentage',
  },
  { name: 'limit-seed', value: 'NUMBER', type: 'integer', description: 'Seed that makes a random limit repeatable' },
  { name: 'batch', value: 'SIZE', description: 'Do requests in batches of so many nodes, can be a percentage' },
  { name: 'batch-sleep', value: 'SECONDS', type: 'seconds', description: 'Sleep time between batches, seconds' },
  {
    name: 'max-failures',
    value: 'COUNT',
    description: 'Begin no further batch once so many nodes failed or did not answer, can be a percentage',
  },
  {
    name: 'display',
    value: 'MODE',
    choices: ['ok', 'all', 'failed'],
    description: 'Influence how results are displayed. One of ok, all or failed',
  },
]

export const FILTER_OPTIONS: readonly OptionSpec[] = [
  { name: 'with', short: 'W', value: 'FILTER', multiple: true, description: 'Combined classes and facts filter' },
  {
    name: 'select',
    short: 'S',
    value: 'FILTER',
    multiple: true,
    description: 'Compound filter combining facts and classes',
  },
  {
    name: 'with-fact',
    short: 'F',
    aliases: ['wf'],
    value: 'fact=val',
    multiple: true,
    description: 'Match hosts with a certain fact',
  },
  {
    name: 'with-class',
    short: 'C',
    aliases: ['wc'],
    value: 'CLASS',
    multiple: true,
    description: 'Match hosts with a certain config management class',
  },
  {
    name: 'with-agent',
    short: 'A',
    aliases: ['wa'],
    value: 'AGENT',
    multiple: true,
    description: 'Match hosts with a certain agent',
  },
  {
    name: 'with-identity',
    short: 'I',
    aliases: ['wi'],
    value: 'IDENT',
    multiple: true,
    description: 'Match hosts with a certain configured identity',
  },
]

/** Of commands that change nodes; they list them among their own. */
export const ACTING_OPTIONS: readonly OptionSpec[] = [
  { name: 'noop', description: 'Change nothing, only say what would change' },
  { name: 'yes', short: 'y', description: 'Do not ask before acting on all nodes' },
]

export const GROUP_OPTIONS: Readonly<Record<OptionGroup, readonly OptionSpec[]>> = {
  common: COMMON_OPTIONS,
  rpc: RPC_OPTIONS,
  filter: FILTER_OPTIONS,
}

/** Every option that any command shares, e.g. to read MCOLLECTIVE_EXTRA_OPTS. */
export const SHARED_OPTIONS: readonly OptionSpec[] = [
  ...REQUIRED_OPTIONS,
  ...OUTPUT_OPTIONS,
  ...COMMON_OPTIONS,
  ...RPC_OPTIONS,
  ...FILTER_OPTIONS,
  ...ACTING_OPTIONS,
]

/** The options of one command, its own first. */
export function optionsOf(command: {
  readonly options: readonly OptionSpec[]
  readonly groups: readonly OptionGroup[]
}): readonly OptionSpec[] {
  const own = new Set(command.options.map(({ name }) => name))
  const shared = command.groups.flatMap((group) => GROUP_OPTIONS[group]).filter(({ name }) => !own.has(name))
  return [...command.options, ...REQUIRED_OPTIONS, ...OUTPUT_OPTIONS, ...shared]
}
