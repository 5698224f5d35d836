// The agent `service`: start, stop, restart and status of a service by whatever init system the node has. A service that did not come back
// is a failure with its state. No input reaches a shell, none can be taken for an option. [agents 11, R-038..R-041, R-088, M-050, B-030]

import { messageOf } from '#base/errors.ts'
import type { Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import { ActionFailed, type Agent, type Call, type NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { defineAgent } from '#rpc/define-agent.ts'
import { createTurns } from '../turns.ts'
import type { ServiceAction, ServiceState } from './init-system.ts'
import type { ServiceActions } from './service-actions.ts'
import { createServices, isServiceName, type Services, type ServicesParts } from './services.ts'

type Outputs = { status: string; known: boolean }
type ServiceCall = Omit<Call, 'data'> & { readonly data: { readonly service: string; readonly noop?: boolean } }

/** Leaves of the agent's 60 s what an action may take at most. */
const TURN_SECONDS = 9

export function createServiceAgent(ddl: AgentDdl, parts: ServicesParts): Agent {
  const open = (node: NodeView): Services => createServices(parts, (name) => node.setting(name))
  const turns = createTurns(parts.clock)
  const act = (action: ServiceAction) => (call: ServiceCall, node: NodeView) => {
    const name = checked(call.data.service)
    const work = () => change(open(node), action, name, call)
    // Looking locks nothing and may go on beside a change.
    if (call.data.noop === true) return work()
    return turns.run(name, TURN_SECONDS, work, () => {
      const why = `another start, stop or restart of it did not end within ${TURN_SECONDS} s`
      throw new ActionFailed(STATUS.aborted, `Could not ${action} '${name}': ${why}`)
    })
  }
  const implementation = defineAgent<ServiceActions>({
    actions: {
      async status({ data, signal }, node) {
        return outputs(await stateOf(open(node), checked(data.service), signal))
      },
      start: act('start'),
      stop: act('stop'),
      restart: act('restart'),
    },
  })
  return { ...implementation, ddl }
}

async function change(
  services: Services,
  action: ServiceAction,
  name: string,
  { data, signal }: ServiceCall,
): Promise<Outputs & { changes: readonly Values[] }> {
  const refuse = (why: string, state: ServiceState): never => {
    throw new ActionFailed(STATUS.aborted, `Could not ${action} '${name}': ${why}`, outputs(state))
  }
  // A restart is for whatever state it is in; only one that is tried has to know it.
  const before = action === 'restart' && data.noop !== true ? undefined : await stateOf(services, name, signal)
  if (before && action === 'start' && before.running) refuse('Service is already running', before)
  if (before && action === 'stop' && !before.running) {
    const unknown = before.known ? '' : `, ${before.detail ?? 'there is no such service'}`
    refuse(`Service is already stopped${unknown}`, before)
  }
  const from = before ? outputs(before).status : null
  const changed = (to: string): readonly Values[] => [{ action, service: name, from, to }]
  if (before && data.noop === true) {
    if (!before.known) refuse(before.detail ?? 'there is no such service', before)
    return { ...outputs(before), changes: changed(action === 'stop' ? 'stopped' : 'running') }
  }
  const { state, failure } = await services.act(action, name, signal).catch((error) => {
    throw new ActionFailed(STATUS.aborted, `Could not ${action} '${name}': ${messageOf(error)}`)
  })
  if (failure !== undefined) refuse(failure, state)
  return { ...outputs(state), changes: changed(outputs(state).status) }
}

async function stateOf(services: Services, name: string, signal: AbortSignal): Promise<ServiceState> {
  try {
    return await services.state(name, signal)
  } catch (error) {
    throw new ActionFailed(STATUS.aborted, `Could not get the status of '${name}': ${messageOf(error)}`)
  }
}

function outputs(state: ServiceState): Outputs {
  return { status: state.running ? 'running' : 'stopped', known: state.known }
}

/** The DDL has checked the characters; a node trusts nobody. */
function checked(name: string): string {
  if (isServiceName(name)) return name
  throw new ActionFailed(STATUS.invalidData, `'${name}' is not a valid service name`)
}
