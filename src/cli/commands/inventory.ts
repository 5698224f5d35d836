// `mco inventory NODE`: everything a node says about itself; also lists and graphs of collectives, and reports over all nodes by format.
// [PE20 inventory, R-061..R-066, cli 8.3]

import type { Client } from '#client/api.ts'
import type { Value, Values } from '#message/request.ts'
import { callOptions } from '../call-options.ts'
import type { Command, CommandContext } from '../command.ts'
import { formatDate } from '../date.ts'
import { EXIT } from '../exit-codes.ts'
import { harmless } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

export const inventory: Command = {
  name: 'inventory',
  summary: 'General reporting tool for nodes, collectives and subcollectives',
  usage: [
    'inventory [options] <node>',
    'inventory [options] [filters] --format FORMAT',
    'inventory [options] --list-collectives',
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
    { name: 'script', value: 'SCRIPT', description: 'One line per node by the format in a file' },
  ],
  groups: ['common', 'filter'],
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
    const format = await formatOf(context)
    if (format !== undefined) return formatted(context, format)
    const [node] = words
    if (node === undefined) throw usageError('Need to specify either a node name, script to run or other options')
    return nodeReport(context, node)
  },
}

async function formatOf({ options, readFile }: CommandContext): Promise<string | undefined> {
  const file = options.text('script')
  if (file === undefined) return options.text('format')
  return readFile(file).catch(() => {
    throw usageError(`Could not find script to run: ${file}`)
  })
}

async function nodeReport(context: CommandContext, node: string): Promise<number> {
  const { terminal, options } = context
  const client = await context.client()
  const rpcutil = client.agent('rpcutil')
  const base = { ...(await callOptions(context, { nodesFromStdin: false })), nodes: [node], signal: context.signal }
  const one = async (action: string): Promise<Values | undefined> => {
    for await (const reply of rpcutil.call(action, {}, base)) {
      if (reply.sender !== node) continue
      if (reply.statusCode === 0) return reply.data as Values
      throw usageError(`Failed to retrieve ${action} from ${node}: ${harmless(reply.statusMessage)}`)
    }
    return undefined
  }
  const [stats, known] = await Promise.all([one('daemon_stats'), one('inventory')])
  if (!stats || !known) {
    terminal.err(`Did not receive any results from node ${node}`)
    return EXIT.nothing
  }
  if (options.flag('json')) terminal.json({ identity: node, stats, ...known })
  else terminal.out(screen(context, node, stats, known).join('\n'))
  return EXIT.ok
}

function screen(context: CommandContext, node: string, stats: Values, known: Values): string[] {
  const warnings = texts(known.warnings)
  return [
    `Inventory for ${harmless(node)}:`,
    '',
    ...statistics(context, stats, known),
    ...(warnings.length > 0 ? ['', '   Warnings:', ...warnings.map((text) => `      ${harmless(text)}`)] : []),
    '',
    '   Agents:',
    ...columns(texts(known.agents).sort(), 3, 15, 'No agents installed'),
    ...(known.data_plugins === undefined ? [] : ['', '   Data Plugins:', ...dataPlugins(known.data_plugins)]),
    '',
    '   Configuration Management Classes:',
    ...columns(texts(known.classes).sort(), 2, 30, 'No classes applied'),
    '',
    '   Facts:',
    ...factLines(known.facts),
    '',
  ]
}

function statistics({ look }: CommandContext, stats: Values, known: Values): string[] {
  const times = (stats.times ?? {}) as Record<string, number>
  const seconds = (...names: string[]): string =>
    `${names.reduce((sum, name) => sum + (times[name] ?? 0), 0).toFixed(2)} seconds`
  const rows: [string, unknown][] = [
    ['Version', known.version ?? stats.version],
    ['Start Time', formatDate(new Date(Number(stats.starttime) * 1000), look)],
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
    ...rows.map(([label, value]) => `${label.padStart(32)}: ${harmless(String(value ?? ''))}`),
  ]
}

