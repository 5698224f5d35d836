// The agent `controller`: the daemon itself, as actions and, under the name `mcollective`, as the bare texts of 1.x. Policies
// named `controller` decide who may; the daemon is handed in. [agents 8, cli 8.14, B-026, B-027]

import { messageOf } from '#base/errors.ts'
import type { Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import { ActionFailed, type Agent, type NodeStats } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'

/** What of the daemon can be controlled. */
export interface DaemonControl {
  stats(): NodeStats
  agents(): readonly string[]
  reloadAgents(): Promise<{
    readonly added: readonly string[]
    readonly changed: readonly string[]
    readonly removed: readonly string[]
    readonly failed: { readonly [agent: string]: string }
  }>
  /** Rejects with the reason; the old version stays. */
  reloadAgent(name: string): Promise<'added' | 'changed' | 'unchanged' | 'removed'>
  /** Leaves the collective and ends the process with code 0, after the answer to this request. */
  exit(): void
}

export function createControllerAgent(ddl: AgentDdl, control: DaemonControl): Agent {
  const reloadAgent = async (name: string): Promise<Values> => {
    try {
      const change = await control.reloadAgent(name)
      const done = change === 'removed' ? 'removed' : 'reloaded'
      return { message: `${done} ${name} agent`, change }
    } catch (error) {
      throw new ActionFailed(STATUS.aborted, messageOf(error))
    }
  }
  const reloadAgents = async (): Promise<Values> => {
    const { added, changed, removed, failed } = await control.reloadAgents()
    const outputs = { message: 'reloaded all agents', added, changed, removed, failed }
    const reasons = Object.entries(failed).map(([agent, reason]) => `${agent}: ${reason}`)
    if (reasons.length === 0) return outputs
    throw new ActionFailed(STATUS.aborted, `could not reload ${reasons.join('; ')}`, {
      ...outputs,
      message: 'reloaded the other agents',
    })
  }
  const exit = (): Values => {
    control.exit()
    return { message: 'exiting after request to controller' }
  }

  return {
    ddl,
    actions: {
      stats: () => statistics(control),
      reload_agent: ({ data }) => reloadAgent(String(data.agent)),
      reload_agents: reloadAgents,
      exit,
    },
    async text(text) {
      const [command = '', ...rest] = text.split(' ')
      const argument = rest.join(' ').trim()
      switch (command) {
        case 'stats':
          return statistics(control)
        case 'reload_agent':
          if (!/^[\w.-]{1,100}$/.test(argument)) {
            throw new ActionFailed(STATUS.missingData, 'reload_agent needs the name of an agent')
          }
          return String((await reloadAgent(argument)).message)
        case 'reload_agents':
          return String((await reloadAgents()).message)
        case 'exit':
          return String(exit().message)
        default:
          throw new ActionFailed(
            STATUS.unknownAction,
            `Unknown controller command '${command.slice(0, 100)}': it must be one of ${ddl.actions.map((action) => action.name).join(', ')}`,
          )
      }
    },
  }
}

function statistics(control: DaemonControl): Values {
  const {
    validated,
    unvalidated,
    passed,
    filtered,
    total,
    replies,
    ttlExpired,
    replayed,
    startTime,
    threads,
    pid,
    times,
  } = control.stats()
  return {
    stats: {
      validated,
      unvalidated,
      passed,
      filtered,
      starttime: startTime,
      total,
      replies,
      ttlexpired: ttlExpired,
      replayed,
    },
    threads,
    pid,
    times,
    agents: control.agents(),
  }
}
