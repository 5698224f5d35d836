// A node: connects, subscribes to what it should hear, hands deliveries to dispatch and keeps agents, registration and roster
// going. Everything it needs is handed in and it keeps no global state: thousands run in one process. [wire 8.6, agents 16]

import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { Request } from '#message/request.ts'
import type { NodeStats, NodeView } from '#rpc/agent.ts'
import type { SecurityScheme } from '#security/security.ts'
import type { Connector, ConnectorStatus, Source, Subscription } from '#transport/connector.ts'
import type { Audit } from './audit.ts'
import type { DataQueries } from './data-queries.ts'
import { CONTROL_AGENT, createDispatch, type DispatchParts } from './dispatch.ts'
import { matchNode } from './match-node.ts'
import { type ClassesView, createNodeView, type FactsView } from './node-view.ts'
import { createRegistration } from './registration.ts'
import type { AgentChange, AgentRegistry, ReloadReport } from './registry.ts'
import type { ReplayGuard } from './replay-guard.ts'
import { createCounters, nodeStats } from './stats.ts'

/** How often is looked whether agents that found nothing to act on are of use now: a few questions to the file system. */
const LOOK_AGAIN_MS = 60_000

export interface DaemonSettings {
  readonly identity: string
  readonly version: string
  readonly configFile: string
  readonly collectives: readonly string[]
  readonly mainCollective: string
  readonly directAddressing: boolean
  readonly agentsMultiplex: boolean
  readonly ttlSeconds: number
  readonly skewSeconds: number
  readonly agentConcurrency: number
  readonly registration: { readonly intervalSeconds: number; readonly collective: string; readonly splay: boolean }
  /** How long running actions get when the daemon stops; 0: none. */
  readonly graceSeconds: number
}

export interface DaemonOptions {
  readonly settings: DaemonSettings
  readonly connector: Connector
  readonly security: SecurityScheme
  readonly clock: Clock
  readonly log: Log
  readonly registry: AgentRegistry
  readonly data: DataQueries
  readonly facts: FactsView
  readonly classes: ClassesView
  readonly guard: ReplayGuard
  readonly audit?: Audit
  readonly authorize?: DispatchParts['authorize']
  /** Present: this node keeps the roster. */
  readonly onRegistration?: (request: Request) => void
  readonly configItem: NodeView['configItem']
  readonly setting: NodeView['setting']
  /** 0 to 1; spreads registrations. Default Math.random. */
  readonly random?: () => number
}

export interface Daemon {
  readonly node: NodeView
  /** Loads agents, connects, subscribes. Rejects with TRANSPORT_* when it cannot connect for good or `signal` aborts. */
  start(signal?: AbortSignal): Promise<void>
  /** Refuses new requests, lets running actions end for as long as they may, says good-bye and disconnects. Idempotent. */
  stop(): Promise<void>
  reloadAgents(): Promise<ReloadReport>
  /** Throws RPC_AGENT_LOAD with the reason; the old version stays. */
  reloadAgent(name: string): Promise<AgentChange>
  /** Facts or classes may have changed. */
  changed(): void
  stats(): NodeStats
}

