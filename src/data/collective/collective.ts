// Data plugin `collective`: whether this node is a member of a collective. [wire 7.3] [agents 5]

import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { DataDdl } from '#rpc/ddl/ddl.ts'

export function createCollectiveData(ddl: DataDdl): DataPlugin {
  return {
    ddl,
    query: (name, node) => ({ member: name !== null && node.collectives.includes(name) }),
  }
}
