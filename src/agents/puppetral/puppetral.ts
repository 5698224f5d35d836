// The agent `puppetral`: any resource that the node's Puppet knows, looked at or changed, in the interface of 2011 and a little more. What
// Puppet cannot do is code 1, a type it does not know code 5. Secrets are masked, exec resources logged in full. The work is done by
// puppet/ral. [agents 9, cli 8.15, A2, R-029..R-032, R-076..R-086, M-047, B-012, B-013]

import { isTroupeError } from '#base/errors.ts'
import { isMap } from '#base/is-map.ts'
import type { Log } from '#base/log.ts'
import { parseJson } from '#base/parse-json.ts'
import { MASKED } from '#base/secret-names.ts'
import type { Value, Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import type { PuppetValue } from '#puppet/agent/puppet-value.ts'
import type { RalAccess } from '#puppet/ral/open-ral.ts'
import { RalRefusal } from '#puppet/ral/ral-worker.ts'
import {
  eventsOf,
  eventsWithoutSecrets,
  isSecretParameter,
  type Resource,
  type ResourceEvent,
  withoutSecrets,
} from '#puppet/ral/resource.ts'
import { ActionFailed, type Agent, type Call, type NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'

/** Inputs of create that are not parameters of the resource. */
const OWN_INPUTS = new Set([
  'type',
  'title',
  'name',
  'parameters',
  'avoid_conflict',
  'noop',
  'reveal',
  'process_results',
])
/** Parameters of exec that are commands, in the order they are logged. */
const COMMANDS = ['command', 'onlyif', 'unless', 'refresh']
/** A log line may be cut; a command that is logged in full takes several. */
const LOGGED_CHARACTERS = 4_000

/**
 * Settings: `plugin.puppetral.ruby` (program), `plugin.puppetral.reveal_sensitive` (`no`, `yes` or caller ids; default no),
 * `plugin.puppetral.exec` (the same; default yes), `plugin.puppetral.prewarm` (default no).
 */
export function createPuppetralAgent(ddl: AgentDdl, access: RalAccess, log: Log): Agent {
  return {
    ddl,
    async activate(node) {
      const missing = await access.unavailable(node.setting('puppetral.ruby'))
      if (missing === undefined && isYes(node.setting('puppetral.prewarm'))) access.keepReady()
      return missing ?? true
    },
    actions: {
      find: (call, node) => orFailed(() => find(call, node, access)),
      search: (call, node) => orFailed(() => search(call, node, access)),
      create: (call, node) => orFailed(() => create(call, node, access, log)),
    },
    stop: () => access.stop(),
  }
}

async function find(call: Call, node: NodeView, { ral }: RalAccess): Promise<Values> {
  const show = shownTo(call, node)
  const { type } = call.data
  return show(await ral.find(String(type), titleOf(call), { signal: call.signal, ...providerOf(call) }))
}

async function search(call: Call, node: NodeView, { ral }: RalAccess): Promise<Values> {
  const show = shownTo(call, node)
  const found = await ral.search(String(call.data.type), { signal: call.signal, ...providerOf(call) })
  return { result: found.map(show) }
}

async function create(call: Call, node: NodeView, { ral }: RalAccess, log: Log): Promise<Values> {
  const show = shownTo(call, node)
  const [type, title] = [String(call.data.type), titleOf(call)]
  const { noop: also, ...parameters } = parametersOf(call)
  const noop = call.data.noop === true || also === true || also === 'true'
  const conflict = call.data.avoid_conflict
  if (type.toLowerCase() === 'exec') {
    if (!isAllowed(node.setting('puppetral.exec'), call.caller, true)) {
      throw new ActionFailed(STATUS.aborted, `exec resources are not open to ${call.caller} on this node`)
    }
    logExec(call, title, parameters, noop, log)
  }
  const wanted = { type, title, parameters, noop, ...(typeof conflict === 'string' ? { avoidConflict: conflict } : {}) }
  try {
    const { resource, events } = await ral.create(wanted, { signal: call.signal })
    const { managed: _, ...told } = show(resource)
    if (!noop) return { status: 'Resource was created', resource: told }
    const would = events.some((event) => event.status === 'noop')
    const shown = eventsWithoutSecrets(events, resource.sensitive)
    return {
      status: would ? 'Resource would be created' : 'Nothing would change',
      resource: told,
      events: shown.map((event) => eventValues(event, parameters)),
    }
  } catch (error) {
    if (!(error instanceof RalRefusal)) throw error
    const events = eventsWithoutSecrets(eventsOf(error.details.events), [])
    const message = concealed(error.message, parameters)
    throw failed(
      error,
      message,
      events.length > 0 ? { events: events.map((event) => eventValues(event, parameters)) } : {},
    )
  }
}

/** What the caller may see of a resource. Throws when secrets are asked for by somebody who may not see them. */
function shownTo({ data, caller }: Call, node: NodeView): (resource: Resource) => Values {
  if (data.reveal !== true) return (resource) => resourceValues(withoutSecrets(resource))
  if (!isAllowed(node.setting('puppetral.reveal_sensitive'), caller, false)) {
    throw new ActionFailed(STATUS.aborted, `sensitive properties are not shown to ${caller} on this node`)
  }
  return resourceValues
}

function resourceValues({ type, title, tags, exported, parameters, managed }: Resource): Values {
  return { exported, title, parameters, tags, type, managed }
}

function eventValues(event: ResourceEvent, parameters: Values): Values {
  const { property, status, previous, desired } = event
  return { property, status, previous, desired, message: concealed(event.message, parameters) }
}

function titleOf({ action, data }: Call): string {
  const title = data.title ?? data.name
  if (typeof title === 'string' && title !== '') return title
  throw new ActionFailed(STATUS.missingData, `Action ${action} needs a title argument`)
}

function providerOf({ data }: Call): { readonly provider?: string } {
  return typeof data.provider === 'string' ? { provider: data.provider } : {}
}

/** `parameters`, as a map or as JSON from a command line, and every input that is nothing else. */
function parametersOf({ data }: Call): Readonly<Record<string, PuppetValue>> {
  const parameters = new Map<string, Value>(Object.entries(parameterMap(data.parameters)))
  for (const [name, value] of Object.entries(data)) if (!OWN_INPUTS.has(name)) parameters.set(name, value)
  if (data.title !== undefined && data.name !== undefined) parameters.set('name', data.name)
  return Object.fromEntries(parameters)
}

function parameterMap(given: Value | undefined): Values {
  let value: unknown = given ?? {}
  if (typeof value === 'string') {
    try {
      value = parseJson(value)
    } catch {
      value = undefined
    }
  }
  if (isMap(value)) return value as Values
  throw new ActionFailed(STATUS.invalidData, 'Cannot validate input parameters: value should be a map, or one as JSON')
}

/** Commands are logged whatever becomes of them, before they are run: this is the one way to run anything. */
function logExec(call: Call, title: string, parameters: Values, noop: boolean, log: Log): void {
  const commands = COMMANDS.filter((name) => parameters[name] !== undefined)
  const said = JSON.stringify({ title, ...Object.fromEntries(commands.map((name) => [name, parameters[name]])) })
  const parts = Math.ceil(said.length / LOGGED_CHARACTERS)
  for (let part = 0; part < parts; part++) {
    const text = said.slice(part * LOGGED_CHARACTERS, (part + 1) * LOGGED_CHARACTERS)
    const which = parts > 1 ? ` (part ${part + 1} of ${parts})` : ''
    log.info(`puppetral ${noop ? 'looks at' : 'runs'} exec for ${call.caller}${which}: ${text}`, {
      requestid: call.requestId,
    })
  }
}

/** Puppet's messages may quote what a parameter should become. */
function concealed(message: string, parameters: Values): string {
  let text = message
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === 'string' && value !== '' && isSecretParameter(name)) text = text.replaceAll(value, MASKED)
  }
  return text
}

/** `yes`, `no`, or the ids of those it is for, e.g. `cert=admin, uid=0`. */
function isAllowed(setting: string | undefined, caller: string, otherwise: boolean): boolean {
  const words = (setting ?? '').split(/[\s,]+/).filter((word) => word !== '')
  const [only] = words
  if (only === undefined) return otherwise
  if (words.length === 1 && isYes(only)) return true
  if (words.length === 1 && /^(0|n|no|f|false)$/i.test(only)) return false
  return words.includes(caller)
}

function isYes(word: string | undefined): boolean {
  return /^(1|y|yes|t|true)$/i.test(word ?? '')
}

async function orFailed(work: () => Promise<Values>): Promise<Values> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RalRefusal) throw failed(error, error.message)
    if (isTroupeError(error, 'RPC_PUPPET_WORKER')) throw new ActionFailed(STATUS.aborted, error.message)
    throw error
  }
}

function failed({ kind }: RalRefusal, message: string, data: Values = {}): ActionFailed {
  return new ActionFailed(kind === 'unknown_type' ? STATUS.otherError : STATUS.aborted, message, data)
}