export function createDaemon(options: DaemonOptions): Daemon {
  const { settings, connector, security, clock, log, registry } = options
  const counters = createCounters()
  const startedAtMs = clock.now()
  const subscriptions = new Map<string, Subscription>()
  let stopped: Promise<void> | undefined
  let wasConnected = false

  const node = createNodeView({
    ...settings,
    facts: options.facts,
    classes: options.classes,
    agents: registry,
    data: options.data,
    stats: () => nodeStats(counters, startedAtMs, dispatch.threads()),
    configItem: options.configItem,
    setting: options.setting,
  })

  const dispatch = createDispatch({
    ...settings,
    clock,
    log,
    security,
    guard: options.guard,
    counters,
    registry,
    node,
    ...(options.audit ? { audit: options.audit } : {}),
    ...(options.authorize ? { authorize: options.authorize } : {}),
    ...(options.onRegistration ? { onRegistration: options.onRegistration } : {}),
    matches: (filter) => matchNode(filter, node),
    publishReply: (address, bytes) =>
      connector.publish({ kind: 'reply', address }, bytes, { ttlMs: settings.ttlSeconds * 1000, confirmLate: true }),
  })

  const registration = createRegistration({
    identity: settings.identity,
    ...settings.registration,
    ttlSeconds: settings.ttlSeconds,
    clock,
    log,
    random: options.random ?? Math.random,
    caller: () => security.callerId(),
    content: () => ({
      agents: registry.names(),
      collectives: settings.collectives,
      classes: node.classes(),
      facts: node.facts(),
      version: settings.version,
    }),
    send(request, ttlMs) {
      const { bytes } = security.encodeRequest(request)
      return connector.publish({ kind: 'broadcast', collective: request.collective, agent: request.agent }, bytes, {
        ttlMs,
      })
    },
  })

  /** Subscribes to what is new and leaves what is gone. */
  const subscribe = (): void => {
    const wanted = new Map(wantedSources(settings, registry.names(), options.onRegistration !== undefined))
    for (const [key, subscription] of subscriptions) {
      if (wanted.has(key)) continue
      subscription.unsubscribe()
      subscriptions.delete(key)
    }
    for (const [key, source] of wanted) {
      if (subscriptions.has(key)) continue
      subscriptions.set(
        key,
        connector.subscribe(source, (delivery) => dispatch.receive(delivery, source)),
      )
    }
  }

  const onStatus = (status: ConnectorStatus): void => {
    if (status.state === 'connected') {
      log.debug(`connected to ${status.to}`)
      if (wasConnected) registration.reconnected()
      wasConnected = true
    } else if (status.state === 'connecting') log.debug(`connecting to ${status.to}, attempt ${status.attempt}`)
    else log.warn(`the connection is lost: ${status.reason}; trying again in ${status.retryMs} ms`)
  }

  let cancelLook = (): void => {}
  /** What an agent acts on may be installed while the node runs: Puppet, for one. */
  const lookAgain = async (): Promise<void> => {
    await options.data.wake()
    const woken = await registry.wake(node)
    if (woken.length === 0) return
    subscribe()
    registration.changed()
    log.info(`agents are active from now on: ${woken.join(', ')}`)
  }
  const lookNowAndThen = (): void => {
    cancelLook = clock.after(LOOK_AGAIN_MS, () => {
      lookAgain().catch((error) => log.error(`cannot look for agents of use: ${messageOf(error)}`))
      lookNowAndThen()
    })
  }

  const stop = async (): Promise<void> => {
    cancelLook()
    await dispatch.stop(settings.graceSeconds * 1000)
    await registration.stop()
    for (const subscription of subscriptions.values()) subscription.unsubscribe()
    subscriptions.clear()
    try {
      await connector.disconnect()
    } catch (error) {
      log.warn(`could not leave the broker in good order: ${messageOf(error)}`)
    }
    await registry.stop()
    options.guard.close()
    options.audit?.close()
    log.info(`${settings.identity} has left the collective`)
  }

  return {
    node,
    async start(signal) {
      connector.onStatus = onStatus
      await options.data.start(node)
      await registry.load(node)
      subscribe()
      await connector.connect(signal)
      registration.start()
      if (stopped === undefined) lookNowAndThen()
      log.info(`${settings.identity} is ready`, {
        agents: registry.names().join(' '),
        collectives: settings.collectives.join(' '),
      })
    },
    stop() {
      stopped ??= stop()
      return stopped
    },
    async reloadAgents() {
      await options.data.start(node)
      const report = await registry.load(node)
      subscribe()
      registration.changed()
      log.info('reloaded all agents', { ...report, failed: Object.keys(report.failed) })
      return report
    },
    async reloadAgent(name) {
      const change = await registry.reload(name, node)
      subscribe()
      registration.changed()
      log.info(`reloaded agent ${name}: ${change}`)
      return change
    },
    changed: () => registration.changed(),
    stats: () => node.stats(),
  }
}

/** Broadcasts per collective and agent, and what is directed to this node. [wire 1.1, 2.6] */
function* wantedSources(
  settings: DaemonSettings,
  agents: readonly string[],
  keepsRoster: boolean,
): Generator<[key: string, source: Source]> {
  const names = [...agents]
  if (agents.includes('controller')) names.push(CONTROL_AGENT)
  if (keepsRoster) names.push('registration')
  for (const collective of settings.collectives) {
    if (settings.agentsMultiplex) {
      // One destination carries all; the name is of no matter.
      yield [`${collective} agents`, { kind: 'broadcast', collective, agent: 'agents' }]
    } else {
      for (const agent of names) yield [`${collective} broadcast ${agent}`, { kind: 'broadcast', collective, agent }]
    }
    if (settings.directAddressing) {
      yield [`${collective} directed`, { kind: 'directed', collective, identity: settings.identity }]
    }
  }
}
