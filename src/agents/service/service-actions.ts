// Made from the DDL of agent service 4.1.0. Do not edit: change the DDL.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** Start and stop system services */
export interface ServiceActions {
  /** Gets the status of a service */
  status: {
    input: {
      /** The service to get the status for */
      service: string
    }
    output: {
      /** The status of the service */
      status: Value
      /** Whether the node has a service of that name */
      known: Value
    }
  }
  /** Start a service */
  start: {
    input: {
      /** The service to start */
      service: string
      /** Change nothing, only say what would change */
      noop?: boolean
    }
    output: {
      /** The status of the service after the start */
      status: Value
      /** Whether the node has a service of that name */
      known: Value
      /** What was done, or with noop would be: the action, the service, and its status before and after */
      changes: Value
    }
  }
  /** Stop a service */
  stop: {
    input: {
      /** The service to stop */
      service: string
      /** Change nothing, only say what would change */
      noop?: boolean
    }
    output: {
      /** The status of the service after the stop */
      status: Value
      /** Whether the node has a service of that name */
      known: Value
      /** What was done, or with noop would be: the action, the service, and its status before and after */
      changes: Value
    }
  }
  /** Restart a service */
  restart: {
    input: {
      /** The service to restart */
      service: string
      /** Change nothing, only say what would change */
      noop?: boolean
    }
    output: {
      /** The status of the service after the restart */
      status: Value
      /** Whether the node has a service of that name */
      known: Value
      /** What was done, or with noop would be: the action, the service, and its status before and after */
      changes: Value
    }
  }
}
