// What commands that change nodes have in common: the question before everything is touched, trying without doing; and what `mco service` and
// `mco package` share: two words in either order, names in a column, and the summary block of the classic look. [cli 7, 8.12, 8.13]

import type { CallReply, CallSummary } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import { actionActs, knowsNoop } from '#rpc/acting.ts'
import type { ActionDdl } from '#rpc/ddl/ddl.ts'
import { callChoice } from './call-options.ts'
import type { CommandContext } from './command.ts'
import { missingLists, printEnd } from './statistics.ts'
import { oneLine } from './terminal.ts'
import { usageError } from './usage-error.ts'

/** Action and thing of two words: `wanted` says which order counts when both words could be actions. undefined: none is an action. */
export function actionAndName(
  [one, two]: readonly string[],
  actions: readonly string[],
  wanted: 'action first' | 'action last',
): { readonly action: string; readonly name: string | undefined } | undefined {
  const isAction = (word: string | undefined): word is string => word !== undefined && actions.includes(word)
  const first = isAction(one) ? { action: one, name: two } : undefined
  const last = isAction(two) ? { action: two, name: one } : undefined
  return wanted === 'action first' ? (first ?? last) : (last ?? first)
}

/** Asks before every node there is would be touched. `things`: services, packages. */
export async function mayActUnfiltered(context: CommandContext, things: string): Promise<boolean> {
  if (context.options.flag('yes')) return true
  const { filtered } = await callChoice(context, { nodesFromStdin: false })
  return filtered || context.terminal.confirm(`Do you really want to operate on ${things} unfiltered? (y/n): `)
}

/**
 * Asks before an action that changes nodes is done on every node there is; only at a terminal, so that scripts go on. Not for actions that look,
 * nor for one that is only tried.
 */
export async function mayCall(
  context: CommandContext,
  agent: string,
  action: ActionDdl,
  inputs: Values,
  how: { readonly nodesFromStdin: boolean } = { nodesFromStdin: false },
): Promise<boolean> {
  const { options, terminal } = context
  if (options.flag('yes') || !terminal.canAsk || inputs.noop === true || !actionActs(agent, action)) return true
  const { filtered } = await callChoice(context, how)
  return filtered || terminal.confirm(`Do you really want to call ${agent} ${action.name} on all nodes? (y/n): `)
}

/**
 * `{ noop: true }` with --noop, else nothing. Throws USAGE_INVALID for an action that cannot be tried without doing it: to go on would do what was
 * meant to be looked at.
 */
export function noopInput({ options }: CommandContext, agent: string, action: ActionDdl): Values {
  if (!options.flag('noop')) return {}
  if (knowsNoop(action)) return { noop: true }
  throw usageError(`--noop does not go with ${agent} ${action.name}: it has no input noop`)
}

/** `   agent.example.com: running`, names right-justified. */
export function columnLines(rows: readonly { readonly sender: string; readonly text: string }[]): string[] {
  const names = rows.map(({ sender }) => oneLine(sender))
  const width = names.reduce((most, name) => Math.max(most, name.length), 0) + 7
  return rows.map(({ text }, i) => `${(names[i] ?? '').padStart(width)}: ${oneLine(text)}`)
}

/** `agent.example.com                        status=running`, and what a node says of a failure below it. */
export function classicLine(sender: string, text: string): string {
  return `${oneLine(sender).padEnd(40)} ${oneLine(text)}`
}

/** The block that ends a classic screen, and who is missing. */
export function printClassicEnd(
  context: CommandContext,
  title: string,
  counts: readonly (readonly [string, string])[],
  summary: CallSummary,
): void {
  const { terminal } = context
  if (summary.targeted === 0 && summary.unexpected.length === 0) {
    printEnd(context, summary)
    return
  }
  const replies = summary.ok + summary.failed + summary.refused
  const rows: (readonly [string, string])[] = [
    ['Nodes', `${summary.targeted - summary.notAddressed.length} / ${replies}`],
    ...counts,
    ['Elapsed Time', `${(summary.agentMs / 1000).toFixed(2)} s`],
  ]
  const block = rows.map(([label, value]) => `${label.padStart(20)}: ${value}`)
  const head = `---- ${terminal.style('yellow', title)} ----`
  terminal.out(['', head, ...block, '', ...missingLists(summary, terminal.style)].join('\n'))
}

/** `2 * 3.2-32, 1 * 3.2-33`: how often each text occurs, most frequent first. */
export function countedTexts(texts: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}

export function textOf(reply: CallReply, output: string): string {
  const value = reply.data[output]
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : String(value)
}
