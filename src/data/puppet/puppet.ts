// Data plugin `puppet`: the state of the Puppet agent, for filters such as `puppet().enabled=true`. [agents 5]

import { agentStatusWord } from '#puppet/agent/agent-status.ts'
import type { PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import type { DataDdl } from '#rpc/ddl/ddl.ts'

/** `now`: milliseconds since 1970. A node on which Puppet never ran has the seconds since 1970 as `since_lastrun`. */
export function createPuppetData(ddl: DataDdl, puppet: PuppetAgent, now: () => number): DataPlugin {
  return {
    ddl,
    activate: () => puppet.present(),
    async query() {
      const [state, lastRun] = await Promise.all([puppet.state(), puppet.lastRunAt()])
      const { applying, enabled, daemonPid, disableMessage } = state
      return {
        applying,
        enabled,
        daemon_present: daemonPid !== undefined,
        lastrun: lastRun,
        since_lastrun: Math.max(0, Math.floor(now() / 1000) - lastRun),
        status: agentStatusWord(state),
        disable_message: disableMessage,
        idling: daemonPid !== undefined && !applying,
      }
    },
  }
}
