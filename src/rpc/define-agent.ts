// How an agent is written in TypeScript: handlers typed by the DDL's inputs and outputs, checked by the compiler, and nothing
// else; the daemon brings the DDL. `mco plugin types NAME` writes the type from a DDL.

import type { Value, Values } from '#message/request.ts'
import type { ActionFailed, ActionHandler, Agent, Call, NodeView } from './agent.ts'
import type { Host } from './host.ts'

/** e.g. `interface EchoActions { say: { input: { msg: string }; output: { msg: string } } }`. */
export type ActionTypes = { readonly [action: string]: { readonly input: object; readonly output: object } }

/** What the handlers of an agent look like when its actions are typed. Keys of outputs may be left out: the DDL has defaults. */
export interface AgentDefinition<Actions> extends Omit<Agent, 'ddl' | 'actions'> {
  readonly actions: {
    readonly [Name in keyof Actions]?: (
      call: TypedCall<Actions[Name]>,
      node: NodeView,
    ) => Outputs<Actions[Name]> | undefined | Promise<Outputs<Actions[Name]> | undefined>
  }
}

type TypedCall<Action> = Omit<Call, 'data'> & { readonly data: Action extends { input: infer Input } ? Input : Values }
type Outputs<Action> = Action extends { output: infer Output } ? Partial<Output> : { readonly [name: string]: Value }

/** Everything of an agent but its DDL, as the loader takes it. */
export type AgentImplementation = Omit<Agent, 'ddl'>

/** What the loader hands to an agent module whose default export is a function: no import needed on the node. */
export interface AgentApi {
  readonly ActionFailed: typeof ActionFailed
  readonly defineAgent: typeof defineAgent
  readonly host: Host
}

/**
 * `export default defineAgent<EchoActions>({ actions: { say: (call) => ({ msg: call.data.msg }) } })`. Only types: it gives back
 * what it is given.
 */
export function defineAgent<Actions = ActionTypes>(definition: AgentDefinition<Actions>): AgentImplementation {
  return { ...definition, actions: definition.actions as Readonly<Record<string, ActionHandler>> }
}
