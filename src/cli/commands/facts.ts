// `mco facts FACT ...`: how often each value of a fact occurs. [cli 8.4, M-006]

import { SUMMARY_WIDTH_MAX } from '#base/limits.ts'
import type { CallSummary } from '#client/api.ts'
import type { Value } from '#message/request.ts'
import { runCall } from '../call-screen.ts'
import type { Command, CommandContext } from '../command.ts'
import { printEnd, printEndOfJson } from '../statistics.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

/** Nodes by value of one fact. */
type Report = Map<string, string[]>

export const facts: Command = {
  name: 'facts',
  summary: 'Reports on usage for a specific fact',
  usage: ['facts [options] [filters] <fact> [<fact> ...]'],
  options: [],
  groups: ['rpc', 'common', 'filter'],
  notes: ['A structured fact is named by its path: os.release.major. With -v the nodes of each value are listed.'],
  json: {
    shape: '{"fact": "osfamily", "values": [{"value": "RedHat", "count": 2, "nodes": ["..."]}]}',
    note: 'a list of such objects for several facts',
  },
  examples: [
    { says: 'which operating systems there are', type: 'facts osfamily' },
    { says: 'a structured fact by its path, with the nodes of each value', type: 'facts -v os.release.major' },
    { says: 'two facts in one question', type: 'facts osfamily architecture' },
  ],
  async run(context) {
    const names = [...new Set(context.words)]
    if (names.length === 0) throw usageError('Please specify a fact to report for')
    const reports = new Map<string, Report>(names.map((name) => [name, new Map()]))
    const { summary, exitCode } = await runCall(context, {
      progress: false,
      start: (client, options) => client.agent('rpcutil').call('get_facts', { facts: names.join(',') }, options),
      onReply(reply) {
        const values = reply.data.values as Record<string, Value> | null | undefined
        // Only what the node said: every object has a `__proto__`.
        for (const [name, report] of reports)
          if (values && Object.hasOwn(values, name)) collect(report, values[name], reply.sender)
      },
    })
    if (context.json) printJson(context, reports, summary)
    else printReports(context, reports, summary)
    return exitCode
  },
}

function collect(report: Report, value: Value | undefined, sender: string): void {
  if (value === undefined || value === null) return
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const nodes = report.get(text)
  if (nodes) nodes.push(sender)
  else report.set(text, [sender])
}

function printJson(context: CommandContext, reports: ReadonlyMap<string, Report>, summary: CallSummary): void {
  const list = [...reports].map(([fact, report]) => ({
    fact,
    values: [...report].sort(byText).map(([value, nodes]) => ({ value, count: nodes.length, nodes: nodes.sort() })),
  }))
  const document = list.length === 1 ? list[0] : list
  context.terminal.json(context.verbose ? { replies: document, summary } : document)
  printEndOfJson(context, summary)
}

function printReports(context: CommandContext, reports: ReadonlyMap<string, Report>, summary: CallSummary): void {
  if (summary.targeted > 0) for (const [fact, report] of reports) printReport(context, fact, report)
  printEnd(context, summary)
}

function printReport({ terminal, verbose }: CommandContext, fact: string, report: Report): void {
  if (report.size === 0) {
    terminal.out(`No values found for fact ${oneLine(fact)}\n`)
    return
  }
  terminal.out(`Report for fact: ${oneLine(fact)}\n`)
  // One value of a thousand characters must not push the counts of all others out of sight.
  const widths = [...report.keys()].map((value) => oneLine(value).length).filter((width) => width <= SUMMARY_WIDTH_MAX)
  const column = widths.reduce((most, width) => Math.max(most, width), 40)
  for (const [value, nodes] of [...report].sort(byText)) {
    const times = `${nodes.length} ${nodes.length === 1 ? 'time' : 'times'}`
    terminal.out(`        ${oneLine(value).padEnd(column)} found ${times}`)
    if (!verbose) continue
    const names = nodes.sort().map((node) => `            ${oneLine(node)}`)
    terminal.out(['', ...names, ''].join('\n'))
  }
  terminal.out('')
}

function byText(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}
