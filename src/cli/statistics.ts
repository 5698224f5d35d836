// The screens that follow the results of a call: the final line or the full statistics, who did not answer, who answered unasked.
// [cli 6.7, 6.8]

import type { CallSummary } from '#client/api.ts'
import { formatDate } from './date.ts'
import type { Terminal } from './terminal.ts'
import { harmless } from './terminal.ts'

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
  if (summary.rejected > 0) rows.push(['Rejected', `${summary.rejected} (${harmless(summary.rejectedReason ?? '')})`])
  return [
    `---- ${terminal.style('yellow', caption)} ----`,
    ...rows.map(([label, value]) => `${label.padStart(16)}: ${value}`),
  ]
}

/** Everyone who is missing, was never asked, or answered unasked; nothing when all is well. */
export function missingLists(summary: CallSummary, terminal: Terminal): string[] {
  return [
    ...nameList('No response from:', summary.noResponse, terminal),
    ...nameList('Not addressed:', summary.notAddressed, terminal),
    ...nameList('Unexpected response from:', summary.unexpected, terminal),
    ...rejectedNote(summary, terminal),
  ]
}

function rejectedNote(summary: CallSummary, terminal: Terminal): string[] {
  if (summary.rejected === 0) return []
  const what = summary.rejected === 1 ? '1 message' : `${summary.rejected} messages`
  return [
    '',
    terminal.style('red', `Rejected ${what} that could not be trusted: ${harmless(summary.rejectedReason ?? '')}`),
    '',
  ]
}

/** A red title, a blank line, and names in columns of at least 30 as 90 characters hold. */
function nameList(title: string, names: readonly string[], terminal: Terminal): string[] {
  if (names.length === 0) return []
  const width = Math.max(30, ...names.map((name) => name.length))
  const perRow = Math.max(1, Math.floor(90 / width))
  const rows: string[] = []
  for (let i = 0; i < names.length; i += perRow) {
    const row = names.slice(i, i + perRow).map((name) => harmless(name).padEnd(width))
    rows.push(`    ${row.join('')}`)
  }
  return ['', terminal.style('red', title), '', ...rows, '']
}

export function repliesOf(summary: CallSummary): number {
  return summary.ok + summary.failed + summary.refused
}
