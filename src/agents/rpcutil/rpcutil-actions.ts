// Made from the DDL of agent rpcutil 1.0. Do not edit: change the DDL.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** General helpful actions that expose stats and internals to SimpleRPC clients */
export interface RpcutilActions {
  /** Info about the main and sub collectives that configured on a node */
  collective_info: {
    input: Record<never, never>
    output: {
      /** The main collective a node belongs to */
      main_collective: Value
      /** All collectives a node belongs to */
      collectives: Value
    }
  }
  /** System Inventory */
  inventory: {
    input: Record<never, never>
    output: {
      /** List of agent names */
      agents: Value
      /** List of facts and values */
      facts: Value
      /** List of classes on the system */
      classes: Value
      /** MCollective Version */
      version: Value
      /** The main collective a node belongs to */
      main_collective: Value
      /** All collectives a node belongs to */
      collectives: Value
      /** List of data plugin names */
      data_plugins: Value
      /** What is stale or broken on the node: facts, classes, agents */
      warnings: Value
    }
  }
  /** Retrieve a single fact from the fact store */
  get_fact: {
    input: {
      /** The fact to retrieve */
      fact: string
    }
    output: {
      /** The name of the fact being returned */
      fact: Value
      /** The value of the fact */
      value: Value
    }
  }
  /** Retrieve multiple facts from the fact store */
  get_facts: {
    input: {
      /** Facts to retrieve */
      facts: string
    }
    output: {
      /** List of values of the facts */
      values: Value
    }
  }
  /** Get statistics from the running daemon */
  daemon_stats: {
    input: Record<never, never>
    output: {
      /** List of threads active in the daemon */
      threads: Value
      /** List of agents loaded */
      agents: Value
      /** Process ID of the daemon */
      pid: Value
      /** Processor time consumed by the daemon */
      times: Value
      /** Messages that passed security validation */
      validated: Value
      /** Messages that failed security validation */
      unvalidated: Value
      /** Passed filter checks */
      passed: Value
      /** Didn't pass filter checks */
      filtered: Value
      /** Time the server started */
      starttime: Value
      /** Total messages received */
      total: Value
      /** Replies sent back to clients */
      replies: Value
      /** Config file used to start the daemon */
      configfile: Value
      /** MCollective Version */
      version: Value
      /** Messages that did pass TTL checks */
      ttlexpired: Value
      /** Messages received a second time and dropped */
      replayed: Value
    }
  }
  /** Inventory of all agents on the server */
  agent_inventory: {
    input: Record<never, never>
    output: {
      /** List of agents on the server */
      agents: Value
    }
  }
  /** Get the active value of a specific config property */
  get_config_item: {
    input: {
      /** The item to retrieve from the server */
      item: string
    }
    output: {
      /** The config property being retrieved */
      item: Value
      /** The value that is in use */
      value: Value
    }
  }
  /** Get data from a data plugin */
  get_data: {
    input: {
      /** The data plugin to retrieve information from */
      source: string
      /** The query argument to supply to the data plugin */
      query?: string
    }
    output: Record<never, never>
  }
  /** Responds to requests for PING with PONG */
  ping: {
    input: Record<never, never>
    output: {
      /** The local timestamp */
      pong: Value
    }
  }
  /** Responds with the identity of the node */
  find: {
    input: Record<never, never>
    output: {
      /** The identity of the node */
      identity: Value
    }
  }
}
