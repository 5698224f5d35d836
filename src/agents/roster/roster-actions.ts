// Made from the DDL of agent roster 1.1. Do not edit: change the DDL.

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
    input: {
      /** Names of facts to tell of each node, at most 10, a comma list; absent: none */
      facts?: string
    }
    output: {
      /** List of identity, lastseen (seconds since 1970), interval (seconds), version, of a lost node lost (seconds since 1970), and facts (texts by name) when they were asked for */
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
  /** The facts that registered nodes have */
  facts: {
    input: Record<never, never>
    output: {
      /** List of name and nodes (how many have it), the most frequent first, at most 5,000; paths inside facts that are maps, such as os.family, are among them */
      facts: Value
      /** How many there are beyond those */
      more: Value
    }
  }
  /** The values of a fact */
  values: {
    input: {
      /** Name of the fact, or a path inside one, such as os.family */
      fact: string
    }
    output: {
      /** List of name (the value as text) and nodes (how many have it), the most frequent first, at most 5,000 */
      values: Value
      /** How many there are beyond those */
      more: Value
    }
  }
  /** The Puppet classes that registered nodes have */
  classes: {
    input: Record<never, never>
    output: {
      /** List of name and nodes (how many have it), the most frequent first, at most 5,000 */
      classes: Value
      /** How many there are beyond those */
      more: Value
    }
  }
  /** The agents that registered nodes have */
  agents: {
    input: Record<never, never>
    output: {
      /** List of name and nodes (how many have it), the most frequent first, at most 5,000 */
      agents: Value
      /** How many there are beyond those */
      more: Value
    }
  }
}
