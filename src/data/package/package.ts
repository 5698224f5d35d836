// Data plugin `package`: which version of a package is installed. How that is found out is handed in: agents/package knows package
// managers. [agents 5]

import type { NodeView } from '#rpc/agent.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { DataDdl } from '#rpc/ddl/ddl.ts'

/** `ensure` is a full version, `absent` or `purged`. Throws an Error with the reason when it cannot be found out. */
export type AskPackage = (
  name: string,
  node: NodeView,
  signal: AbortSignal,
) => Promise<{ readonly ensure: string; readonly installed: boolean }>

export function createPackageData(ddl: DataDdl, ask: AskPackage): DataPlugin {
  return {
    ddl,
    async query(name, node, signal) {
      const { ensure, installed } = await ask(name ?? '', node, signal)
      return { status: ensure, installed }
    },
  }
}
