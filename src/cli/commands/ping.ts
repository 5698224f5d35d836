// `mco ping`: every node with its latency as it answers, then statistics. Not an RPC call: the discovery agent answers bare text.
// [PE20 ping, R-058, cli 8.1]

import type { CallReply, CallSummary } from '#client/api.ts'
import { callOptions } from '../call-options.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT, exitCodeOf } from '../exit-codes.ts'
import { outcomeOf } from '../outcome.ts'
import { missingLists } from '../statistics.ts'
import { harmless } from '../terminal.ts'

export const ping: Command = {
  name: 'ping',
  summary: 'Ping all nodes',
  usage: ['ping [options] [filters]'],
  options: [
    { name: 'graph', short: 'g', description: 'Shows a graph of ping distribution' },
    { name: 'count', value: 'N', type: 'integer', description: 'Ping so many times, once a second' },
  ],
  groups: ['rpc', 'common', 'filter'],
  examples: [
    { says: 'every node and its latency', type: 'ping' },
    { says: 'how answers are spread over time, RedHat only', type: 'ping --graph -F osfamily=RedHat' },
    { says: 'for scripts: exit code 3 when a known node is silent', type: 'ping --json --strict' },
  ],
  async run(context) {
    const rounds = context.options.number('count') ?? 1
    let code: number = EXIT.ok
    for (let round = 0; round < rounds; round++) {
      if (round > 0) await new Promise((resolve) => setTimeout(resolve, 1000))
      code = Math.max(code, await pingOnce(context))
    }
    return code
  },
}

async function pingOnce(context: CommandContext): Promise<number> {
  const { terminal, options } = context
  const json = options.flag('json')
  const client = await context.client()
  const call = client.text('discovery', 'ping', await callOptions(context, { nodesFromStdin: false }))
  context.onInterrupt(() => call.stop())
  const replies: CallReply[] = []
  for await (const reply of call) {
    replies.push(reply)
    if (!json) terminal.out(`${harmless(reply.sender).padEnd(40)} time=${reply.elapsedMs.toFixed(2)} ms`)
  }
  const summary = await call.summary
  if (json) printJson(context, replies, summary)
  else printStatistics(context, replies, summary)
  return replies.length === 0 ? EXIT.noAnswer : exitCodeOf(outcomeOf(summary), isStrict(context))
}

function printJson({ terminal, options }: CommandContext, replies: readonly CallReply[], summary: CallSummary): void {
  const times = replies.map((reply) => ({ sender: reply.sender, time_ms: Number(reply.elapsedMs.toFixed(3)) }))
  terminal.json(options.flag('verbose') ? { replies: times, summary } : times)
}

function printStatistics(context: CommandContext, replies: readonly CallReply[], summary: CallSummary): void {
  const { terminal, options, settings } = context
  terminal.out('\n\n---- ping statistics ----')
  if (replies.length === 0) {
    terminal.out('No responses received')
  } else {
    const times = replies.map((reply) => reply.elapsedMs)
    const average = times.reduce((sum, ms) => sum + ms, 0) / times.length
    const max = Math.max(...times).toFixed(2)
    const min = Math.min(...times).toFixed(2)
    const graph = options.flag('graph') || settings.pingGraph ? ` ${sparkLine(times)}` : ''
    terminal.out(`${times.length} replies max: ${max} min: ${min} avg: ${average.toFixed(2)}${graph}`)
  }
  const missing = missingLists(summary, terminal)
  if (missing.length > 0) terminal.out(missing.join('\n'))
}

/** Replies per 50 ms as bars scaled to the fullest bucket; empty buckets included. [M-004] */
export function sparkLine(timesMs: readonly number[]): string {
  const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇']
  const buckets: number[] = []
  for (const ms of timesMs) {
    const bucket = Math.max(0, Math.ceil(ms / 50) - 1)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  const fullest = Math.max(...buckets.filter((count) => count !== undefined))
  return Array.from(buckets, (count) => bars[Math.round(((count ?? 0) / fullest) * (bars.length - 1))]).join('')
}

function isStrict({ options, settings }: CommandContext): boolean {
  return options.flag('strict') || settings.strictExit
}