function dataPlugins(value: Value): string[] {
  const names = texts(value).map((name) => name.replace(/_data$/, ''))
  return columns(names.sort(), 3, 15, 'No data plugins installed')
}

function columns(names: readonly string[], perRow: number, width: number, none: string): string[] {
  if (names.length === 0) return [`      ${none}`]
  const rows: string[] = []
  for (let i = 0; i < names.length; i += perRow) {
    const row = names.slice(i, i + perRow).map((name) => harmless(name).padEnd(width))
    rows.push(`      ${row.join(' ').trimEnd()}`)
  }
  return rows
}

function factLines(value: Value | undefined): string[] {
  const facts = Object.entries((value ?? {}) as Record<string, Value>).sort(([a], [b]) => (a < b ? -1 : 1))
  if (facts.length === 0) return ['      No facts known']
  return facts.map(
    ([name, fact]) => `      ${harmless(name)} => ${harmless(typeof fact === 'string' ? fact : JSON.stringify(fact))}`,
  )
}

function texts(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** Members of every collective, asked collective by collective from all nodes. */
async function membersByCollective(context: CommandContext): Promise<Map<string, string[]>> {
  const client: Client = await context.client()
  const members = new Map<string, string[]>()
  const options = { ...(await callOptions(context, { nodesFromStdin: false })), signal: context.signal }
  for await (const reply of client.agent('rpcutil').call('collective_info', {}, options)) {
    for (const collective of texts((reply.data as Values).collectives)) {
      members.set(collective, [...(members.get(collective) ?? []), reply.sender])
    }
  }
  return members
}

async function listCollectives(context: CommandContext): Promise<number> {
  const { terminal, options } = context
  const members = await membersByCollective(context)
  const nodes = new Set([...members.values()].flat())
  if (options.flag('json')) {
    terminal.json({ collectives: Object.fromEntries(members), total: nodes.size })
  } else {
    const rows = [...members].sort((a, b) => a[1].length - b[1].length)
    terminal.out(['   Collective                     Nodes', '   ==========                     ====='].join('\n'))
    for (const [name, names] of rows) terminal.out(`   ${harmless(name).padEnd(30)} ${names.length}`)
    terminal.out(`\n                     Total nodes: ${nodes.size}\n`)
  }
  return nodes.size > 0 ? EXIT.ok : EXIT.nothing
}

async function graphCollectives(context: CommandContext, file: string): Promise<number> {
  const { terminal, writeFile } = context
  terminal.out('Retrieving collective info....')
  const members = await membersByCollective(context)
  const quoted = (name: string): string => `"${harmless(name).replaceAll('"', '\\"')}"`
  const graphs = [...members].map(([collective, names]) => {
    const edges = names.map((name) => `    ${quoted(name)} -- ${quoted(collective)};`)
    return [`  subgraph ${quoted(collective)} {`, ...edges, '  }'].join('\n')
  })
  await writeFile(file, ['graph {', ...graphs, '}', ''].join('\n'), true)
  const nodes = new Set([...members.values()].flat())
  terminal.out(`Graph of ${nodes.size} nodes has been written to ${file}`)
  return nodes.size > 0 ? EXIT.ok : EXIT.nothing
}

/** One line per node: `{identity}`, `{version}`, `{agents}`, `{classes}`, `{facts.os.family}` are replaced; nothing is evaluated. */
async function formatted(context: CommandContext, format: string): Promise<number> {
  const { terminal } = context
  const client = await context.client()
  const options = { ...(await callOptions(context, { nodesFromStdin: true })), signal: context.signal }
  const template = format
    .replace(/\r?\n$/, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n')
  let count = 0
  for await (const reply of client.agent('rpcutil').call('inventory', {}, options)) {
    if (reply.statusCode !== 0) continue
    count++
    terminal.out(fill(template, { identity: reply.sender, ...(reply.data as Values) }))
  }
  return count > 0 ? EXIT.ok : EXIT.nothing
}

export function fill(template: string, values: Values): string {
  return template.replace(/\{([\w.:-]+)\}/g, (_, path: string) => harmless(shown(lookUp(values, path.split('.')))))
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
