// Options of the command line to options of a call: filters, the nodes of a list, limits, times. [cli 3, 4, 5]

import { TroupeError } from '#base/errors.ts'
import type { CallOptions } from '#client/api.ts'
import { parseFlatfile, parseStdinNodes, selectFromList } from '#client/discovery/node-list.ts'
import { type Filter, isEmptyFilter } from '#message/filter.ts'
import { parseFactTest, parseWith } from '#rpc/match/fact-test.ts'
import { parseNameTest } from '#rpc/match/name-test.ts'
import type { CommandContext } from './command.ts'
import type { OptionValues } from './options.ts'

/** Reads the filter options. Throws FILTER_* with the texts of [cli 4]. */
export async function filterOf(options: OptionValues): Promise<Filter> {
  const mixed = options.list('with').map(parseWith)
  const selects = options.list('select')
  // The compound language is only loaded by those who use it.
  const compounds =
    selects.length === 0
      ? []
      : await import('#rpc/match/compound.ts').then(({ parseCompound }) => selects.map(parseCompound))
  return {
    facts: [...mixed.flatMap((part) => part.facts), ...options.list('with-fact').map(parseFactTest)],
    classes: [
      ...mixed.flatMap((part) => part.classes),
      ...options.list('with-class').map((text) => parseNameTest(text, '-C')),
    ],
    agents: options.list('with-agent').map((text) => parseNameTest(text, '-A')),
    identities: options.list('with-identity').map((text) => parseNameTest(text, '-I')),
    compounds,
  }
}

const FILTER_NAMES = [
  'with',
  'select',
  'with-fact',
  'with-class',
  'with-agent',
  'with-identity',
  'nodes',
  'disc-option',
]

/** True when nothing says which nodes are meant. */
export function isUnfiltered({ options }: CommandContext): boolean {
  return FILTER_NAMES.every((name) => options.list(name).length === 0)
}

/** Everything the shared options say about a call. `nodesFromStdin`: take a piped list when no method is named. Throws USAGE_*, FILTER_*. */
export async function callOptions(
  context: CommandContext,
  how: { readonly nodesFromStdin: boolean },
): Promise<CallOptions> {
  const { options } = context
  const filter = await filterOf(options)
  const limit = limitOption(options)
  const list = await listedNodes(context, filter, how.nodesFromStdin)
  return {
    ...(list === undefined ? { filter } : list === 'roster' ? { filter, method: 'roster' as const } : { nodes: list }),
    ...defined('collective', options.text('target')),
    ...defined('timeoutSeconds', options.number('timeout')),
    ...defined('discoveryTimeoutSeconds', options.number('discovery-timeout')),
    ...defined('ttlSeconds', options.number('ttl')),
    ...defined('replyTo', options.text('reply-to')),
    ...defined('limit', limit),
    ...defined('limitSeed', options.number('limit-seed')),
    ...defined('batch', batchOption(options)),
    ...defined('batchSleepSeconds', options.number('batch-sleep')),
  }
}

function defined<Key extends keyof CallOptions>(key: Key, value: CallOptions[Key] | undefined): Partial<CallOptions> {
  return value === undefined ? {} : ({ [key]: value } as Partial<CallOptions>)
}

function limitOption(options: OptionValues): CallOptions['limit'] {
  if (options.flag('one')) return 1
  const text = options.text('limit')
  if (text === undefined) return undefined
  if (!/^\d+%?$/.test(text)) {
    throw new TroupeError('USAGE_BAD_LIMIT', `Invalid limit specified: ${text} valid limits are /^\\d+%*$/`)
  }
  return text.endsWith('%') ? (text as `${number}%`) : Number(text)
}

function batchOption(options: OptionValues): CallOptions['batch'] {
  const text = options.text('batch')
  if (text === undefined) return undefined
  if (!/^\d+%?$/.test(text) || Number.parseInt(text, 10) === 0) {
    throw new TroupeError('USAGE_BAD_LIMIT', `invalid argument: --batch ${text}`)
  }
  return text.endsWith('%') ? (text as `${number}%`) : Number(text)
}

/** The nodes of a list method, `roster` for that method, undefined for `mc`. */
async function listedNodes(
  context: CommandContext,
  filter: Filter,
  nodesFromStdin: boolean,
): Promise<readonly string[] | 'roster' | undefined> {
  const { options, settings } = context
  const file = options.text('nodes')
  const named = options.text('disc-method')
  const methodOptions = options.list('disc-option')
  if (file !== undefined && (named !== undefined || methodOptions.length > 0)) {
    throw new TroupeError('USAGE_CONFLICT', 'Cannot mix --disc-method, --disc-option and --nodes')
  }
  if (file !== undefined) return fromFile(context, file, filter)
  const method = named ?? settings.discoveryMethod
  // Only the nodes themselves can evaluate a compound filter.
  if (filter.compounds.length > 0 && named === undefined) return undefined
  switch (method) {
    case 'mc': {
      const piped =
        named === undefined && nodesFromStdin && isEmptyFilter(filter) ? await context.readStdin() : undefined
      return piped === undefined ? undefined : parseStdinNodes(piped, 'auto')
    }
    case 'flatfile': {
      const path = methodOptions[0] ?? settings.discoveryOptions[0]
      if (path === undefined)
        throw new TroupeError('USAGE_INVALID', 'The flatfile discovery method needs a path to a text file')
      return fromFile(context, path, filter)
    }
    case 'stdin': {
      const format = methodOptions[0] ?? 'auto'
      if (format !== 'auto' && format !== 'json' && format !== 'text') {
        throw new TroupeError(
          'USAGE_INVALID',
          `stdin discovery plugin only knows the options auto, text and json, not ${format}`,
        )
      }
      return selectFromList(parseStdinNodes((await context.readStdin()) ?? '', format), filter, 'stdin')
    }
    case 'roster':
      return 'roster'
    default:
      throw new TroupeError(
        'USAGE_INVALID',
        `Unknown discovery method ${method}, known are flatfile, mc, roster, stdin`,
      )
  }
}

async function fromFile(context: CommandContext, path: string, filter: Filter): Promise<readonly string[]> {
  const text = await context.readFile(path).catch((cause) => {
    throw new TroupeError('USAGE_BAD_NODE_LIST', `Cannot read the discovery file ${path}`, { cause })
  })
  return selectFromList(parseFlatfile(text), filter, 'flatfile')
}
