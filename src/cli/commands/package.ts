// `mco package ACTION NAME`, in either order: software by the package managers of the nodes. [PE20 package, R-042..R-046, R-092..R-096,
// M-018, cli 8.13]

import type { CallReply } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import type { ActionDdl, AgentDdl } from '#rpc/ddl/ddl.ts'
import { checkInputs } from '#rpc/validate/check-inputs.ts'
import {
  actionAndName,
  classicLine,
  columnLines,
  countedTexts,
  mayActUnfiltered,
  printClassicEnd,
  textOf,
} from '../acting.ts'
import { summaryLines } from '../aggregates.ts'
import { type CallResult, runCall } from '../call-screen.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { ACTING_OPTIONS } from '../options.ts'
import { printResultsJson, resultLines } from '../results.ts'
import { printEnd } from '../statistics.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const CHANGING = ['install', 'update', 'uninstall', 'purge']
const NAMED = [...CHANGING, 'status']
const CHECKS = ['checkupdates', 'checkupdate', 'yum_checkupdates', 'apt_checkupdates']
const ACTIONS = [...NAMED, 'count', 'md5', ...CHECKS, 'yum_clean', 'apt_update', 'refresh']
/** Nothing is touched by these. */
const HARMLESS = ['status', 'count', 'md5', ...CHECKS]

export const packageCommand: Command = {
  name: 'package',
  summary: 'Install, update, uninstall and query packages',
  usage: [
    'package [options] [filters] <install|update|uninstall|purge|status> <package>',
    'package [options] [filters] <package> <install|update|uninstall|purge|status>',
    'package [options] [filters] <count|md5|checkupdates|refresh|apt_update|yum_clean|apt_checkupdates|yum_checkupdates>',
  ],
  options: [{ name: 'version', value: 'VERSION', description: 'Version to install' }, ...ACTING_OPTIONS],
  groups: ['rpc', 'common', 'filter'],
  notes: [
    'uninstall keeps configuration files with apt and fails when other rpm packages need the package; purge removes both.',
    'count and md5 are for comparing nodes. refresh fetches the lists of available packages. yum_clean takes a mode, e.g. metadata.',
    'What changes packages asks first when no filter is given; --noop does not.',
  ],
  json: { shape: '[{"agent", "action", "sender", "statuscode", "statusmsg", "data"}]' },
  examples: [
    { says: 'which version is installed', type: 'package status bash' },
    { says: 'what an update would do', type: 'package update openssl -C web --noop' },
    {
      says: 'update in groups, and stop when three nodes failed',
      type: 'package update openssl -C web --batch 10% --max-failures 3',
    },
    { says: 'a version of your choice', type: 'package install nginx --version 1.22.1-9 -F role=proxy' },
    { says: 'what could be updated', type: 'package checkupdates' },
  ],
  async run(context) {
    const { action, inputs } = readWords(context)
    const { terminal, options, json } = context
    const ddl = (context.plugins.load('agent', 'package') as AgentDdl).actions.find((each) => each.name === action)
    if (!ddl) throw usageError(`Attempted to call action ${action} for package but it's not declared in the DDL`)
    const checked = checkInputs(ddl, 'package', inputs)
    const harmless = HARMLESS.includes(action) || options.flag('noop')
    if (!harmless && !(await mayActUnfiltered(context, 'packages'))) return EXIT.nothing
    const classic = context.look === 'classic'
    const result = await runCall(context, {
      start: (client, callOptions) => client.agent('package').call(action, checked, callOptions),
      onReply(reply) {
        if (!json && classic) for (const line of classicLines(ddl, reply, context)) terminal.out(line)
      },
    })
    if (json) printResultsJson(context, 'package', action, result)
    else if (classic)
      printClassicEnd(context, 'package agent summary', versions(action, result.replies), result.summary)
    else await printModern(context, ddl, result)
    return result.exitCode
  },
}

function readWords({ words, options }: CommandContext): { action: string; inputs: Values } {
  if (words.length === 0) throw usageError('Please specify package name and action')
  const asked = actionAndName(words, ACTIONS, 'action first')
  if (!asked) throw usageError(`Action has to be one of ${ACTIONS.slice(0, -1).join(', ')} or ${ACTIONS.at(-1)}`)
  const { action, name } = asked
  const named = NAMED.includes(action)
  if (named && name === undefined) throw usageError('Please specify package name and action')
  if (!named && name !== undefined && action !== 'yum_clean') throw usageError(`${action} takes no package`)
  const version = options.text('version')
  if (version !== undefined && action !== 'install') throw usageError(`--version goes with install, not with ${action}`)
  if (options.flag('noop') && !CHANGING.includes(action))
    throw usageError(`--noop goes with ${CHANGING.join(', ')}, not with ${action}`)
  const inputs: [string, Values[string]][] = []
  if (name !== undefined) inputs.push([named ? 'package' : 'mode', name])
  if (version !== undefined) inputs.push(['version', version])
  if (options.flag('noop')) inputs.push(['noop', true])
  return { action, inputs: Object.fromEntries(inputs) }
}

