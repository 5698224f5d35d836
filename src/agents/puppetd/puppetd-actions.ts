// Made from the DDL of agent puppetd 1.8. Do not edit: change the DDL.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** Run the Puppet agent, get its status, and enable or disable it */
export interface PuppetdActions {
  /** Retrieves the summary of the last Puppet run */
  last_run_summary: {
    input: Record<never, never>
    output: {
      /** Seconds each part of the run took, and when it ended */
      time: Value
      /** How many resources changed, failed and so on */
      resources: Value
      /** How many changes were made */
      changes: Value
      /** How many events succeeded and failed */
      events: Value
    }
  }
  /** Enables the Puppet agent */
  enable: {
    input: Record<never, never>
    output: {
      /** What was done */
      output: Value
    }
  }
  /** Disables the Puppet agent */
  disable: {
    input: Record<never, never>
    output: {
      /** What was done */
      output: Value
    }
  }
  /** Initiates a single Puppet run */
  runonce: {
    input: {
      /** Whether the run begins at once instead of after a random wait that spreads the load on the master */
      forcerun?: boolean
    }
    output: {
      /** What was done */
      output: Value
    }
  }
  /** Gets the current status of the Puppet agent */
  status: {
    input: Record<never, never>
    output: {
      /** disabled, running, idling or stopped */
      status: Value
      /** Whether Puppet may run */
      enabled: Value
      /** Whether a run is in progress */
      running: Value
      /** Whether the Puppet daemon waits for its next run */
      idling: Value
      /** Whether there is neither a run nor a daemon */
      stopped: Value
      /** Whether a single run was started that has not begun to fetch its catalogue */
      starting: Value
      /** When the last run ended, seconds since 1970; 0 when Puppet never ran */
      lastrun: Value
      /** All of it in one sentence */
      output: Value
    }
  }
}
