// A data plugin: one optional query, several scalar outputs, used by `-S` filters, policies and rpcutil.get_data.
// [agents 5]

import type { Values } from '#message/request.ts'
import type { NodeView } from './agent.ts'
import type { DataDdl } from './ddl/ddl.ts'

export interface DataPlugin {
  readonly ddl: DataDdl
  /** Absent: always active. */
  activate?(node: NodeView): boolean | Promise<boolean>
  /** Outputs by name; throws when the query cannot be answered. Must respect `signal` (the DDL's timeout). */
  query(query: string | null, node: NodeView, signal: AbortSignal): Promise<Values> | Values
}
