// Data plugin `resource`: whether Puppet manages a resource, and the counts of its last run. [agents 5]

import { runCounts } from '#puppet/agent/agent-status.ts'
import type { PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { DataDdl } from '#rpc/ddl/ddl.ts'

/** `now`: milliseconds since 1970. */
export function createResourceData(ddl: DataDdl, puppet: PuppetAgent, now: () => number): DataPlugin {
  return {
    ddl,
    activate: () => puppet.present(),
    async query(query) {
      const [, type = '', title = ''] = /^([^[]+)\[(.*)\]$/s.exec(query ?? '') ?? []
      const [managed, summary] = await Promise.all([
        query === null ? false : puppet.manages(type, title),
        puppet.summary(),
      ])
      const counts = runCounts(summary)
      return { managed, ...counts, since_lastrun: Math.max(0, Math.floor(now() / 1000) - counts.lastrun) }
    },
  }
}
