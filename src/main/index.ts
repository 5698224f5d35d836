// The library: what scripts import. `connect` reads the same configuration as `mco` and gives the same client `mco` is made of.
//

import type { ControllerActions } from '#agents/controller/controller-actions.ts'
import type { PackageActions } from '#agents/package/package-actions.ts'
import type { PuppetActions } from '#agents/puppet/puppet-actions.ts'
import type { PuppetdActions } from '#agents/puppetd/puppetd-actions.ts'
import type { PuppetralActions } from '#agents/puppetral/puppetral-actions.ts'
import type { RosterActions } from '#agents/roster/roster-actions.ts'
import type { RpcutilActions } from '#agents/rpcutil/rpcutil-actions.ts'
import type { ServiceActions } from '#agents/service/service-actions.ts'
import type { ActionTypes, AgentClient, Client } from '#client/api.ts'
import { clientSettingsFrom } from './client-settings.ts'
import { openClient } from './open-client.ts'
import { openPluginShelf } from './plugin-files.ts'
import { VERSION } from './version.ts'

export { isTroupeError, TroupeError } from '#base/errors.ts'
export type {
  ActionTypes,
  AgentClient,
  CallHandle,
  CallOptions,
  CallProgress,
  CallReply,
  CallSummary,
  Discovery,
} from '#client/api.ts'
export type { FactTest, Filter } from '#message/filter.ts'
export type { Value, Values } from '#message/request.ts'
export { ActionFailed } from '#rpc/agent.ts'
export { type AgentApi, type AgentImplementation, defineAgent } from '#rpc/define-agent.ts'
export { parseCompound } from '#rpc/match/compound.ts'
export { parseFactTest, parseWith } from '#rpc/match/fact-test.ts'

/** Agents whose actions the compiler knows; add yours: `declare module 'troupe' { interface AgentTypes { backup: BackupActions } }`. */
export interface AgentTypes {
  controller: ControllerActions
  package: PackageActions
  puppet: PuppetActions
  puppetd: PuppetdActions
  puppetral: PuppetralActions
  roster: RosterActions
  rpcutil: RpcutilActions
  service: ServiceActions
}

/** A connected client whose built-in agents are typed. */
export interface Collective extends Omit<Client, 'agent'> {
  /** An agent to call. Throws DDL_NOT_FOUND when its DDL is not installed here. */
  agent<Name extends keyof AgentTypes>(name: Name): AgentClient<AgentTypes[Name] & ActionTypes>
  agent(name: string): AgentClient<ActionTypes>
}

export interface ConnectOptions {
  /** Configuration file; default: where `mco` looks. */
  readonly config?: string
  /** Gives up connecting. */
  readonly signal?: AbortSignal
}

/**
 * Connects to the collective.
 *
 *     const mco = await connect()
 *     for await (const reply of mco.agent('rpcutil').call('ping')) console.log(reply.sender)
 *     await mco.close()
 *
 * Throws CONFIG_* and TRANSPORT_*.
 */
export async function connect(options: ConnectOptions = {}): Promise<Collective> {
  const settings = clientSettingsFrom(options.config)
  const shelf = openPluginShelf(settings.libdirs, VERSION)
  return (await openClient(settings, shelf, options.signal ? { signal: options.signal } : {})) as Collective
}
