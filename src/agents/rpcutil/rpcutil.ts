// The agent `rpcutil`: what a node says of itself. [wire 7.1, agents 7]

import type { Value, Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import { ActionFailed, type Agent, type NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { defineAgent } from '#rpc/define-agent.ts'
import { findFact } from '#rpc/match/compare.ts'

type Nothing = Record<never, never>

export interface RpcutilActions {
  collective_info: { input: Nothing; output: { main_collective: string; collectives: readonly string[] } }
  inventory: {
    input: Nothing
    output: {
      agents: readonly string[]
      facts: Values
      classes: readonly string[]
      version: string
      main_collective: string
      collectives: readonly string[]
      data_plugins: readonly string[]
      warnings: readonly string[]
    }
  }
  get_fact: { input: { fact: string }; output: { fact: string; value: Value } }
  get_facts: { input: { facts: string }; output: { values: Values } }
  daemon_stats: { input: Nothing; output: Values }
  agent_inventory: { input: Nothing; output: { agents: readonly Values[] } }
  get_config_item: { input: { item: string }; output: { item: string; value: Value } }
  get_data: { input: { source: string; query?: string }; output: Values }
  ping: { input: Nothing; output: { pong: number } }
  find: { input: Nothing; output: { identity: string } }
}

/** `now`: milliseconds since 1970. */
export function createRpcutilAgent(ddl: AgentDdl, now: () => number): Agent {
  const implementation = defineAgent<RpcutilActions>({
    actions: {
      collective_info: (_call, node) => ({ main_collective: node.mainCollective, collectives: node.collectives }),
      inventory: (_call, node) => inventory(node),
      get_fact: ({ data }, node) => ({ fact: data.fact, value: findFact(node.facts(), data.fact) ?? null }),
      get_facts: ({ data }, node) => ({ values: factValues(node.facts(), data.facts) }),
      daemon_stats: (_call, node) => daemonStats(node),
      agent_inventory: (_call, node) => ({ agents: node.agents().map(describeAgent) }),
      get_config_item({ data }, node) {
        const value = node.configItem(data.item)
        if (value === undefined) throw new ActionFailed(STATUS.aborted, `Unknown config property ${data.item}`)
        return { item: data.item, value }
      },
      get_data: ({ data }, node) => node.queryData(data.source, data.query ?? null),
      ping: () => ({ pong: Math.floor(now() / 1000) }),
      find: (_call, node) => ({ identity: node.identity }),
    },
  })
  return { ...implementation, ddl }
}

function inventory(node: NodeView): RpcutilActions['inventory']['output'] {
  return {
    agents: node.agents().map((ddl) => ddl.name),
    facts: node.facts(),
    classes: node.classes(),
    version: node.version,
    main_collective: node.mainCollective,
    collectives: node.collectives,
    data_plugins: node.dataPlugins().map((name) => `${name}_data`),
    warnings: node.warnings(),
  }
}

/** The counters under the names the field knows. [wire 7.2] */
function daemonStats(node: NodeView): Values {
  const { threads, pid, times, startTime, ttlExpired, replayed, ...counters } = node.stats()
  return {
    threads,
    agents: node.agents().map((ddl) => ddl.name),
    pid,
    times,
    validated: counters.validated,
    unvalidated: counters.unvalidated,
    passed: counters.passed,
    filtered: counters.filtered,
    starttime: startTime,
    total: counters.total,
    replies: counters.replies,
    configfile: node.configFile,
    version: node.version,
    ttlexpired: ttlExpired,
    replayed,
  }
}

function describeAgent({ name: agent, metadata }: AgentDdl): Values {
  const { license, timeoutSeconds: timeout, description, name, url, version, author } = metadata
  return { agent, license, timeout, description, name, url, version, author }
}

function factValues(facts: Values, names: string): Values {
  return Object.fromEntries(names.split(',').map((name) => [name.trim(), findFact(facts, name.trim()) ?? null]))
}
