// For tests of agents: a node to look at and a call to answer, both plain values. Not part of the product.

import { readFileSync } from 'node:fs'
import type { Values } from '#message/request.ts'
import type { Agent, Call, NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { parseDdl } from '#rpc/ddl/parse.ts'
import { findAction, validateInputs } from '#rpc/validate/check-inputs.ts'

/** The DDL of an agent of this folder. */
export function ddlOf(name: string): AgentDdl {
  const file = `${name}/${name}.ddl`
  return parseDdl(readFileSync(new URL(file, import.meta.url), 'utf8'), { kind: 'agent', name, file, version: '3.0.0' })
}

export function nodeView(change: Partial<NodeView> = {}): NodeView {
  return {
    identity: 'node1.example.com',
    version: '3.0.0',
    configFile: '/etc/mcollective/server.cfg',
    collectives: ['mcollective', 'dev'],
    mainCollective: 'mcollective',
    facts: () => ({ osfamily: 'Debian', os: { family: 'Debian', names: ['a', 'b'] }, 'os.own': 'flat' }),
    classes: () => ['ntp'],
    agents: () => [ddlOf('discovery'), ddlOf('rpcutil')],
    dataPlugins: () => ['fact', 'fstat'],
    queryData: async (source, query) => ({ source, query }),
    stats: () => ({
      ...{ validated: 1, unvalidated: 2, passed: 3, filtered: 4, total: 5, replies: 6, ttlExpired: 7, replayed: 8 },
      ...{
        startTime: 1795324100,
        pid: 4711,
        times: { utime: 1.5, stime: 0.5, cutime: 0, cstime: 0 },
        threads: ['idle'],
      },
    }),
    configItem: (name) => (name === 'ttl' ? 60 : undefined),
    setting: () => undefined,
    warnings: () => ['facts: stale'],
    ...change,
  }
}

/** Calls an action as the daemon does, inputs checked by the DDL. */
export async function callAction(
  agent: Agent,
  action: string,
  data: Values = {},
  node = nodeView(),
): Promise<Values | undefined> {
  validateInputs(findAction(agent.ddl, action), data)
  const call: Call = {
    ...{ action, data, caller: 'uid=0', sender: 'client.example.com', requestId: '0'.repeat(32), sentAtMs: 0 },
    ...{ collective: 'mcollective', signal: new AbortController().signal, reply: {}, progress: () => {} },
  }
  return agent.actions[action]?.(call, node)
}

/** What a text is answered. */
export async function sayText(agent: Agent, text: string) {
  return agent.text?.(text, {
    ...{ caller: 'uid=0', sender: 'client.example.com', requestId: '0'.repeat(32), sentAtMs: 0 },
    ...{ collective: 'mcollective', signal: new AbortController().signal },
  })
}
