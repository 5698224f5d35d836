// The agent `puppetd` of PE 2.0: runs, status and lock of the Puppet agent, in the words of 2011. On Puppet 3 and later `disabled` is the
// disable lock and `running` the live catalogue lock; a run in progress then keeps nobody from disabling the next one.
// [agents 10.2, R-033..R-037, M-048]

import type { Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import type { PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import type { RunState } from '#puppet/agent/run-state.ts'
import { ActionFailed, type Agent, type NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { defineAgent } from '#rpc/define-agent.ts'
import { rubyInspect } from '#rpc/inspect.ts'
import { lockMessage, orAborted, sinceText, splaySecondsOf } from '../puppet-wording.ts'
import type { PuppetdActions } from './puppetd-actions.ts'

/** Counts operators look for even when a run that failed left them out. */
const RESOURCE_COUNTS = ['failed', 'changed', 'total', 'restarted', 'out_of_sync']

/** `now`: milliseconds since 1970. */
export function createPuppetdAgent(ddl: AgentDdl, puppet: PuppetAgent, now: () => number): Agent {
  const implementation = defineAgent<PuppetdActions>({
    activate: async () => (await puppet.present()) || 'Puppet is not installed',
    actions: {
      enable: () => orAborted(() => enable(puppet)),
      disable: ({ caller }) => orAborted(() => disable(puppet, lockMessage(undefined, caller, now()))),
      runonce: ({ data }, node) => orAborted(() => runOnce(puppet, data.forcerun === true, node)),
      status: () => orAborted(() => status(puppet, now())),
      last_run_summary: () => orAborted(() => lastRunSummary(puppet)),
    },
  })
  return { ...implementation, ddl }
}

async function enable(puppet: PuppetAgent): Promise<{ output: string }> {
  const change = await puppet.enable()
  if (change === 'done') return { output: 'Lock removed' }
  throw refusal(change === 'running' ? "Currently running; can't remove lock" : 'Already unlocked')
}

async function disable(puppet: PuppetAgent, message: string): Promise<{ output: string }> {
  const change = await puppet.disable(message)
  if (change === 'done') return { output: 'Lock created' }
  throw refusal(change === 'running' ? "Currently running; can't remove lock" : 'Already disabled')
}

async function runOnce(puppet: PuppetAgent, force: boolean, node: NodeView): Promise<{ output: string }> {
  const state = await puppet.state()
  if (state.applying) throw refusal('Lock file and PID file exist; puppet agent appears to be running.')
  if (!state.enabled) throw refusal('Lock file exists, but no PID file; puppet agent looks disabled.')
  if (state.daemonPid !== undefined) {
    await puppet.wakeDaemon(state.daemonPid)
    return { output: `Signalled daemonized puppet agent to run (process ${state.daemonPid})` }
  }
  const broken = await puppet.brokenPidFile()
  if (broken !== undefined) throw refusal(`PID file does not contain a PID; got ${rubyInspect(broken)}`)
  const splaySeconds = splaySecondsOf(node.setting('puppetd.splaytime'))
  const command = node.setting('puppetd.puppetd') ?? node.setting('puppet.command') ?? 'puppet agent'
  const splay = force || splaySeconds === 0 ? { splay: false } : { splay: true, splayLimitSeconds: splaySeconds }
  const text = await puppet.startRun(command, ['--onetime', '--no-daemonize'], splay)
  return { output: `Started a Puppet run using the '${text}' command` }
}

async function status(puppet: PuppetAgent, nowMs: number): Promise<PuppetdActions['status']['output']> {
  const [state, lastRun, single] = await Promise.all([puppet.state(), puppet.lastActivityAt(), puppet.singleRun()])
  const idling = state.daemonPid !== undefined && !state.applying
  const stopped = state.daemonPid === undefined && !state.applying
  const [is, runs] = [state.enabled ? 'Enabled' : 'Disabled', state.applying ? 'running' : 'not running']
  return {
    status: statusWord(state),
    enabled: Number(state.enabled),
    running: Number(state.applying),
    idling: Number(idling),
    stopped: Number(stopped),
    starting: Number(single && !state.applying),
    lastrun: lastRun,
    output: `${is}, ${runs}, last run ${sinceText(lastRun, nowMs, (seconds) => `${seconds} seconds ago`)}`,
  }
}

function statusWord({ enabled, applying, daemonPid }: RunState): string {
  if (!enabled) return 'disabled'
  if (applying) return 'running'
  return daemonPid === undefined ? 'stopped' : 'idling'
}

async function lastRunSummary(puppet: PuppetAgent): Promise<PuppetdActions['last_run_summary']['output']> {
  const { resources, time, events, changes } = await puppet.summary()
  const zeros: Values = Object.fromEntries(RESOURCE_COUNTS.map((name) => [name, 0]))
  return { resources: { ...zeros, ...resources }, time, events, changes }
}

function refusal(message: string): ActionFailed {
  return new ActionFailed(STATUS.aborted, message)
}
