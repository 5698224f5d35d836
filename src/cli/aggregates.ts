// The summaries a DDL declares, as the screen shows them. Computing them is rpc/aggregate's. [cli 6.6]

import type { CallReply } from '#client/api.ts'
import type { ActionDdl } from '#rpc/ddl/ddl.ts'
import type { Terminal } from './terminal.ts'

/** Blocks of `Summary of <label>:`, a blank line before the first; nothing when the action declares none. */
export async function summaryLines(
  action: ActionDdl,
  replies: readonly CallReply[],
  terminal: Terminal,
): Promise<string[]> {
  if (action.aggregates.length === 0 || replies.length === 0) return []
  const { summarize } = await import('#rpc/aggregate/summarize.ts')
  const blocks = summarize(action, replies)
  const lines = blocks.flatMap(({ title, lines: body, failed }) => [
    `${terminal.style('bold', title)}`,
    '',
    ...body.map((line) => (failed ? terminal.style('yellow', line) : line)),
    '',
  ])
  return ['', ...lines]
}
