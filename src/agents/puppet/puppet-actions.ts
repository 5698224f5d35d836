// Made from the DDL of agent puppet 1.15.0. Do not edit: change the DDL.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** Run the Puppet agent, get its status, enable or disable it, and enforce single resources */
export interface PuppetActions {
  /** Evaluates one Puppet resource */
  resource: {
    input: {
      /** Type of the resource, such as file or user */
      type: string
      /** Name of the resource, such as /etc/motd */
      name: string
      /** Only says what would change */
      noop?: boolean
    }
    output: {
      /** What Puppet said about it */
      result: Value
      /** Whether the resource was changed */
      changed: Value
    }
  }
  /** Disables the Puppet agent */
  disable: {
    input: {
      /** Reason for disabling the Puppet agent */
      message?: string
    }
    output: {
      /** What was done */
      status: Value
      /** Whether Puppet may run */
      enabled: Value
    }
  }
  /** Enables the Puppet agent */
  enable: {
    input: Record<never, never>
    output: {
      /** What was done */
      status: Value
      /** Whether Puppet may run */
      enabled: Value
    }
  }
  /** Gets the summary of the last Puppet run */
  last_run_summary: {
    input: {
      /** Whether to return the log lines of the run as well */
      logs?: boolean
    }
    output: {
      /** Managed resources that were not in the state they should be in */
      out_of_sync_resources: Value
      /** Managed resources that could not be managed */
      failed_resources: Value
      /** Managed resources that somebody had changed and Puppet changed back */
      corrected_resources: Value
      /** Managed resources that were changed */
      changed_resources: Value
      /** Managed resources */
      total_resources: Value
      /** Seconds it took to get the catalogue from the master */
      config_retrieval_time: Value
      /** Seconds the whole run took */
      total_time: Value
      /** Log lines of the run */
      logs: Value
      /** When the last run ended, seconds since 1970; 0 when Puppet never ran */
      lastrun: Value
      /** Seconds since the last run */
      since_lastrun: Value
      /** Version of the catalogue */
      config_version: Value
      /** Managed resources of each type */
      type_distribution: Value
      /** The summary as Puppet wrote it */
      summary: Value
    }
  }
  /** Gets what changed and failed in the last Puppet run, its log lines and how long its parts took */
  last_run_report: {
    input: Record<never, never>
    output: {
      /** Of the run, as Puppet wrote it */
      id: Value
      /** When the run began, seconds since 1970 */
      time: Value
      /** changed, unchanged or failed */
      status: Value
      /** Puppet environment of the run */
      environment: Value
      /** Version of Puppet */
      puppet_version: Value
      /** Whether it only said what would change */
      noop: Value
      /** Version of the catalogue */
      config_version: Value
      /** Changes and failures: resource, property, status (success, failure, noop, audit), message, old, new, time; at most 1,000 */
      events: Value
      /** How many there are beyond those */
      more_events: Value
      /** Log lines of the run: time, level, source, msg */
      logs: Value
      /** Seconds by step or resource type, longest first: name, seconds */
      metrics: Value
    }
  }
  /** Gets the current status of the Puppet agent */
  status: {
    input: Record<never, never>
    output: {
      /** Whether a catalogue is being applied */
      applying: Value
      /** Whether the Puppet daemon waits for its next run */
      idling: Value
      /** Whether a single run was started that has not begun to fetch its catalogue */
      starting: Value
      /** Whether Puppet may run */
      enabled: Value
      /** Whether the Puppet daemon is running */
      daemon_present: Value
      /** When the last run ended, seconds since 1970; 0 when Puppet never ran */
      lastrun: Value
      /** Seconds since the last run */
      since_lastrun: Value
      /** disabled, applying a catalog, idling or stopped */
      status: Value
      /** Why the Puppet agent is disabled */
      disable_message: Value
      /** All of it in one sentence */
      message: Value
    }
  }
  /** Starts a Puppet run, or tells the Puppet daemon to run */
  runonce: {
    input: {
      /** Runs at once, without the random wait that spreads the load on the master */
      force?: boolean
      /** Master to run against, with or without a port */
      server?: string
      /** Applies only resources with one of these tags, a comma list */
      tags?: string
      /** Only says what would change */
      noop?: boolean
      /** Whether to wait a random time first */
      splay?: boolean
      /** The longest such wait, seconds */
      splaylimit?: number
      /** Puppet environment of the run */
      environment?: string
      /** Applies the last catalogue instead of asking the master for one */
      use_cached_catalog?: boolean
    }
    output: {
      /** What was done */
      summary: Value
      /** When the run was started, seconds since 1970 */
      initiated_at: Value
    }
  }
}
