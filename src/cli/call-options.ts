// Options of the command line to options of a call: filters, the nodes of a list, limits, times. Everything that can be wrong is said
// before a connection is made. [cli 3, 4, 5]

import { isTroupeError, TroupeError } from '#base/errors.ts'
import { TTL_SECONDS_MAX } from '#base/limits.ts'
import type { CallOptions } from '#client/api.ts'
import { checkedCollective } from '#client/collective.ts'
import { type Filter, isEmptyFilter } from '#message/filter.ts'
import type { DataDdl } from '#rpc/ddl/ddl.ts'
import { parseFactTest, parseWith } from '#rpc/match/fact-test.ts'
import { parseNameTest } from '#rpc/match/name-test.ts'
import type { CommandContext } from './command.ts'
import type { OptionValues } from './read-options.ts'

/** What the shared options say about a call. */
export interface CallChoice {
  readonly options: CallOptions
  /** `mc`, `roster`, `flatfile` or `stdin`. */
  readonly method: string
  /** Seconds that discovery may take, time-outs of data plugins included. */
  readonly discoverySeconds: number
  /** false: nothing says which nodes are meant. */
  readonly filtered: boolean
}

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

/**
 * Everything the shared options say about a call. `nodesFromStdin`: take a piped list when no method is named. Throws USAGE_*,
 * FILTER_*.
 */
export async function callChoice(
  context: CommandContext,
  how: { readonly nodesFromStdin: boolean },
): Promise<CallChoice> {
  const { options, settings } = context
  checkedCollective(settings, options.text('target'))
  const filter = await filterOf(options)
  const usual = options.number('discovery-timeout') ?? settings.discoveryTimeoutSeconds
  const discoverySeconds = usual + (await dataSeconds(context, filter))
  const { method, nodes } = await chosenNodes(context, filter, how.nodesFromStdin)
  const given = {
    collective: options.text('target'),
    timeoutSeconds: options.number('timeout'),
    discoveryTimeoutSeconds: options.number('discovery-timeout'),
    ttlSeconds: ttlOption(options),
    replyTo: options.text('reply-to'),
    limit: limitOption(options),
    limitSeed: options.number('limit-seed'),
    batch: batchOption(options),
    batchSleepSeconds: options.number('batch-sleep'),
    maxFailures: batched(context) ? maxFailuresOption(options) : undefined,
    ...(nodes ? { nodes } : { filter }),
    ...(method === 'roster' ? { method } : {}),
  }
  const said = Object.entries(given).filter(([, value]) => value !== undefined)
  return {
    options: Object.fromEntries(said),
    method,
    discoverySeconds,
    filtered: nodes !== undefined || !isEmptyFilter(filter),
  }
}

/** Holds data functions of -S against their DDLs; gives the seconds by which they lengthen discovery. Throws FILTER_BAD_DATA. */
async function dataSeconds({ plugins }: CommandContext, filter: Filter): Promise<number> {
  if (filter.compounds.length === 0) return 0
  const { checkCompound, dataTimeoutSeconds } = await import('#rpc/match/check-data.ts')
  const lookup = (name: string): DataDdl | undefined => {
    try {
      return plugins.load('data', name) as DataDdl
    } catch (error) {
      if (isTroupeError(error, 'DDL_NOT_FOUND')) return undefined
      throw error
    }
  }
  for (const tokens of filter.compounds) checkCompound(tokens, lookup)
  return dataTimeoutSeconds(filter, lookup)
}

function ttlOption(options: OptionValues): number | undefined {
  const ttl = options.number('ttl')
  if (ttl !== undefined && (ttl < 1 || ttl > TTL_SECONDS_MAX)) {
    throw new TroupeError('USAGE_BAD_OPTION', `invalid argument: --ttl ${ttl} (1 to ${TTL_SECONDS_MAX} seconds)`)
  }
  return ttl
}

function limitOption(options: OptionValues): CallOptions['limit'] {
  if (options.flag('one')) return 1
  const text = options.text('limit')
  if (text === undefined) return undefined
  const limit = countOf(text)
  if (limit !== undefined) return limit
  throw new TroupeError('USAGE_BAD_LIMIT', `Invalid limit specified: ${text} valid limits are /^\\d+%*$/`)
}

