// The action `resource` of the agent `puppet`: may this type, this name be touched from outside, does Puppet manage it, and then what
// Puppet made of it. Nothing is allowed unless the node's configuration lists it. [agents 10.3, cli 8.11, M-049]

import type { Value, Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import { capitalized } from '#puppet/agent/managed-resources.ts'
import type { PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import { ActionFailed, type NodeView } from '#rpc/agent.ts'
import { switchOf } from '../puppet-wording.ts'
import type { PuppetActions } from './puppet-actions.ts'

interface ResourceCall {
  readonly data: PuppetActions['resource']['input']
  readonly signal: AbortSignal
}

export async function applyResource(
  puppet: PuppetAgent,
  { data, signal }: ResourceCall,
  node: NodeView,
): Promise<PuppetActions['resource']['output']> {
  const { type, name, noop = false, ...rest } = data as typeof data & Values
  const parameters = propertiesOf(rest)
  const capital = capitalized(type)
  const reference = `${capital}[${name}]`
  checkLists(type.toLowerCase(), name, (key) => node.setting(`puppet.${key}`))
  if (!switchOf(node.setting('puppet.resource_allow_managed_resources'), false) && (await puppet.manages(type, name))) {
    throw refusal(`Puppet is managing the resource '${reference}', refusing to create conflicting states`)
  }
  const applied = await puppet.apply({ type: capital, title: name, parameters }, { noop, signal })
  if (applied.failed) {
    const failures = applied.events.filter((event) => event.status === 'failure')
    throw refusal(`Failed to apply ${reference}: ${lines(failures) || lines(applied.logs) || 'Puppet did not say why'}`)
  }
  // What Puppet says of its own doing (`Applied catalog in ...`) is not about the resource.
  const said = applied.logs.filter(({ source }) => source !== 'Puppet')
  return { result: lines(said) || 'no output produced', changed: applied.changed }
}

function lines(entries: readonly { readonly message: string }[]): string {
  return entries.map(({ message }) => message).join(', ')
}

/** Properties are undeclared inputs: checked here, since no DDL can. */
function propertiesOf({ process_results: _reserved, ...data }: Values): Record<string, Value> {
  for (const [key, value] of Object.entries(data)) {
    if (!/^[a-z][a-z0-9_]{0,99}$/.test(key)) {
      throw new ActionFailed(STATUS.invalidData, `'${key}' is not a valid property name`)
    }
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      throw new ActionFailed(
        STATUS.invalidData,
        `The property '${key}' should be text, a number, true, false or a list`,
      )
    }
  }
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null))
}

function checkLists(type: string, name: string, setting: (key: string) => string | undefined): void {
  const types = listsOf(setting, 'resource_type', '')
  if (types.white !== undefined && types.black !== undefined) {
    throw refusal('You cannot specify both a resource type whitelist and blacklist')
  }
  if (types.black?.includes(type)) throw refusal(`The ${type} type is listed in the type blacklist`)
  if (types.black === undefined && !types.white?.includes(type)) {
    throw refusal(`The ${type} type is not listed in the type whitelist`)
  }
  const names = listsOf(setting, 'resource_name', `.${type}`)
  if (names.white !== undefined && names.black !== undefined) {
    throw refusal(`You cannot specify both a resource name whitelist and blacklist for the ${type} type`)
  }
  if (names.black?.includes(name)) throw refusal(`The resource '${name}' is listed in the ${type} name blacklist`)
  if (names.white !== undefined && !names.white.includes(name)) {
    throw refusal(`The resource '${name}' is not listed in the ${type} name whitelist`)
  }
}

function listsOf(setting: (key: string) => string | undefined, prefix: string, suffix: string) {
  const list = (text: string | undefined): readonly string[] | undefined => {
    if (text === undefined) return undefined
    const items = text.split(',').map((item) => item.trim())
    // `none` is how a whitelist says that nothing may be touched.
    return items.length === 1 && items[0] === 'none' ? [] : items.filter((item) => item !== '')
  }
  return { white: list(setting(`${prefix}_whitelist${suffix}`)), black: list(setting(`${prefix}_blacklist${suffix}`)) }
}

function refusal(message: string): ActionFailed {
  return new ActionFailed(STATUS.aborted, message)
}
