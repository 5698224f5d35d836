// `mco ping`: every node with its latency as it answers, then statistics. Not an RPC call: the discovery agent answers bare text.
// [PE20 ping, R-058, cli 8.1]

import type { CallReply, CallSummary, Client } from '#client/api.ts'
import { type CallChoice, callChoice } from '../call-options.ts'
import { bySender } from '../call-screen.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT, exitCodeOf } from '../exit-codes.ts'
import { missingLists } from '../statistics.ts'
import { oneLine } from '../terminal.ts'

export const ping: Command = {
  name: 'ping',
  summary: 'Ping all nodes',
  usage: ['ping [options] [filters]'],
  options: [
    { name: 'graph', short: 'g', description: 'Shows a graph of ping distribution' },
    { name: 'count', value: 'N', type: 'integer', description: 'Ping so many times, once a second' },
  ],
  groups: ['rpc', 'common', 'filter'],
  notes: [
    'Every node is printed as it answers. A node on the roster that does not answer is named at the end.',
    'Batches make no sense here and do not count; limits do. With --count, the exit code is the worst of all rounds.',
  ],
  json: {
    shape: '[{"sender": "agent.example.com", "time_ms": 12.345}]',
    note: 'one document for each round of --count',
  },
  examples: [
    { says: 'every node and its latency', type: 'ping' },
    { says: 'how answers are spread over time, RedHat only', type: 'ping --graph -F osfamily=RedHat' },
    { says: 'for scripts: exit code 3 when a known node is silent', type: 'ping --json --strict' },
  ],
  async run(context) {
    const rounds = context.options.number('count') ?? 1
    const choice = await callChoice(context, { nodesFromStdin: false })
    const client = await context.client()
    const interrupted = new AbortController()
    context.onInterrupt(() => interrupted.abort())
    let code: number = EXIT.ok
    for (let round = 0; round < rounds && !interrupted.signal.aborted; round++) {
      if (round > 0) await context.pause(1000, interrupted.signal)
      if (!interrupted.signal.aborted)
        code = Math.max(code, await pingOnce(context, client, choice, interrupted.signal))
    }
    return code
  },
}

async function pingOnce(
  context: CommandContext,
  client: Client,
  choice: CallChoice,
  interrupted: AbortSignal,
): Promise<number> {
  const { terminal, json } = context
  const { batch: _batch, ...options } = choice.options
  const call = client.text('discovery', 'ping', { ...options, signal: context.signal })
  interrupted.addEventListener('abort', () => call.stop(), { once: true })
  const sort = context.options.flag('sort')
  const replies: CallReply[] = []
  const print = (reply: CallReply): void =>
    terminal.out(`${oneLine(reply.sender).padEnd(40)} time=${reply.elapsedMs.toFixed(2)} ms`)
  for await (const reply of call) {
    replies.push(reply)
    if (!json && !sort) print(reply)
  }
  const summary = await call.summary
  if (sort) replies.sort(bySender)
  if (json) printJson(context, replies, summary)
  else {
    if (sort) replies.forEach(print)
    printStatistics(context, replies, summary)
  }
  const listed = choice.options.nodes !== undefined
  return replies.length === 0 ? EXIT.noAnswer : exitCodeOf(summary, { strict: context.strict, listed })
}

function printJson({ terminal, verbose }: CommandContext, replies: readonly CallReply[], summary: CallSummary): void {
  const times = replies.map((reply) => ({ sender: reply.sender, time_ms: Number(reply.elapsedMs.toFixed(3)) }))
  terminal.json(verbose ? { replies: times, summary } : times)
  const missing = missingLists(summary, terminal.styleErr)
  if (missing.length > 0) terminal.err(missing.join('\n'))
}

function printStatistics(context: CommandContext, replies: readonly CallReply[], summary: CallSummary): void {
  const { terminal, options, settings, look } = context
  terminal.out('\n\n---- ping statistics ----')
  if (replies.length === 0) {
    terminal.out('No responses received')
  } else {
    const times = replies.map((reply) => reply.elapsedMs)
    const average = times.reduce((sum, ms) => sum + ms, 0) / times.length
    const max = times.reduce((most, ms) => Math.max(most, ms)).toFixed(2)
    const min = times.reduce((least, ms) => Math.min(least, ms)).toFixed(2)
    const line = `${times.length} replies max: ${max} min: ${min} avg: ${average.toFixed(2)}`
    const graph = options.flag('graph') || settings.pingGraph ? sparkLine(times) : ''
    // The place of the graph leaves a blank in the modern look. [cli 1 L4]
    terminal.out(graph === '' && look === 'classic' ? line : `${line} ${graph}`)
  }
  const missing = missingLists(summary, terminal.style)
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
  const counts = Array.from(buckets, (count) => count ?? 0)
  const fullest = counts.reduce((most, count) => Math.max(most, count), 0)
  return counts.map((count) => bars[Math.round((count / fullest) * (bars.length - 1))]).join('')
}
