// The agent `puppet`: status, lock and single runs of the Puppet agent with all their options, what its last run did, and single
// resources enforced beside it. [agents 10.3, M-014, M-048, M-049, B-016]

import type { Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import { agentStatusWord, runCounts } from '#puppet/agent/agent-status.ts'
import type { PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import type { RunOptions } from '#puppet/agent/run-options.ts'
import { ActionFailed, type Agent, type Call, type NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { defineAgent } from '#rpc/define-agent.ts'
import { lastRunText, lockMessage, orAborted, secondsSince, splaySecondsOf, switchOf } from '../puppet-wording.ts'
import type { PuppetActions } from './puppet-actions.ts'
import { applyResource } from './resource.ts'

const COMMAND = 'puppet agent'
const FIXED = ['--onetime', '--no-daemonize', '--color=false', '--show_diff', '--verbose']

/** `now`: milliseconds since 1970. */
export function createPuppetAgentAgent(ddl: AgentDdl, puppet: PuppetAgent, now: () => number): Agent {
  const implementation = defineAgent<PuppetActions>({
    activate: async () => (await puppet.present()) || 'Puppet is not installed',
    actions: {
      enable: (call) => orAborted(() => enable(puppet, call)),
      disable: (call) => orAborted(() => disable(puppet, call, now())),
      runonce: ({ data }, node) => orAborted(() => runOnce(puppet, data, node, now())),
      status: () => orAborted(() => status(puppet, now())),
      last_run_summary: ({ data }) => orAborted(() => lastRunSummary(puppet, data.logs === true, now())),
      last_run_report: () => orAborted(() => lastRunReport(puppet)),
      resource: (call, node) => orAborted(() => applyResource(puppet, call, node)),
    },
  })
  return { ...implementation, ddl }
}

type Lock = PuppetActions['enable']['output']

async function enable(puppet: PuppetAgent, { reply }: Pick<Call, 'reply'>): Promise<Lock> {
  const change = await puppet.enable()
  const { enabled } = await puppet.state()
  reply.enabled = enabled
  if (change === 'done') return { status: 'Successfully enabled the Puppet agent', enabled }
  throw locked(
    reply,
    `Could not enable Puppet: ${change === 'running' ? 'Currently applying a catalog' : 'Already enabled'}`,
  )
}

async function disable(
  puppet: PuppetAgent,
  { reply, caller, data }: Pick<Call, 'reply' | 'caller'> & { readonly data: { readonly message?: string } },
  nowMs: number,
): Promise<Lock> {
  const message = lockMessage(data.message, caller, nowMs)
  const change = await puppet.disable(message)
  const { enabled } = await puppet.state()
  reply.enabled = enabled
  if (change === 'done') return { status: `Successfully locked the Puppet agent: ${message}`, enabled }
  const why = change === 'running' ? 'Currently applying a catalog' : 'Already disabled'
  throw locked(reply, `Could not disable Puppet: ${why}`)
}

function locked(reply: Call['reply'], message: string): ActionFailed {
  reply.status = message
  return refusal(message)
}

async function runOnce(
  puppet: PuppetAgent,
  data: PuppetActions['runonce']['input'] & Values,
  node: NodeView,
  nowMs: number,
): Promise<PuppetActions['runonce']['output']> {
  if (data.server !== undefined && !switchOf(node.setting('puppet.allow_server_override'), false)) {
    throw refusal("Passing 'server' option is not allowed in module configuration")
  }
  const state = await puppet.state()
  if (!state.enabled) {
    throw refusal(state.disableMessage === '' ? 'Puppet is disabled' : `Puppet is disabled: '${state.disableMessage}'`)
  }
  if (state.applying) throw refusal('Puppet is currently applying a catalog, cannot run now')
  const asked = askedOptions(data)
  const initiated = Math.floor(nowMs / 1000)
  if (state.daemonPid !== undefined && switchOf(node.setting('puppet.signal_daemon'), true)) {
    if (Object.values(asked).some((value) => value !== undefined)) {
      throw refusal('Cannot specify any custom puppet options when the daemon is running')
    }
    await puppet.wakeDaemon(state.daemonPid)
    return { summary: 'Signalled the running Puppet Daemon', initiated_at: initiated }
  }
  const options = { ...asked, ...splayOf(asked, data.force === true, node) } as RunOptions
  const command = await puppet.startRun(node.setting('puppet.command') ?? COMMAND, FIXED, options)
  return { summary: `Started a Puppet run using the '${command}' command`, initiated_at: initiated }
}

type Asked = { readonly [Name in keyof RunOptions]: RunOptions[Name] | undefined }

function askedOptions(data: PuppetActions['runonce']['input'] & Values): Asked {
  return {
    tags: data.tags,
    server: data.server,
    environment: data.environment,
    noop: data.noop,
    splay: data.splay,
    splayLimitSeconds: data.splaylimit,
    useCachedCatalog: data.use_cached_catalog,
    // Not in the DDL: clients send it as a switch or as text.
    ignoreSchedules: data.ignoreschedules === true || data.ignoreschedules === 'true' ? true : undefined,
  }
}

/** Forced runs begin at once; others spread as asked, else as configured. */
function splayOf(asked: Asked, force: boolean, node: NodeView): Pick<Asked, 'splay' | 'splayLimitSeconds'> {
  if (force) return { splay: false, splayLimitSeconds: undefined }
  const splay = asked.splay ?? (asked.splayLimitSeconds !== undefined || switchOf(node.setting('puppet.splay'), true))
  return { splay, splayLimitSeconds: asked.splayLimitSeconds ?? splaySecondsOf(node.setting('puppet.splaylimit')) }
}

async function status(puppet: PuppetAgent, nowMs: number): Promise<PuppetActions['status']['output']> {
  const [state, lastRun, single] = await Promise.all([puppet.state(), puppet.lastRunAt(), puppet.singleRun()])
  const word = agentStatusWord(state)
  return {
    applying: state.applying,
    idling: state.daemonPid !== undefined && !state.applying,
    starting: single && !state.applying,
    enabled: state.enabled,
    daemon_present: state.daemonPid !== undefined,
    lastrun: lastRun,
    since_lastrun: secondsSince(lastRun, nowMs),
    status: word,
    disable_message: state.disableMessage,
    message: `Currently ${word}; ${lastRunText(lastRun, nowMs)}`,
  }
}

async function lastRunSummary(
  puppet: PuppetAgent,
  withLogs: boolean,
  nowMs: number,
): Promise<PuppetActions['last_run_summary']['output']> {
  const [summary, types, logs] = await Promise.all([
    puppet.summary(),
    puppet.managedByType(),
    withLogs ? puppet.logs() : [],
  ])
  return {
    ...runCounts(summary),
    logs: logs.map(({ at, level, source, message }) => ({ time_utc: at, time: at, level, source, msg: message })),
    since_lastrun: secondsSince(summary.lastRunAt, nowMs),
    type_distribution: types,
    summary: summary.all,
  }
}

async function lastRunReport(puppet: PuppetAgent): Promise<PuppetActions['last_run_report']['output']> {
  const [report, logs] = await Promise.all([puppet.report(), puppet.logs()])
  if (!report) throw refusal('There is no report: Puppet has not run on this node, or keeps none')
  return {
    id: report.id,
    time: report.startedAt,
    status: report.status,
    environment: report.environment,
    puppet_version: report.puppetVersion,
    noop: report.noop,
    config_version: report.configVersion,
    events: report.events.map(({ at, ...event }) => ({ ...event, time: at })),
    more_events: report.moreEvents,
    logs: logs.map(({ at, level, source, message }) => ({ time: at, level, source, msg: message })),
    metrics: report.seconds.map(({ name, seconds }) => ({ name, seconds })),
  }
}

function refusal(message: string): ActionFailed {
  return new ActionFailed(STATUS.aborted, message)
}
