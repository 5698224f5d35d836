// Made from the DDL of agent controller 1.0. Do not edit: change the DDL.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** Controls the daemon itself: statistics, reloading of agents, leaving the collective */
export interface ControllerActions {
  /** Cumulative statistics of the messages this daemon has handled */
  stats: {
    input: Record<never, never>
    output: {
      /** Counters: total, validated, unvalidated, passed, filtered, replies, ttlexpired, replayed, starttime */
      stats: Value
      /** What the daemon is doing now */
      threads: Value
      /** Process ID of the daemon */
      pid: Value
      /** Processor time consumed by the daemon */
      times: Value
      /** List of agents loaded */
      agents: Value
    }
  }
  /** Reloads one agent's DDL and code from disk */
  reload_agent: {
    input: {
      /** The agent to reload */
      agent: string
    }
    output: {
      /** What was done */
      message: Value
      /** added, changed, unchanged or removed */
      change: Value
    }
  }
  /** Reloads all agents' DDLs and code from disk */
  reload_agents: {
    input: Record<never, never>
    output: {
      /** What was done */
      message: Value
      /** Agents that are new */
      added: Value
      /** Agents of which DDL or code differ from before */
      changed: Value
      /** Agents that are gone */
      removed: Value
      /** Agents that could not be loaded, with the reason; their old version stays in use */
      failed: Value
    }
  }
  /** Leaves the collective and ends the daemon */
  exit: {
    input: Record<never, never>
    output: {
      /** What was done */
      message: Value
    }
  }
}
