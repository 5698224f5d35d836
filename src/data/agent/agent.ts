// Data plugin `agent`: the metadata of an agent this node has. [wire 7.3] [agents 5]

import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { DataDdl } from '#rpc/ddl/ddl.ts'

/** `query('rpcutil')` throws when the node has no such agent. */
export function createAgentData(ddl: DataDdl): DataPlugin {
  return {
    ddl,
    query(name, node) {
      const agent = node.agents().find((candidate) => candidate.name === name)
      if (!agent) throw new Error(`No agent called ${name} found`)
      const { license, timeoutSeconds: timeout, description, url, version, author } = agent.metadata
      return { license, timeout, description, url, version, author, agent: agent.name }
    },
  }
}
