// Made from the DDL of agent puppetral 0.3. Do not edit: change the DDL.

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** View and edit resources with Puppet's resource abstraction layer */
export interface PuppetralActions {
  /** Add a resource to the node, or change it */
  create: {
    input: {
      /** Type of resource to add or change */
      type: string
      /** Title of the resource; needed unless there is a name */
      title?: string
      /** Another word for the title; beside a title, the parameter of that name */
      name?: string
      /** Parameter to leave out when another resource has its value already, or the resource exists */
      avoid_conflict?: string
      /** Tell what would be done and do nothing */
      noop?: boolean
      /** Show sensitive properties, if the node allows the caller to see them */
      reveal?: boolean
    }
    output: {
      /** What became of it */
      status: Value
      /** The resource as it is now */
      resource: Value
    }
  }
  /** Get the attributes and status of a resource */
  find: {
    input: {
      /** Type of resource to look at */
      type: string
      /** Title of the resource; needed unless there is a name */
      title?: string
      /** Another word for the title */
      name?: string
      /** Ask this provider and no other, such as gem for packages */
      provider?: string
      /** Show sensitive properties, if the node allows the caller to see them */
      reveal?: boolean
    }
    output: {
      /** Type of the resource */
      type: Value
      /** Title of the resource */
      title: Value
      /** Tags of the resource */
      tags: Value
      /** Whether the resource is exported */
      exported: Value
      /** State of the resource */
      parameters: Value
      /** Whether Puppet manages the resource on the node */
      managed: Value
    }
  }
  /** Get the attributes and status of all resources of a type */
  search: {
    input: {
      /** Type of resources to look at */
      type: string
      /** Ask this provider and no other, such as apt for packages */
      provider?: string
      /** Show sensitive properties, if the node allows the caller to see them */
      reveal?: boolean
    }
    output: {
      /** The resources, sorted by title */
      result: Value
    }
  }
}