function batchOption(options: OptionValues): CallOptions['batch'] {
  const text = options.text('batch')
  if (text === undefined) return undefined
  const batch = countOf(text)
  if (batch !== undefined) return batch
  throw new TroupeError('USAGE_BAD_LIMIT', `invalid argument: --batch ${text}`)
}

/** Whether calls go out in groups. */
export function batched({ options, settings }: CommandContext): boolean {
  return options.text('batch') !== undefined || settings.batched
}

/** `--max-failures`. Throws USAGE_BAD_LIMIT. */
export function maxFailuresOption(options: OptionValues): CallOptions['maxFailures'] {
  const text = options.text('max-failures')
  if (text === undefined) return undefined
  const count = countOf(text)
  if (count !== undefined) return count
  throw new TroupeError('USAGE_BAD_LIMIT', `invalid argument: --max-failures ${text}`)
}

/** A number above 0 or a percentage; several percent signs are one, as in the original's pattern. */
function countOf(text: string): CallOptions['limit'] {
  const [, digits, percent] = /^(\d{1,9})(%*)$/.exec(text) ?? []
  if (digits === undefined || Number(digits) === 0) return undefined
  return percent === '' ? Number(digits) : `${Number(digits)}%`
}

/** The discovery method, and the nodes of a list method. */
async function chosenNodes(
  context: CommandContext,
  filter: Filter,
  nodesFromStdin: boolean,
): Promise<{ readonly method: string; readonly nodes?: readonly string[] }> {
  const { options, settings } = context
  const file = options.text('nodes')
  const named = options.text('disc-method')
  const methodOptions = options.list('disc-option')
  if (file !== undefined && (named !== undefined || methodOptions.length > 0)) {
    throw new TroupeError('USAGE_CONFLICT', 'Cannot mix --disc-method, --disc-option and --nodes')
  }
  if (file !== undefined) return flatfile(context, file, filter)
  if (named === undefined && nodesFromStdin) {
    // Filters do not make the list go away: to ignore it would touch nodes that are not on it.
    const piped = await context.readStdin()
    if (piped !== undefined) return stdin(piped, 'auto', filter)
  }
  // Only the nodes themselves can evaluate a compound filter. [cli 4.4]
  const method = named ?? (filter.compounds.length > 0 ? 'mc' : settings.discoveryMethod)
  switch (method) {
    case 'mc':
    case 'roster':
      return { method }
    case 'flatfile': {
      const path = methodOptions[0] ?? settings.discoveryOptions[0]
      if (path !== undefined) return flatfile(context, path, filter)
      throw new TroupeError('USAGE_INVALID', 'The flatfile discovery method needs a path to a text file')
    }
    case 'stdin': {
      const format = methodOptions[0] ?? 'auto'
      if (format === 'auto' || format === 'json' || format === 'text')
        return stdin((await context.readStdin()) ?? '', format, filter)
      const message = `stdin discovery plugin only knows the options auto, text and json, not ${format}`
      throw new TroupeError('USAGE_INVALID', message)
    }
    default: {
      const message = `Unknown discovery method ${method}, known are flatfile, mc, roster, stdin`
      throw new TroupeError('USAGE_INVALID', message)
    }
  }
}

async function flatfile(context: CommandContext, path: string, filter: Filter) {
  const text = await context.readFile(path).catch((cause) => {
    throw new TroupeError('USAGE_BAD_NODE_LIST', `Cannot read the discovery file ${path}`, { cause })
  })
  const { parseFlatfile, selectFromList } = await import('#client/discovery/node-list.ts')
  return { method: 'flatfile', nodes: selectFromList(parseFlatfile(text), filter, 'flatfile') }
}

async function stdin(text: string, format: 'auto' | 'json' | 'text', filter: Filter) {
  const { parseStdinNodes, selectFromList } = await import('#client/discovery/node-list.ts')
  return { method: 'stdin', nodes: selectFromList(parseStdinNodes(text, format), filter, 'stdin') }
}
