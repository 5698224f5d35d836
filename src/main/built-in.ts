// The agents and data plugins that come with the product, made from the DDL files beside their code. [agents 5, 6, 7, 8]

import { readFileSync } from 'node:fs'
import { createControllerAgent, type DaemonControl } from '#agents/controller/controller.ts'
import { createDiscoveryAgent } from '#agents/discovery/discovery.ts'
import { createPuppetAgentAgent } from '#agents/puppet/puppet.ts'
import { createPuppetdAgent } from '#agents/puppetd/puppetd.ts'
import { createRosterAgent, type RosterView } from '#agents/roster/roster.ts'
import { createRpcutilAgent } from '#agents/rpcutil/rpcutil.ts'
import type { Clock } from '#base/clock.ts'
import { createAgentData } from '#data/agent/agent.ts'
import { createCollectiveData } from '#data/collective/collective.ts'
import { createFactData } from '#data/fact/fact.ts'
import { createFstatData } from '#data/fstat/fstat.ts'
import { createPuppetData } from '#data/puppet/puppet.ts'
import { createResourceData } from '#data/resource/resource.ts'
import type { PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import type { Agent } from '#rpc/agent.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { AgentDdl, DataDdl } from '#rpc/ddl/ddl.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { VERSION } from './version.ts'

/** Agents by name. `roster`: only on nodes that keep one. */
export function builtInAgents(parts: {
  readonly clock: Clock
  readonly control: DaemonControl
  readonly puppet: PuppetAgent
  readonly roster: RosterView | undefined
}): ReadonlyMap<string, Agent> {
  const { clock, control, puppet, roster } = parts
  const agents = new Map<string, Agent>([
    ['controller', createControllerAgent(agentDdl('controller'), control)],
    ['discovery', createDiscoveryAgent(agentDdl('discovery'))],
    ['puppet', createPuppetAgentAgent(agentDdl('puppet'), puppet, () => clock.now())],
    ['puppetd', createPuppetdAgent(agentDdl('puppetd'), puppet, () => clock.now())],
    ['rpcutil', createRpcutilAgent(agentDdl('rpcutil'), () => clock.now())],
  ])
  if (roster) agents.set('roster', createRosterAgent(agentDdl('roster'), roster))
  return agents
}

/** Data plugins by name without `_data`. */
export function builtInDataPlugins(clock: Clock, puppet: PuppetAgent): ReadonlyMap<string, DataPlugin> {
  return new Map<string, DataPlugin>([
    ['agent', createAgentData(dataDdl('agent'))],
    ['collective', createCollectiveData(dataDdl('collective'))],
    ['fact', createFactData(dataDdl('fact'))],
    ['fstat', createFstatData(dataDdl('fstat'), clock)],
    ['puppet', createPuppetData(dataDdl('puppet'), puppet, () => clock.now())],
    ['resource', createResourceData(dataDdl('resource'), puppet, () => clock.now())],
  ])
}

/** Parsed once a process: many nodes may share them. */
const parsed = new Map<string, AgentDdl | DataDdl>()

function agentDdl(name: string): AgentDdl {
  return once(`../agents/${name}/${name}.ddl`, (text, file) =>
    parseDdl(text, { kind: 'agent', name, file, version: VERSION }),
  )
}

function dataDdl(name: string): DataDdl {
  return once(`../data/${name}/${name}_data.ddl`, (text, file) =>
    parseDdl(text, { kind: 'data', name, file, version: VERSION }),
  )
}

function once<Parsed extends AgentDdl | DataDdl>(path: string, parse: (text: string, file: string) => Parsed): Parsed {
  const known = parsed.get(path)
  if (known) return known as Parsed
  const ddl = parse(readFileSync(new URL(path, import.meta.url), 'utf8'), path)
  parsed.set(path, ddl)
  return ddl
}
