// `mco inventory NODE`: everything a node says about itself; also lists and graphs of collectives, and reports over all nodes by format.
// [PE20 inventory, R-061..R-066, cli 8.3]

import type { CallOptions, CallReply } from '#client/api.ts'
import type { Value, Values } from '#message/request.ts'
import { callChoice } from '../call-options.ts'
import { runCall } from '../call-screen.ts'
import type { Command, CommandContext } from '../command.ts'
import { formatDate } from '../date.ts'
import { EXIT } from '../exit-codes.ts'
import { printEndOfJson } from '../statistics.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

export const inventory: Command = {
  name: 'inventory',
  summary: 'General reporting tool for nodes, collectives and subcollectives',
  usage: [
    'inventory [options] <node>',
    'inventory [options] [filters] --format FORMAT | --script SCRIPT',
    'inventory [options] [filters] --list-collectives | --collective-graph FILE',
  ],
  options: [
    { name: 'list-collectives', aliases: ['lc'], description: 'List all known collectives' },
    {
      name: 'collective-graph',
      aliases: ['cg', 'map'],
      value: 'FILE',
      description: 'Create a DOT graph of all collectives',
    },
    { name: 'format', value: 'FORMAT', description: "One line per node, e.g. '{identity} {facts.osfamily}'" },
    {
      name: 'script',
      value: 'SCRIPT',
      description: 'One line per node, by a JavaScript module or a file with a format',
    },
  ],
  groups: ['common', 'filter'],
  notes: [
    'In a format, {identity}, {version}, {agents}, {classes}, {collectives} and {facts.os.family} are replaced, \\t and \\n are tab and',
    'newline; nothing is evaluated. A script that ends in .js, .mjs or .ts exports format, with %s or a printf pattern in the places of',
    'values, and fields(node), a function that gives the list of values; node has identity, facts, classes, agents and collectives.',
  ],
  json: {
    shape:
      '{"identity", "stats", "agents", "facts", "classes", "version", "main_collective", "collectives", "data_plugins"}',
    note: 'a list of such objects without stats for --format; {"collectives": {"name": ["node"]}, "total": 2} for --list-collectives',
  },
  examples: [
    { says: 'one node', type: 'inventory agent.example.com' },
    { says: 'a table of all nodes', type: `inventory --format '{identity}\\t{facts.osfamily}\\t{facts.memorysize}'` },
    { says: 'a picture of the sub-collectives', type: 'inventory --map collectives.dot' },
  ],
  async run(context) {
    const { options, words } = context
    if (options.flag('list-collectives')) return listCollectives(context)
    const graph = options.text('collective-graph')
    if (graph !== undefined) return graphCollectives(context, graph)
    const line = await lineFormat(context)
    if (line !== undefined) return formatted(context, line)
    const [node] = words
    if (node === undefined) throw usageError('Need to specify either a node name, script to run or other options')
    return nodeReport(context, node)
  },
}

type LineFormat = (node: Values) => string

async function lineFormat(context: CommandContext): Promise<LineFormat | undefined> {
  const file = context.options.text('script')
  const format = context.options.text('format')
  if (file === undefined) return format === undefined ? undefined : (node) => fill(format, node)
  const text = await context.readFile(file).catch(() => {
    throw usageError(`Could not find script to run: ${file}`)
  })
  if (!/\.[mc]?[jt]s$/.test(file)) return (node) => fill(text, node)
  const module = await context.importModule(file)
  const script = (module.default ?? module) as { format?: unknown; fields?: unknown }
  if (typeof script.format !== 'string' || typeof script.fields !== 'function')
    throw usageError(`${file} must export format, a text such as '%-30s %s', and fields, a function`)
  const { formatPrintf } = await import('#rpc/printf.ts')
  const { format: pattern, fields } = script
  return (node) =>
    formatPrintf(
      pattern,
      (fields(node) as Value[]).map((value) => oneLine(shown(value))),
    )
}

