// The client: turns what a script or a command asks for into call plans. Inputs are checked against the DDL before anything is sent;
// nodes are chosen here when a limit or groups need them first. [R-002, cli 5]

import { TroupeError } from '#base/errors.ts'
import { parseFilter } from '#message/decode.ts'
import { EMPTY_FILTER, type Filter } from '#message/filter.ts'
import type { RequestBody, Values } from '#message/request.ts'
import type { ActionDdl, AgentDdl, DataDdl } from '#rpc/ddl/ddl.ts'
import { checkCompound, dataSources, dataTimeoutSeconds } from '#rpc/match/check-data.ts'
import type { ActionTypes, AgentClient, CallHandle, CallOptions, Client, Discovery } from './api.ts'
import { type CallLabel, type CallPlan, startCall } from './call.ts'
import { checkedCollective } from './collective.ts'
import { createExchange, type ExchangeParts } from './exchange.ts'
import { chooseNodes, groupSizeOf, limitOf } from './limit.ts'
import { createPushStream } from './push-stream.ts'
import { askRoster } from './roster-query.ts'

export interface ClientParts extends ExchangeParts {
  readonly settings: ClientDefaults
  /** The DDL of an installed plugin. Throws DDL_NOT_FOUND. */
  readonly agentDdl: (name: string) => AgentDdl
  /** The DDL of a data plugin, by its name without `_data`; undefined: none is installed. */
  readonly dataDdl: (name: string) => DataDdl | undefined
  /** Fills defaults in and checks inputs; throws DDL_*. */
  readonly checkInputs: (action: ActionDdl, agent: string, data: Values) => Values
}

/** Defaults for what a call does not say, from the configuration. */
export interface ClientDefaults {
  readonly collectives: readonly string[]
  readonly mainCollective: string
  readonly ttlSeconds: number
  readonly discoveryTimeoutSeconds: number
  readonly limitMethod: 'first' | 'random'
  /** 0: no groups. */
  readonly batchSize: number | `${number}%`
  readonly batchSleepSeconds: number
  /** Whether the roster may say whom to expect. */
  readonly useRoster: boolean
}

/** Reply time of agents that are spoken to in bare text, seconds. [agents 6] */
const TEXT_TIMEOUT_SECONDS = 5