/** What a node has: `bash-5.2.15-2+b8`, with `.amd64` for the modern look; a purged package is as absent as an absent one. */
function versionOf(reply: CallReply, withArch: boolean): string {
  const full = textOf(reply, 'ensure')
  if (isAbsent(full)) return 'absent'
  const arch = textOf(reply, 'arch')
  return `${textOf(reply, 'name')}-${full}${withArch && arch !== '' ? `.${arch}` : ''}`
}

function isAbsent(ensure: string): boolean {
  return ensure === 'absent' || ensure === 'purged'
}

function classicLines(ddl: ActionDdl, reply: CallReply, context: CommandContext): string[] {
  const { sender, statusCode, statusMessage } = reply
  const action = ddl.name
  if (CHECKS.includes(action)) return checkLines(ddl, reply, context)
  if (statusCode !== STATUS.ok) return [classicLine(sender, `error = ${statusMessage}`)]
  if (NAMED.includes(action)) {
    return [classicLine(sender, `version = ${versionOf(reply, false)}`), ...changeLines(reply, context)]
  }
  if (action === 'count' || action === 'md5') return [classicLine(sender, `${action} = ${textOf(reply, 'output')}`)]
  return context.verbose ? checkLines(ddl, reply, { ...context, verbose: false }) : []
}

function checkLines(ddl: ActionDdl, reply: CallReply, { terminal, look, verbose }: CommandContext): string[] {
  return resultLines(reply, { agent: 'package', action: ddl, verbose, display: 'always', look }, terminal)
}

/** With --noop and -v: what would change, or has changed. */
function changeLines({ data }: CallReply, { options, verbose }: CommandContext): string[] {
  if (!options.flag('noop') && !verbose) return []
  const changes = Array.isArray(data.changes) ? (data.changes as readonly Values[]) : []
  const would = options.flag('noop') ? 'would ' : ''
  if (changes.length === 0) return options.flag('noop') ? ['   would change nothing'] : []
  return changes.map((change) => {
    const [from, to] = [change.from, change.to].map((version) => (typeof version === 'string' ? version : undefined))
    const versions = from !== undefined && to !== undefined ? ` ${from} to ${to}` : ` ${to ?? from ?? ''}`
    return oneLine(`   ${would}${String(change.action)} ${String(change.package)}${versions}`.trimEnd())
  })
}

function versions(action: string, replies: readonly CallReply[]): (readonly [string, string])[] {
  if (!NAMED.includes(action)) return []
  const found = replies.filter((reply) => reply.statusCode === STATUS.ok).map((reply) => textOf(reply, 'ensure'))
  const texts = found.map((ensure) => (isAbsent(ensure) ? 'absent' : ensure))
  const failed = replies.length - found.length
  const counts = countedTexts(texts).map(([version, count]) => `${count} * ${oneLine(version)}`)
  const all = [...counts, ...(failed > 0 ? [`${failed} * error`] : [])]
  return [['Versions', all.length > 0 ? all.join(', ') : 'No responses received']]
}

async function printModern(context: CommandContext, ddl: ActionDdl, { replies, summary }: CallResult): Promise<void> {
  const { terminal, verbose, options } = context
  const shown = replies.filter((reply) => reply.statusCode === STATUS.ok)
  const failures = replies.filter((reply) => reply.statusCode !== STATUS.ok)
  const noop = options.flag('noop')
  const text = (reply: CallReply): string | undefined => {
    if (ddl.name === 'status') return versionOf(reply, true)
    if (ddl.name === 'count' || ddl.name === 'md5') return textOf(reply, 'output')
    return NAMED.includes(ddl.name) && (verbose || noop) ? textOf(reply, 'ensure') : undefined
  }
  const rows = shown.map((reply) => ({ reply, sender: reply.sender, text: text(reply) ?? '' }))
  const withText = rows.filter(({ reply }) => text(reply) !== undefined)
  const column = columnLines(withText)
  const lines = withText.flatMap(({ reply }, i) => [column[i] ?? '', ...changeLines(reply, context)])
  const others = CHECKS.includes(ddl.name) ? replies : failures
  const blocks = others.flatMap((reply) => checkLines(ddl, reply, context))
  const all = [...lines, ...(lines.length > 0 && blocks.length > 0 ? [''] : []), ...blocks]
  if (all.length > 0) terminal.out(all.join('\n'))
  if (replies.length > 0)
    terminal.out([...(await summaryLines(ddl, replies.map(withoutPurged), terminal)), ''].join('\n'))
  printEnd(context, summary, `${ddl.name} Package results`)
}

function withoutPurged(reply: CallReply): CallReply {
  return textOf(reply, 'ensure') === 'purged' ? { ...reply, data: { ...reply.data, ensure: 'absent' } } : reply
}
