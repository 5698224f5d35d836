// Options of the command line: the shared ones as tables, and the reading of words. node:util's parseArgs does the parsing; in front of
// it, what Ruby's optparse users are used to: unambiguous prefixes, several long names, values that begin with a dash. [cli 2.1, 3]

import { parseArgs } from 'node:util'
import { TroupeError } from '#base/errors.ts'
import type { OptionGroup } from './command.ts'

export interface OptionSpec {
  /** Canonical long name without dashes, e.g. `with-fact`. */
  readonly name: string
  readonly short?: string
  readonly aliases?: readonly string[]
  /** Name of the value in help; absent: a switch. */
  readonly value?: string
  readonly type?: 'integer' | 'seconds' | 'text'
  readonly multiple?: boolean
  readonly description: string
}

/** Values by canonical name. */
export interface OptionValues {
  flag(name: string): boolean
  text(name: string): string | undefined
  list(name: string): readonly string[]
  number(name: string): number | undefined
}

export const REQUIRED_OPTIONS: readonly OptionSpec[] = [
  { name: 'config', short: 'c', value: 'FILE', description: 'Load configuration from file rather than default' },
  { name: 'verbose', short: 'v', description: 'Be verbose' },
  { name: 'help', short: 'h', description: 'Display this screen' },
]

const LOOK_OPTIONS: readonly OptionSpec[] = [
  { name: 'look', value: 'LOOK', description: 'Screens as in the PE 2.0 manual (classic) or as in 2.12 (modern)' },
  { name: 'color', value: 'WHEN', description: 'Colour: auto (on terminals, the default), always or never' },
  { name: 'json', short: 'j', description: 'Produce JSON output' },
  { name: 'strict', description: 'Exit with 3 when any targeted node did not answer' },
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
  { name: 'ttl', value: 'TTL', type: 'integer', description: 'Set the message validity period' },
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
    value: 'TIMEOUT',
    type: 'integer',
    description: 'Timeout for publishing requests to remote agents',
  },
  { name: 'threaded', description: 'Start publishing requests and receiving responses in threaded mode' },
  { name: 'sort', description: 'Sort the output of an RPC call before processing' },
  {
    name: 'connection-timeout',
    value: 'TIMEOUT',
    type: 'integer',
    description: 'Set the timeout for establishing a connection to the middleware',
  },
  ...LOOK_OPTIONS,
]

export const RPC_OPTIONS: readonly OptionSpec[] = [
  { name: 'no-progress', aliases: ['np'], description: 'Do not show the progress bar' },
  { name: 'one', short: '1', description: 'Send request to only one discovered nodes' },
  {
    name: 'limit',
    aliases: ['limit-nodes', 'ln'],
    value: 'COUNT',
    description: 'Send request to only a subset of nodes, can be a percentage',
  },
  { name: 'limit-seed', value: 'NUMBER', type: 'integer', description: 'Seed value for deterministic random batching' },
  { name: 'batch', value: 'SIZE', description: 'Do requests in batches' },
  { name: 'batch-sleep', value: 'SECONDS', type: 'seconds', description: 'Sleep time between batches' },
  { name: 'display', value: 'MODE', description: 'Influence how results are displayed. One of ok, all or failed' },
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

export const GROUP_OPTIONS: Readonly<Record<OptionGroup, readonly OptionSpec[]>> = {
  common: COMMON_OPTIONS,
  rpc: RPC_OPTIONS,
  filter: FILTER_OPTIONS,
}

/**
 * Reads the words of one command. Throws USAGE_BAD_OPTION: `invalid option: --bogus`, `missing argument: --ttl`,
 * `ambiguous option: --with`, `invalid argument: --timeout x`.
 */
export function readOptions(
  specs: readonly OptionSpec[],
  argv: readonly string[],
): { words: readonly string[]; options: OptionValues } {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: boolean }> = {}
  for (const spec of specs) {
    options[spec.name] = {
      type: spec.value ? 'string' : 'boolean',
      multiple: true,
      ...(spec.short ? { short: spec.short } : {}),
    }
  }
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: expandWords(specs, argv), options, allowPositionals: true, strict: true })
  } catch (error) {
    throw readable(error)
  }
  const values = new Map<string, (string | boolean)[]>(
    Object.entries(parsed.values) as [string, (string | boolean)[]][],
  )
  for (const spec of specs) checkNumbers(spec, values.get(spec.name) as string[] | undefined)
  const last = (name: string): string | boolean | undefined => values.get(name)?.at(-1)
  return {
    words: parsed.positionals,
    options: {
      flag: (name) => last(name) === true,
      text: (name) => (typeof last(name) === 'string' ? (last(name) as string) : undefined),
      list: (name) => (values.get(name) ?? []).filter((value) => typeof value === 'string'),
      number: (name) => (last(name) === undefined ? undefined : Number(last(name))),
    },
  }
}

/** Long options by their full canonical name, with their value attached, so that prefixes, aliases and dashes need no more care. */
function expandWords(specs: readonly OptionSpec[], argv: readonly string[]): string[] {
  const words: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string
    if (word === '--') return [...words, ...argv.slice(i)]
    const short = /^-([A-Za-z0-9])$/.exec(word)?.[1]
    const [typed = '', ...rest] = word.startsWith('--') ? word.slice(2).split('=') : []
    const spec = short
      ? specs.find((s) => s.short === short)
      : word.startsWith('--')
        ? findLong(specs, typed)
        : undefined
    if (!spec) {
      words.push(word)
      continue
    }
    const attached = rest.length > 0 ? rest.join('=') : undefined
    if (!spec.value) {
      if (attached !== undefined) throw bad(`needless argument: --${typed}=${attached}`)
      words.push(`--${spec.name}`)
    } else if (attached !== undefined) {
      words.push(`--${spec.name}=${attached}`)
    } else {
      const value = argv[++i]
      if (value === undefined) throw bad(`missing argument: ${word}`)
      words.push(`--${spec.name}=${value}`)
    }
  }
  return words
}

function findLong(specs: readonly OptionSpec[], typed: string): OptionSpec {
  const named = (name: string) => specs.find((spec) => spec.name === name || spec.aliases?.includes(name))
  const exact = named(typed)
  if (exact) return exact
  const found = specs.filter((spec) => [spec.name, ...(spec.aliases ?? [])].some((name) => name.startsWith(typed)))
  if (found.length === 1) return found[0] as OptionSpec
  throw bad(`${found.length === 0 ? 'invalid' : 'ambiguous'} option: --${typed}`)
}

function checkNumbers(spec: OptionSpec, values: readonly string[] | undefined): void {
  const pattern = spec.type === 'integer' ? /^\d{1,9}$/ : spec.type === 'seconds' ? /^\d{1,9}(\.\d+)?$/ : undefined
  if (!pattern) return
  for (const value of values ?? []) {
    if (!pattern.test(value))
      throw bad(`invalid argument: ${spec.short ? `-${spec.short}` : `--${spec.name}`} ${value}`)
  }
}

function readable(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const option = /'(-[^' ]+)/.exec(error.message)?.[1] ?? ''
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return bad(`invalid option: ${option}`)
  return bad(`${error.message.split('\n')[0]}`)
}

function bad(message: string): TroupeError {
  return new TroupeError('USAGE_BAD_OPTION', message)
}
