// How the answer of one node looks: label, message, fields with aligned colons; raw with -v; an object with -j. [cli 6.2 to 6.5]

import type { CallReply, CallSummary } from '#client/api.ts'
import type { Value, Values } from '#message/request.ts'
import { STATUS, statusLabel } from '#message/status.ts'
import type { ActionDdl } from '#rpc/ddl/ddl.ts'
import { type InspectOptions, prettyInspect, printable } from '#rpc/inspect.ts'
import type { CommandContext } from './command.ts'
import { type LookedField, puppetralFields } from './puppetral-look.ts'
import { printEndOfJson } from './statistics.ts'
import { oneLine, type Style, type Terminal } from './terminal.ts'

export interface ResultView {
  readonly agent: string
  readonly action: ActionDdl
  readonly verbose: boolean
  /** From `--display`, else the DDL. */
  readonly display: 'ok' | 'failed' | 'always' | 'flatten'
  /** Default modern. */
  readonly look?: 'classic' | 'modern'
}

const LABEL_STYLES: Readonly<Record<number, Style>> = { 1: 'red', 2: 'yellow', 3: 'yellow', 4: 'yellow' }

/** The lines for one reply, ending in a blank one; none when the display mode hides it. */
export function resultLines(reply: CallReply, view: ResultView, terminal: Terminal): string[] {
  if (view.verbose) return verboseLines(reply, view)
  if (!isShown(reply.statusCode, view.display)) return []
  const label = statusLabel(reply.statusCode)
  const style = LABEL_STYLES[reply.statusCode] ?? 'red'
  const head = `${oneLine(reply.sender).padEnd(40)} ${label === '' ? '' : terminal.style(style, label)}`
  const message =
    reply.statusMessage === 'OK' ? [] : indented(reply.statusMessage, 3).map((line) => terminal.style('yellow', line))
  const fields = reply.statusCode === STATUS.ok ? fieldLines(reply.data, view) : []
  return [head, ...message, ...fields, '']
}

function isShown(code: number, display: ResultView['display']): boolean {
  if (display === 'always' || display === 'flatten') return true
  return display === 'ok' ? code === STATUS.ok : code !== STATUS.ok
}

function fieldLines(data: Values, view: ResultView): string[] {
  const looked =
    view.look === 'classic' && view.agent === 'puppetral'
      ? puppetralFields(view.action.name, data)
      : Object.keys(data)
          .sort()
          .map((name) => ({ name, value: data[name] as Value, inspect: symbols(view, name) }))
  const fields = looked.map((field: LookedField) => ({
    ...field,
    label: oneLine(field.label ?? labelOf(view.action, field.name)),
  }))
  const longest = fields.reduce((most, { label }) => Math.max(most, label.length), 0)
  return fields.flatMap(({ name, label, value, inspect }) => {
    const table = view.look === 'classic' ? tableText(`${view.agent}.${name}`, value) : undefined
    const [first = '', ...rest] = (table ?? valueText(value, inspect)).split('\n')
    const head = `${label.padStart(longest + 3)}: ${first}`.trimEnd()
    return [head, ...rest.map((line) => `${' '.repeat(longest + 5)}${line}`.trimEnd())]
  })
}

function labelOf(action: ActionDdl, name: string): string {
  return action.outputs.find((output) => output.name === name)?.displayAs ?? name
}

function valueText(value: Value, symbols: InspectOptions): string {
  return typeof value === 'string' ? printable(value).replace(/\n$/, '') : prettyInspect(value, symbols)
}

/** Outputs that the classic look shows as a table of two columns, as the manual does. [PE20 package, cli 8.13] */
const TABLES: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['package.outdated_packages', ['package', 'version']],
])

/** undefined: not such an output, or not such a list. */
function tableText(output: string, value: Value): string | undefined {
  const columns = TABLES.get(output)
  if (!columns || !Array.isArray(value) || value.length === 0) return undefined
  const rows = value.map((item: Value) => columns.map((column) => (item as Values | null)?.[column]))
  if (!rows.every((row) => row.every((cell) => typeof cell === 'string'))) return undefined
  const texts = rows.map((row) => row.map((cell) => oneLine(String(cell))))
  const width = texts.reduce((most, [first = '']) => Math.max(most, first.length), 0)
  return texts.map(([first = '', second = '']) => `${first.padEnd(width)}   ${second}`).join('\n')
}

/** `-v`: the status message, then all data in inspect form; only the message for codes above 1. */
function verboseLines(reply: CallReply, view: ResultView): string[] {
  const head = `${oneLine(reply.sender).padEnd(40)}: ${oneLine(reply.statusMessage)}`
  if (reply.statusCode > STATUS.aborted) return [head, '']
  return [head, ...indented(prettyInspect(reply.data, wholeSymbols(view)), 4), '']
}

function indented(text: string, spaces: number): string[] {
  return printable(text)
    .split('\n')
    .map((line) => `${' '.repeat(spaces)}${line}`)
}

/** Outputs whose inner keys Ruby agents make symbols of; JSON does not tell, operators are used to it. [cli 6.3] */
const SYMBOL_OUTPUTS: ReadonlySet<string> = new Set([
  'rpcutil.agent_inventory.agents',
  'rpcutil.daemon_stats.times',
  'package.checkupdate.outdated_packages',
  'package.checkupdates.outdated_packages',
  'package.yum_checkupdates.outdated_packages',
  'package.apt_checkupdates.outdated_packages',
])

function symbols(view: ResultView, output: string): InspectOptions {
  return SYMBOL_OUTPUTS.has(`${view.agent}.${view.action.name}.${output}`) ? { symbolKey: () => true } : {}
}

function wholeSymbols(view: ResultView): InspectOptions {
  return { symbolKey: (path) => path.length === 1 || symbols(view, String(path[0])).symbolKey !== undefined }
}

/** One element of `-j`. [cli 6.5] */
export function resultJson(agent: string, action: string, reply: CallReply): object {
  return {
    agent,
    action,
    sender: reply.sender,
    statuscode: reply.statusCode,
    statusmsg: reply.statusMessage,
    data: reply.data,
  }
}

/** What `-j` prints of a call: the results, with -v the account as well; who is missing goes to standard error. */
export function printResultsJson(
  context: CommandContext,
  agent: string,
  action: string,
  { replies, summary }: { readonly replies: readonly CallReply[]; readonly summary: CallSummary },
): void {
  const results = replies.map((reply) => resultJson(agent, action, reply))
  context.terminal.json(context.verbose ? { replies: results, summary } : results)
  printEndOfJson(context, summary)
}
