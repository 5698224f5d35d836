// The agents and data plugins that come with the product, made from the DDL files beside their code. [agents 5, 6, 7, 8]

import { readFileSync } from 'node:fs'
import { createControllerAgent, type DaemonControl } from '#agents/controller/controller.ts'
import { createDiscoveryAgent } from '#agents/discovery/discovery.ts'
import { createUpdatesMemory, type UpdatesMemory } from '#agents/package/apt-updates.ts'
import { createPackageAgent } from '#agents/package/package.ts'
import { createPackages, isPackageName } from '#agents/package/packages.ts'
import { createPuppetAgentAgent } from '#agents/puppet/puppet.ts'
import { createPuppetdAgent } from '#agents/puppetd/puppetd.ts'
import { createPuppetralAgent } from '#agents/puppetral/puppetral.ts'
import { createRosterAgent, type RosterView } from '#agents/roster/roster.ts'
import { createRpcutilAgent } from '#agents/rpcutil/rpcutil.ts'
import { createServiceAgent } from '#agents/service/service.ts'
import { createServices } from '#agents/service/services.ts'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { createAgentData } from '#data/agent/agent.ts'
import { createCollectiveData } from '#data/collective/collective.ts'
import { createFactData } from '#data/fact/fact.ts'
import { createFstatData } from '#data/fstat/fstat.ts'
import { createPackageData } from '#data/package/package.ts'
import { createPuppetData } from '#data/puppet/puppet.ts'
import { createResourceData } from '#data/resource/resource.ts'
import { createServiceData } from '#data/service/service.ts'
import type { PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import type { RalAccess } from '#puppet/ral/open-ral.ts'
import type { Agent, NodeView } from '#rpc/agent.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { AgentDdl, DataDdl } from '#rpc/ddl/ddl.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import type { Host, HostFiles } from '#rpc/host.ts'
import { VERSION } from './version.ts'

/** What agents and data plugins may ask of the machine. */
export interface MachineParts {
  readonly clock: Clock
  readonly host: Host
  readonly files: HostFiles
}

/** Agents by name. `roster`: only on nodes that keep one. */
export function builtInAgents(
  parts: MachineParts & {
    readonly control: DaemonControl
    readonly puppet: PuppetAgent
    readonly ral: RalAccess
    readonly log: Log
    readonly roster: RosterView | undefined
  },
): ReadonlyMap<string, Agent> {
  const { clock, control, log, puppet, ral, roster } = parts
  const withMemory = { ...parts, updates: createUpdatesMemory() }
  const agents = new Map<string, Agent>([
    ['controller', createControllerAgent(agentDdl('controller'), control)],
    ['discovery', createDiscoveryAgent(agentDdl('discovery'))],
    ['package', createPackageAgent(agentDdl('package'), { clock, packages: (node) => packagesOf(withMemory, node) })],
    ['puppet', createPuppetAgentAgent(agentDdl('puppet'), puppet, () => clock.now())],
    ['puppetd', createPuppetdAgent(agentDdl('puppetd'), puppet, () => clock.now())],
    ['puppetral', createPuppetralAgent(agentDdl('puppetral'), ral, log)],
    ['rpcutil', createRpcutilAgent(agentDdl('rpcutil'), () => clock.now())],
    ['service', createServiceAgent(agentDdl('service'), parts)],
  ])
  if (roster) agents.set('roster', createRosterAgent(agentDdl('roster'), roster))
  return agents
}

/** Data plugins by name without `_data`. */
export function builtInDataPlugins(
  parts: MachineParts & { readonly puppet: PuppetAgent },
): ReadonlyMap<string, DataPlugin> {
  const { clock, puppet } = parts
  return new Map<string, DataPlugin>([
    ['agent', createAgentData(dataDdl('agent'))],
    ['collective', createCollectiveData(dataDdl('collective'))],
    ['fact', createFactData(dataDdl('fact'))],
    ['fstat', createFstatData(dataDdl('fstat'), clock)],
    [
      'package',
      createPackageData(dataDdl('package'), async (name, node, signal) => {
        if (!isPackageName(name)) throw new Error(`'${name}' is not a valid package name`)
        return (await packagesOf(parts, node).manager()).state(name, signal)
      }),
    ],
    ['puppet', createPuppetData(dataDdl('puppet'), puppet, () => clock.now())],
    ['resource', createResourceData(dataDdl('resource'), puppet, () => clock.now())],
    [
      'service',
      createServiceData(dataDdl('service'), (name, node, signal) =>
        createServices(parts, (key) => node.setting(key)).state(name, signal),
      ),
    ],
  ])
}

function packagesOf(parts: MachineParts & { readonly updates?: UpdatesMemory }, node: NodeView) {
  return createPackages(parts, (key) => node.setting(key))
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
