// Data plugin `service`: whether a service runs. How that is found out is handed in: agents/service knows init systems. [agents 5]

import type { NodeView } from '#rpc/agent.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { DataDdl } from '#rpc/ddl/ddl.ts'

/** Throws an Error with the reason when the state cannot be found out, or the name is none. */
export type AskService = (
  name: string,
  node: NodeView,
  signal: AbortSignal,
) => Promise<{ readonly running: boolean; readonly known: boolean }>

export function createServiceData(ddl: DataDdl, ask: AskService): DataPlugin {
  return {
    ddl,
    async query(name, node, signal) {
      const { running, known } = await ask(name ?? '', node, signal)
      return { status: running ? 'running' : 'stopped', known }
    },
  }
}
