// `mco facts FACT ...`: how often each value of a fact occurs. [cli 8.4, M-006]

import type { CallSummary } from '#client/api.ts'
import type { Value } from '#message/request.ts'
import { runCall } from '../call-screen.ts'
import type { Command, CommandContext } from '../command.ts'
import { exitCodeOf } from '../exit-codes.ts'
import { outcomeOf } from '../outcome.ts'
import { finalLine, missingLists } from '../statistics.ts'
import { harmless } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

/** Nodes by value of one fact. */
type Report = Map<string, string[]>

export const facts: Command = {
  name: 'facts',
  summary: 'Reports on usage for a specific fact',
  usage: ['facts [options] [filters] <fact> [<fact> ...]'],
  options: [],
  groups: ['rpc', 'common', 'filter'],
  examples: [
    { says: 'which operating systems there are', type: 'facts osfamily' },
    { says: 'a structured fact by its path, with the nodes of each value', type: 'facts -v os.release.major' },
  ],
  async run(context) {
    const names = context.words
    if (names.length === 0) throw usageError('Please specify a fact to report for')
    const client = await context.client()
    const rpcutil = client.agent('rpcutil')
    const reports = new Map<string, Report>(names.map((name) => [name, new Map()]))
    const summary = await runCall(
      context,
      (options) => rpcutil.call('get_facts', { facts: names.join(',') }, options),
      {
        onReply(reply) {
          const values = reply.data.values as Record<string, Value> | undefined
          for (const [name, report] of reports) collect(report, values?.[name], reply.sender)
        },
      },
    )
    if (context.options.flag('json')) printJson(context, reports)
    else printReports(context, reports, summary)
    return exitCodeOf(outcomeOf(summary), context.options.flag('strict') || context.settings.strictExit)
  },
}

function collect(report: Report, value: Value | undefined, sender: string): void {
  if (value === undefined || value === null) return
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const nodes = report.get(text)
  if (nodes) nodes.push(sender)
  else report.set(text, [sender])
}

function printJson({ terminal }: CommandContext, reports: ReadonlyMap<string, Report>): void {
  const list = [...reports].map(([fact, report]) => ({
    fact,
    values: [...report].sort(byText).map(([value, nodes]) => ({ value, count: nodes.length, nodes: nodes.sort() })),
  }))
  terminal.json(list.length === 1 ? list[0] : list)
}

function printReports(context: CommandContext, reports: ReadonlyMap<string, Report>, summary: CallSummary): void {
  const { terminal, options } = context
  for (const [fact, report] of reports) {
    if (report.size === 0) {
      terminal.out(`No values found for fact ${harmless(fact)}\n`)
      continue
    }
    terminal.out(`Report for fact: ${harmless(fact)}\n`)
    const width = Math.max(40, ...[...report.keys()].map((value) => value.length))
    for (const [value, nodes] of [...report].sort(byText)) {
      const times = `${nodes.length} ${nodes.length === 1 ? 'time' : 'times'}`
      terminal.out(`        ${harmless(value).padEnd(width)} found ${times}`)
      if (!options.flag('verbose')) continue
      terminal.out(
        `\n${nodes
          .sort()
          .map((node) => `            ${harmless(node)}`)
          .join('\n')}\n`,
      )
    }
    terminal.out('')
  }
  terminal.out([finalLine(summary, terminal), '', ...missingLists(summary, terminal)].join('\n'))
}

function byText(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}
