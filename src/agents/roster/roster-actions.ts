// Made from the DDL of agent roster 1.0. Do not edit: change the DDL.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** Keeps the registrations of nodes and tells who is expected to answer a request */
export interface RosterActions {
  /** Which nodes a request would reach, as far as their registrations tell */
  expected: {
    input: {
      /** The filter of the request as JSON: facts, classes, agents, identities, compounds; absent: every node */
      filter?: string
      /** Only nodes that have this agent */
      agent?: string
      /** Only nodes that are members of this collective */
      collective?: string
    }
    output: {
      /** Identities of the nodes expected to match, sorted */
      nodes: Value
      /** Identities of nodes the registrations cannot decide about, sorted */
      undecided: Value
      /** Nodes registered and not lost, whether they match or not */
      total: Value
      /** Seconds since 1970 when this roster began to listen; before one registration interval has passed it is incomplete */
      since: Value
    }
  }
  /** The registered nodes */
  list: {
    input: Record<never, never>
    output: {
      /** List of identity, lastseen (seconds since 1970), interval (seconds), version and, of a lost node, lost (seconds since 1970) */
      nodes: Value
    }
  }
  /** Removes a node from the roster until it registers again */
  forget: {
    input: {
      /** The node to forget */
      identity: string
    }
    output: {
      /** false when the node was not on the roster */
      forgotten: Value
    }
  }
}
