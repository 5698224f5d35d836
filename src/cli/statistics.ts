// The screens that follow the results of a call: the final line or the full statistics, who did not answer, who answered unasked.
// [cli 6.7, 6.8]

import type { CallSummary } from '#client/api.ts'
import type { CommandContext } from './command.ts'
import { formatDate } from './date.ts'
import { oneLine, type Style, type Terminal } from './terminal.ts'

/** `Finished processing 2 / 2 hosts in 19.17 ms`: replies, then nodes addressed. */
export function finalLine(summary: CallSummary, terminal: Terminal): string {
  const replies = repliesOf(summary)
  const addressed = summary.targeted - summary.notAddressed.length
  const color = replies < addressed ? 'red' : 'green'
  const counts = `${terminal.style(color, String(replies))} / ${terminal.style(color, String(addressed))}`
  return `Finished processing ${counts} hosts in ${summary.agentMs.toFixed(2)} ms`
}

/** The block of `-v`. `caption` is `rpcutil#get_fact call stats`, `restart Service results`, ... */
export function statisticsBlock(
  summary: CallSummary,
  caption: string,
  look: 'classic' | 'modern',
  terminal: Terminal,
): string[] {
  const replies = repliesOf(summary)
  const addressed = summary.targeted - summary.notAddressed.length
  const rows: [string, string][] = [
    ['Nodes', `${addressed} / ${replies}`],
    ['Pass / Fail', `${summary.ok} / ${summary.failed + summary.refused}`],
    ['Start Time', formatDate(new Date(summary.startedAtMs), look)],
    ['Discovery Time', `${summary.discoveryMs.toFixed(2)}ms`],
    ['Agent Time', `${summary.agentMs.toFixed(2)}ms`],
    ['Total Time', `${summary.totalMs.toFixed(2)}ms`],
  ]
  if (summary.refused > 0) rows.splice(2, 0, ['Refused', String(summary.refused)])
  if (summary.duplicates > 0) rows.push(['Duplicates', String(summary.duplicates)])
  if (summary.rejected > 0) rows.push(['Rejected', `${summary.rejected} (${oneLine(summary.rejectedReason ?? '')})`])
  return [
    `---- ${terminal.style('yellow', caption)} ----`,
    ...rows.map(([label, value]) => `${label.padStart(16)}: ${value}`),
  ]
}

type Paint = (style: Style, text: string) => string

/** Everyone who is missing, was never asked, or answered unasked; nothing when all is well. `paint`: terminal.style or styleErr. */
export function missingLists(summary: CallSummary, paint: Paint): string[] {
  return [
    ...failuresNote(summary, paint),
    ...nameList('No response from:', summary.noResponse, paint),
    ...nameList('Not addressed:', summary.notAddressed, paint),
    ...nameList('Unexpected response from:', summary.unexpected, paint),
    ...rejectedNote(summary, paint),
  ]
}

/**
 * What ends the screen of a call: the final line, or with -v the statistics, then everyone who is missing. Nothing was sent when no
 * node was found: then only that is said, on standard error. [cli 5, 6.7, M-041]
 */
export function printEnd(context: CommandContext, summary: CallSummary, caption = 'rpc stats'): void {
  const { terminal, look, verbose } = context
  if (summary.targeted === 0 && summary.unexpected.length === 0) {
    terminal.err(`\n${NOBODY_FOUND}`)
    for (const line of rejectedNote(summary, terminal.styleErr)) terminal.err(line)
    return
  }
  const end = verbose ? statisticsBlock(summary, caption, look, terminal) : [finalLine(summary, terminal)]
  terminal.out([...end, '', ...missingLists(summary, terminal.style)].join('\n'))
}

/** The same for --json: standard output holds the document alone. */
export function printEndOfJson({ terminal }: CommandContext, summary: CallSummary): void {
  if (summary.targeted === 0 && summary.unexpected.length === 0) terminal.err(`\n${NOBODY_FOUND}`)
  const missing = missingLists(summary, terminal.styleErr)
  if (missing.length > 0) terminal.err(missing.join('\n'))
}

const NOBODY_FOUND = 'No request sent, we did not discover any nodes.'

function failuresNote({ stoppedAfterFailures }: CallSummary, paint: Paint): string[] {
  if (stoppedAfterFailures === undefined) return []
  const what = stoppedAfterFailures === 1 ? '1 node' : `${stoppedAfterFailures} nodes`
  return ['', paint('red', `Stopped: ${what} failed or did not answer, no further batch was begun`), '']
}

function rejectedNote(summary: CallSummary, paint: Paint): string[] {
  if (summary.rejected === 0) return []
  const what = summary.rejected === 1 ? '1 message' : `${summary.rejected} messages`
  const why = oneLine(summary.rejectedReason ?? '')
  return ['', paint('red', `Rejected ${what} that could not be trusted: ${why}`), '']
}

/** A red title, a blank line, and names in columns of at least 30 as 90 characters hold. */
export function nameList(title: string, names: readonly string[], paint: Paint): string[] {
  if (names.length === 0) return []
  const width = names.reduce((most, name) => Math.max(most, name.length), 30)
  const perRow = Math.max(1, Math.floor(90 / width))
  const rows: string[] = []
  for (let i = 0; i < names.length; i += perRow) {
    const row = names.slice(i, i + perRow).map((name) => oneLine(name).padEnd(width))
    rows.push(`    ${row.join('')}`)
  }
  return ['', paint('red', title), '', ...rows, '']
}

function repliesOf(summary: CallSummary): number {
  return summary.ok + summary.failed + summary.refused
}