async function nodeReport(context: CommandContext, node: string): Promise<number> {
  const { terminal, json } = context
  const choice = await callChoice(context, { nodesFromStdin: false })
  const client = await context.client()
  const rpcutil = client.agent('rpcutil')
  const { filter: _filter, ...base } = choice.options
  const ask = async (action: string): Promise<Values | undefined> => {
    const call = rpcutil.call(action, {}, { ...base, nodes: [node], signal: context.signal })
    context.onInterrupt(() => call.stop())
    let data: Values | undefined
    for await (const reply of call as AsyncIterable<CallReply>) {
      if (reply.sender !== node) continue
      if (reply.statusCode !== 0) throw usageError(`Failed to retrieve ${action} from ${node}: ${reply.statusMessage}`)
      data = reply.data
    }
    return data
  }
  const [stats, known] = await Promise.all([ask('daemon_stats'), ask('inventory')])
  if (!stats || !known) {
    terminal.err(`Did not receive any results from node ${node}`)
    return EXIT.nothing
  }
  if (json) terminal.json({ identity: node, stats, ...known })
  else terminal.out(screen(context, node, stats, known).join('\n'))
  return EXIT.ok
}

function screen(context: CommandContext, node: string, stats: Values, known: Values): string[] {
  const warnings = texts(known.warnings)
  return [
    `Inventory for ${oneLine(node)}:`,
    '',
    ...statistics(context, stats, known),
    ...(warnings.length > 0 ? ['', '   Warnings:', ...warnings.map((text) => `      ${oneLine(text)}`)] : []),
    '',
    '   Agents:',
    ...columns(texts(known.agents).sort(), 3, 15, 'No agents installed'),
    ...(known.data_plugins === undefined ? [] : ['', '   Data Plugins:', ...dataPlugins(known.data_plugins)]),
    '',
    '   Configuration Management Classes:',
    ...classColumns(context, texts(known.classes).sort()),
    '',
    '   Facts:',
    ...factLines(known.facts),
    '',
  ]
}

/** Two in a row, as in the manual; as many as 90 characters hold in the modern look. [cli 1 L5] */
function classColumns({ look }: CommandContext, classes: readonly string[]): string[] {
  const none = 'No classes applied'
  if (look === 'classic' || classes.length === 0) return columns(classes, 2, 30, none)
  const width = classes.reduce((most, name) => Math.max(most, oneLine(name).length), 30)
  return columns(classes, Math.max(1, Math.floor(90 / width)), width, none, 4)
}

function statistics({ look }: CommandContext, stats: Values, known: Values): string[] {
  const times = (stats.times ?? {}) as Record<string, Value>
  const seconds = (...names: string[]): string =>
    `${names.reduce((sum, name) => sum + (Number(times[name]) || 0), 0).toFixed(2)} seconds`
  const startedAt = new Date(Number(stats.starttime) * 1000)
  const rows: [string, unknown][] = [
    ['Version', known.version ?? stats.version],
    ['Start Time', Number.isNaN(startedAt.getTime()) ? '' : formatDate(startedAt, look)],
    ['Config File', stats.configfile],
    ['Collectives', texts(known.collectives).join(', ')],
    ['Main Collective', known.main_collective],
    ['Process ID', stats.pid],
    ['Total Messages', stats.total],
    ['Messages Passed Filters', stats.passed],
    ['Messages Filtered', stats.filtered],
    ...(stats.ttlexpired === undefined ? [] : [['Expired Messages', stats.ttlexpired] as [string, unknown]]),
    ['Replies Sent', stats.replies],
    ['Total Processor Time', seconds('utime', 'stime')],
    ['System Time', seconds('stime')],
  ]
  return [
    '   Server Statistics:',
    ...rows.map(([label, value]) => `${label.padStart(29)}: ${oneLine(String(value ?? ''))}`),
  ]
}

function dataPlugins(value: Value): string[] {
  const names = texts(value).map((name) => name.replace(/_data$/, ''))
  return columns(names.sort(), 3, 15, 'No data plugins installed')
}

export function columns(names: readonly string[], perRow: number, width: number, none: string, indent = 6): string[] {
  if (names.length === 0) return [`      ${none}`]
  const rows: string[] = []
  for (let i = 0; i < names.length; i += perRow) {
    const row = names.slice(i, i + perRow).map((name) => oneLine(name).padEnd(width))
    rows.push(`${' '.repeat(indent)}${row.join(' ').trimEnd()}`)
  }
  return rows
}