export function createClient(parts: ClientParts): Client {
  const exchange = createExchange(parts)
  const { settings, clock } = parts

  const start = (
    label: CallLabel,
    agentTimeoutSeconds: number,
    body: () => RequestBody,
    options: CallOptions,
  ): CallHandle => {
    const stopped = new AbortController()
    const planned = plan(label, agentTimeoutSeconds, body, options, stopped.signal)
    const handle = startCall(parts, exchange, planned, label)
    return {
      ...handle,
      stop() {
        stopped.abort()
        handle.stop()
      },
    }
  }

  async function plan(
    label: CallLabel,
    agentTimeoutSeconds: number,
    makeBody: () => RequestBody,
    options: CallOptions,
    stopped?: AbortSignal,
  ): Promise<CallPlan> {
    const body = makeBody()
    const filter = completeFilter(options.filter, body.kind === 'rpc' ? label.agent : undefined)
    const collective = checkedCollective(settings, options.collective)
    // As the nodes will: they drop what they cannot use, and the operator would hear nothing. Names go out in pieces.
    parseFilter(namedNodes(filter, options) ? { ...filter, identities: [] } : filter)
    for (const tokens of filter.compounds) checkCompound(tokens, parts.dataDdl)
    const dataSeconds = dataTimeoutSeconds(filter, parts.dataDdl)
    const discoverySeconds = (options.discoveryTimeoutSeconds ?? settings.discoveryTimeoutSeconds) + dataSeconds
    const timeoutSeconds = options.timeoutSeconds ?? agentTimeoutSeconds + discoverySeconds
    const base = {
      ...label,
      body,
      filter,
      collective,
      ttlSeconds: options.ttlSeconds ?? settings.ttlSeconds,
      replyTimeoutMs: timeoutSeconds * 1000,
      patient: options.timeoutSeconds !== undefined,
      discoveryTimeoutMs: discoverySeconds * 1000,
      groupSleepMs: (options.batchSleepSeconds ?? settings.batchSleepSeconds) * 1000,
      useRoster: settings.useRoster && dataSources(filter).length === 0,
      options,
    }
    return addressed(base, options, label, stopped)
  }

  /** Adds the nodes to address when they have to be known before the request goes out. */
  async function addressed(
    base: CallPlan,
    options: CallOptions,
    label: CallLabel,
    stopped: AbortSignal | undefined,
  ): Promise<CallPlan> {
    // The default is for actions: a ping does nothing that could need batches.
    const usual = settings.batchSize === 0 || base.body.kind === 'text' ? undefined : settings.batchSize
    const batch = options.batch ?? usual
    if (batch !== undefined && options.processResults === false) {
      throw new TroupeError('USAGE_CONFLICT', 'Cannot bypass result processing for batched requests')
    }
    if (options.maxFailures !== undefined && batch === undefined) {
      throw new TroupeError(
        'USAGE_CONFLICT',
        'A call can only end after some failures when it is done in batches: give a batch size',
      )
    }
    const named = namedNodes(base.filter, options)
    const choosing = batch !== undefined || options.limit !== undefined
    if (named && !choosing) return { ...base, nodes: named, nodesFrom: 'named' }
    if (!choosing && options.method !== 'roster') return base
    const enough = typeof options.limit === 'number' && (options.limitMethod ?? settings.limitMethod) === 'first'
    const found = named
      ? { nodes: named, silent: [], from: 'named' as const, elapsedMs: 0 }
      : await findNodes(base, stoppable(options, stopped), enough ? (options.limit as number) : undefined, label)
    const chosen =
      options.limit === undefined || found.nodes.length === 0
        ? found.nodes
        : chooseNodes(found.nodes, limitOf(options.limit, found.nodes.length), {
            method: options.limitMethod ?? settings.limitMethod,
            ...(options.limitSeed === undefined ? {} : { seed: options.limitSeed }),
          })
    return {
      ...base,
      nodes: chosen,
      nodesFrom: found.from,
      discoveredInMs: found.elapsedMs,
      // Nodes that a limit left out were never meant to be addressed; without one, silent nodes are part of the account.
      silentBefore: options.limit === undefined ? found.silent : [],
      ...(batch === undefined || chosen.length === 0 ? {} : { groupSize: groupSizeOf(batch, chosen.length) }),
      ...(options.maxFailures === undefined ? {} : { failuresMax: groupSizeOf(options.maxFailures, chosen.length) }),
    }
  }

  async function findNodes(
    base: CallPlan,
    options: CallOptions,
    enough: number | undefined,
    label: CallLabel,
  ): Promise<{
    nodes: readonly string[]
    silent: readonly string[]
    from: 'roster' | 'mc' | 'named'
    elapsedMs: number
  }> {
    const startMs = clock.monotonic()
    if (options.method === 'roster') {
      const nodes = await rosterNodes(base)
      return { nodes, silent: [], from: 'roster', elapsedMs: clock.monotonic() - startMs }
    }
    const handle = startCall(parts, exchange, Promise.resolve(discoveryPlan(base, options, enough)), {
      ...label,
      action: 'ping',
    })
    const nodes: string[] = []
    for await (const reply of handle) nodes.push(reply.sender)
    const summary = await handle.summary
    return {
      nodes,
      silent: summary.noResponse,
      from: summary.discovery === 'roster' ? 'roster' : 'mc',
      elapsedMs: clock.monotonic() - startMs,
    }
  }

  /** The nodes the roster expects, nobody else asked. Throws TRANSPORT_NO_ROSTER when no keeper answers. */
  function rosterNodes(base: CallPlan): Promise<readonly string[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
    const cancel = clock.after(base.discoveryTimeoutMs, () => {
      close()
      const message = `cannot discover nodes by the roster: no keeper of the roster answered within ${base.discoveryTimeoutMs / 1000} s`
      reject(new TroupeError('TRANSPORT_NO_ROSTER', message))
    })
    const close = askRoster(exchange, base, (answer) => {
      cancel()
      close()
      resolve(answer.nodes)
    })
    return promise
  }

  return {
    identity: parts.identity,
    agent(name: string): AgentClient<ActionTypes> {
      const ddl = parts.agentDdl(name)
      return {
        call: (action, data = {}, options = {}) => {
          const actionDdl = ddl.actions.find((a) => a.name === action)
          if (!actionDdl) {
            const message = `Attempted to call action ${action} for ${name} but it's not declared in the DDL`
            throw new TroupeError('DDL_UNKNOWN_ACTION', message)
          }
          // Thrown here, not later: a script learns at the call itself that its inputs do not fit.
          const inputs = parts.checkInputs(actionDdl, name, data as Values)
          const processResults = options.processResults !== false
          const listens = options.onEvent !== undefined && processResults && options.replyTo === undefined
          const more = listens ? { wantsProgress: true } : {}
          const body = (): RequestBody => ({ kind: 'rpc', action, data: inputs, processResults, ...more })
          return start({ agent: name, action }, ddl.metadata.timeoutSeconds, body, options) as CallHandle<never>
        },
      }
    },
    text(agent, text, options = {}) {
      return start({ agent, action: text }, TEXT_TIMEOUT_SECONDS, () => ({ kind: 'text', text }), options)
    },
    discover(options = {}) {
      return startDiscovery(options)
    },
    close: () => parts.connector.disconnect(),
  }

  function startDiscovery(options: CallOptions): Discovery {
    const stream = createPushStream<string>()
    const result = (async () => {
      const label = { agent: 'discovery', action: 'ping' }
      // A discovery answers for itself: nothing is chosen beforehand, everything is verified (B-002).
      const { limit, batch: _batch, method, ...rest } = options
      const base = await plan(label, TEXT_TIMEOUT_SECONDS, () => ({ kind: 'text', text: 'ping' }), rest)
      const startMs = clock.monotonic()
      const nodes: string[] = []
      const found = (node: string): void => {
        nodes.push(node)
        stream.push(node)
      }
      const finish = (from: 'roster' | 'mc' | 'named', silent: readonly string[] = []) => {
        stream.end()
        return { nodes, silent, method: from, elapsedMs: clock.monotonic() - startMs }
      }
      if (method === 'roster') {
        const known = await rosterNodes(base)
        const count = limit === undefined ? known.length : limitOf(limit, known.length)
        for (const node of known.slice(0, count)) found(node)
        return finish('roster')
      }
      const enough = typeof limit === 'number' ? limit : undefined
      const handle = startCall(parts, exchange, Promise.resolve(discoveryPlan(base, rest, enough)), label)
      const all: string[] = []
      for await (const reply of handle) {
        if (!reply.expected) continue
        all.push(reply.sender)
        if (limit === undefined || (enough !== undefined && nodes.length < enough)) found(reply.sender)
      }
      if (typeof limit === 'string' && all.length > 0)
        for (const node of all.slice(0, limitOf(limit, all.length))) found(node)
      const { discovery, noResponse } = await handle.summary
      return finish(discovery === 'none' ? 'mc' : discovery, limit === undefined ? noResponse : [])
    })()
    result.catch((error) => stream.fail(error))
    return { result, [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() }
  }
}

/** Discovery before a call ends with the call. */
function stoppable(options: CallOptions, stopped: AbortSignal | undefined): CallOptions {
  const signals = [options.signal, stopped].filter((signal) => signal !== undefined)
  return signals.length === 0 ? options : { ...options, signal: AbortSignal.any(signals) }
}

/** The same question as a discovery ping: whom would this call be for? */
function discoveryPlan(base: CallPlan, options: CallOptions, enough: number | undefined): CallPlan {
  const { signal, onProgress } = options
  return {
    ...base,
    agent: 'discovery',
    action: 'ping',
    body: { kind: 'text', text: 'ping' },
    ...(enough === undefined ? {} : { enough }),
    options: {
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress: (p) => onProgress({ ...p, phase: 'discovering' }) } : {}),
    },
  }
}

/** Nodes to address by name: those given, or the plain identities of a filter that holds nothing else (B-001). */
function namedNodes(filter: Filter, options: CallOptions): readonly string[] | undefined {
  if (options.nodes) return [...new Set(options.nodes)]
  const { facts, classes, identities, compounds } = filter
  const plain = identities.length > 0 && identities.every((identity) => !identity.startsWith('/'))
  const alone = facts.length === 0 && classes.length === 0 && compounds.length === 0
  const agentsAlone = (options.filter?.agents ?? []).length === 0
  return plain && alone && agentsAlone ? [...new Set(identities)] : undefined
}

function completeFilter(filter: Partial<Filter> | undefined, agent: string | undefined): Filter {
  const complete = { ...EMPTY_FILTER, ...filter }
  if (agent === undefined || complete.agents.includes(agent)) return complete
  return { ...complete, agents: [...complete.agents, agent] }
}
