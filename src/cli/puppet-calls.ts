// What the commands puppetd and puppet have in common: asking nodes for their state, and running Puppet on all of them a few at a time.
// [cli 8.10, 8.11]

import { TroupeError } from '#base/errors.ts'
import type { CallOptions, CallReply, CallSummary, Client } from '#client/api.ts'
import { groupSizeOf } from '#client/limit.ts'
import type { AgentWords } from '#client/puppet-words.ts'
import { type RunAllResult, type RunAllWords, runAll } from '#client/run-all.ts'
import type { HostStatus } from '#client/run-slots.ts'
import type { Values } from '#message/request.ts'
import type { ActionDdl, AgentDdl } from '#rpc/ddl/ddl.ts'
import { mayCall } from './acting.ts'
import { summaryLines } from './aggregates.ts'
import { callChoice, maxFailuresOption } from './call-options.ts'
import { type CallResult, type CallScreen, runCall } from './call-screen.ts'
import type { CommandContext } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { printResultsJson, resultLines } from './results.ts'
import { nameList, printEnd } from './statistics.ts'

/** One action of an agent in front of the operator: the question first if it needs one, results that the DDL wants shown, summaries, the end. */
export async function callAndShow(
  context: CommandContext,
  agent: string,
  action: string,
  inputs: Values,
  shown: 'ddl' | 'always' = 'ddl',
): Promise<number> {
  const declared = declaredAction(context, agent, action)
  if (!(await mayCall(context, agent, declared, inputs))) return EXIT.nothing
  const result = await callShown(context, agent, declared, inputs, inputs.noop === true ? 'always' : shown)
  const { replies, summary } = result
  if (showJson(context, agent, action, result)) return result.exitCode
  const aggregates = await summaryLines(declared, replies, context.terminal)
  if (replies.length > 0 || summary.targeted > 0) context.terminal.out([...aggregates, ''].join('\n'))
  printEnd(context, summary, `${agent}#${action} call stats`)
  return result.exitCode
}

/** Its call and results alone: nothing of what follows them, and nothing with --json. */
export async function callShown(
  context: CommandContext,
  agent: string,
  declared: ActionDdl,
  inputs: Values,
  shown: 'ddl' | 'always',
): Promise<CallResult> {
  const wanted = context.options.text('display')
  const display = wanted === 'all' || (wanted === undefined && shown === 'always') ? 'always' : declared.display
  const view = {
    ...{ agent, action: declared, verbose: context.verbose },
    display: wanted === 'ok' || wanted === 'failed' ? wanted : display,
  } as const
  let first = true
  return runCall(context, {
    start: (client, options) => client.agent(agent).call(declared.name, inputs, options),
    onReply(reply) {
      if (context.json) return
      const lines = resultLines(reply, view, context.terminal)
      if (lines.length === 0) return
      if (first) context.terminal.out('')
      first = false
      context.terminal.out(lines.join('\n'))
    },
  })
}

/** Throws DDL_NOT_FOUND, DDL_UNKNOWN_ACTION. */
export function declaredAction({ plugins }: CommandContext, agent: string, name: string): ActionDdl {
  const action = (plugins.load('agent', agent) as AgentDdl).actions.find((one) => one.name === name)
  if (action) return action
  throw new TroupeError('DDL_UNKNOWN_ACTION', `The DDL of ${agent} declares no action ${name}`)
}

/** A call of which the command shows the replies itself. */
export function callQuietly(
  context: CommandContext,
  agent: string,
  action: string,
  inputs: Values,
  screen: Partial<CallScreen> = {},
): Promise<CallResult> {
  return runCall(context, { ...screen, start: (client, options) => client.agent(agent).call(action, inputs, options) })
}

/** With --json prints the replies as one document and says true. */
export function showJson(
  context: CommandContext,
  agent: string,
  action: string,
  called: Pick<CallResult, 'replies' | 'summary'>,
): boolean {
  if (!context.json) return false
  printResultsJson(context, agent, action, called)
  return true
}

export interface Round {
  readonly hosts: readonly string[]
  readonly known: ReadonlyMap<string, HostStatus>
  /** Of the call that found the hosts. */
  readonly summary: CallSummary
  readonly broken: readonly CallReply[]
}