function factLines(value: Value | undefined): string[] {
  const facts = Object.entries((value ?? {}) as Record<string, Value>).sort(([a], [b]) => (a < b ? -1 : 1))
  if (facts.length === 0) return ['      No facts known']
  return facts.map(
    ([name, fact]) => `      ${oneLine(name)} => ${oneLine(typeof fact === 'string' ? fact : JSON.stringify(fact))}`,
  )
}

function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** Asks all nodes that match; gives what the good replies say. */
async function askAll(context: CommandContext, action: string, onReply: (reply: CallReply) => void) {
  return runCall(context, {
    progress: false,
    start: (client, options: CallOptions) => client.agent('rpcutil').call(action, {}, options),
    onReply(reply) {
      if (reply.statusCode === 0) onReply(reply)
    },
  })
}

/** Members of every collective, as the nodes themselves say. */
async function membersByCollective(context: CommandContext) {
  const members = new Map<string, string[]>()
  const { summary, exitCode } = await askAll(context, 'collective_info', ({ sender, data }) => {
    for (const collective of texts(data.collectives)) {
      const known = members.get(collective)
      if (known) known.push(sender)
      else members.set(collective, [sender])
    }
  })
  for (const names of members.values()) names.sort()
  const total = new Set([...members.values()].flat()).size
  return { members, total, summary, exitCode }
}

async function listCollectives(context: CommandContext): Promise<number> {
  const { terminal, json } = context
  const { members, total, summary, exitCode } = await membersByCollective(context)
  if (json) {
    const document = { collectives: Object.fromEntries(members), total }
    terminal.json(context.verbose ? { replies: document, summary } : document)
  } else {
    const rows = [...members].sort((a, b) => a[1].length - b[1].length || (a[0] < b[0] ? -1 : 1))
    terminal.out('   Collective                     Nodes\n   ==========                     =====')
    for (const [name, names] of rows) terminal.out(`   ${oneLine(name).padEnd(30)} ${names.length}`)
    terminal.out(`\n                     Total nodes: ${total}\n`)
  }
  printEndOfJson(context, summary)
  return exitCode
}

async function graphCollectives(context: CommandContext, file: string): Promise<number> {
  const { terminal, json } = context
  if (!json) terminal.out('Retrieving collective info....')
  const { members, total, summary, exitCode } = await membersByCollective(context)
  const quoted = (name: string): string => `"${oneLine(name).replaceAll('"', '\\"')}"`
  const graphs = [...members].sort().map(([collective, names]) => {
    const edges = names.map((name) => `    ${quoted(name)} -- ${quoted(collective)};`)
    return [`  subgraph ${quoted(collective)} {`, ...edges, '  }'].join('\n')
  })
  await context.writeFile(file, ['graph {', ...graphs, '}', ''].join('\n'), { overwrite: true })
  if (json) terminal.json({ file, nodes: total })
  else terminal.out(`Graph of ${total} nodes has been written to ${file}`)
  printEndOfJson(context, summary)
  return exitCode
}

/** One line per node. */
async function formatted(context: CommandContext, line: LineFormat): Promise<number> {
  const { terminal, json } = context
  const known: Values[] = []
  const { summary, exitCode } = await askAll(context, 'inventory', ({ sender, data }) => {
    const node = { identity: sender, ...data }
    if (json) known.push(node)
    else terminal.out(line(node))
  })
  if (json) terminal.json(context.verbose ? { replies: known, summary } : known)
  printEndOfJson(context, summary)
  return exitCode
}

/** `{identity}`, `{agents}`, `{facts.os.family}` are replaced, `\\t` and `\\n` are tab and newline; nothing is evaluated. */
export function fill(template: string, values: Values): string {
  const pattern = template
    .replace(/\r?\n$/, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n')
  return pattern.replace(/\{([\w.:-]+)\}/g, (_, path: string) => oneLine(shown(lookUp(values, path.split('.')))))
}

function lookUp(value: Value | undefined, path: readonly string[]): Value | undefined {
  if (path.length === 0 || value === undefined || value === null || typeof value !== 'object')
    return path.length ? undefined : value
  const map = value as { readonly [key: string]: Value }
  // A fact may have dots in its own name.
  for (let i = path.length; i > 0; i--) {
    const key = path.slice(0, i).join('.')
    if (Object.hasOwn(map, key)) return lookUp(map[key], path.slice(i))
  }
  return undefined
}

function shown(value: Value | undefined): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(shown).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