export interface RunAllCalls {
  /** Finds the hosts that answer, sorted by name. */
  discover(): Promise<Round>
  /** Runs them; `summary` is that of the last call that was made. */
  run(
    round: Round,
    how: RunAllHow,
  ): Promise<RunAllResult & { readonly last: CallSummary; replies: readonly CallReply[] }>
  stopped(): boolean
  pause(ms: number): Promise<void>
}

interface RunAllHow {
  readonly concurrency: number
  readonly rhythm: { readonly afterStartMs: number; readonly whileFullMs: number }
  readonly says: RunAllWords
}

/** The calls of a runall with the options of the command line. Ctrl-C ends the waiting and starts nothing more. */
export async function runAllCalls(
  context: CommandContext,
  words: AgentWords,
  inputs: Values,
  addFilter: (options: CallOptions) => CallOptions = (options) => options,
): Promise<RunAllCalls> {
  const choice = await callChoice(context, { nodesFromStdin: false })
  const { batch: _batch, batchSleepSeconds: _sleep, maxFailures: _most, ...options } = choice.options
  const directed = directedOptions(options)
  const client = await context.client()
  const ending = new AbortController()
  context.onInterrupt(() => ending.abort())
  const ask = async (action: string, data: Values, callOptions: CallOptions) =>
    collect(client, words.agent, action, data, { ...callOptions, signal: context.signal })
  const pause = async (ms: number): Promise<void> => {
    if (!ending.signal.aborted) await context.pause(ms, AbortSignal.any([ending.signal, context.signal]))
  }
  const statusesIn = (replies: readonly CallReply[]): Map<string, HostStatus> =>
    new Map(replies.filter((r) => r.statusCode === 0).map((reply) => [reply.sender, words.statusOf(reply.data)]))

  return {
    pause,
    stopped: () => ending.signal.aborted,
    async discover() {
      const { replies, summary } = await ask('status', {}, addFilter(options))
      const known = statusesIn(replies)
      return { hosts: [...known.keys()].sort(), known, summary, broken: replies.filter((r) => r.statusCode !== 0) }
    },
    async run({ hosts, known, summary }, { concurrency, rhythm, says }) {
      let last = summary
      const replies: CallReply[] = []
      const result = await runAll({
        ...{ hosts, concurrency, known, rhythm, says, pause },
        failuresMax: failuresMax(context, hosts.length),
        stopped: () => ending.signal.aborted,
        status: async (nodes) => statusesIn((await ask('status', {}, { ...directed, nodes })).replies),
        async start(host) {
          const call = await ask('runonce', { ...inputs, ...words.forced }, { ...directed, nodes: [host] })
          last = call.summary
          const reply = call.replies.find(({ sender }) => sender === host)
          if (reply) replies.push(reply)
          return reply
        },
      })
      return { ...result, last, replies }
    },
  }
}

/** What remains of the options for calls to nodes that are known by name. */
export function directedOptions({ collective, timeoutSeconds, ttlSeconds }: CallOptions): CallOptions {
  const all = { collective, timeoutSeconds, ttlSeconds }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

async function collect(
  client: Client,
  agent: string,
  action: string,
  data: Values,
  options: CallOptions,
): Promise<{ replies: readonly CallReply[]; summary: CallSummary }> {
  const call = client.agent(agent).call(action, data, options)
  const replies: CallReply[] = []
  for await (const reply of call) if (reply.expected) replies.push(reply as CallReply)
  return { replies, summary: await call.summary }
}

function failuresMax({ options }: CommandContext, hosts: number): number {
  const most = maxFailuresOption(options)
  return most === undefined ? Number.POSITIVE_INFINITY : groupSizeOf(most, hosts)
}

/** Hosts that had no turn, and the exit code of a runall. */
export function endOfRunAll(
  context: CommandContext,
  { left, failed, initiated }: RunAllResult,
  silent: readonly string[],
): number {
  const { terminal, strict } = context
  const lists = [
    ...nameList('No response from:', silent, terminal.style),
    ...nameList('Not addressed:', left, terminal.style),
  ]
  if (lists.length > 0 && !context.json) terminal.out(lists.join('\n'))
  if (failed.length > 0) return EXIT.failures
  if (strict && left.length + silent.length > 0) return EXIT.silence
  return initiated.length > 0 || left.length > 0 ? EXIT.ok : EXIT.nothing
}
