// For tests: a daemon on a memory bus with a clock that stands still, and a client that speaks to it. Not part of the product.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { ManualClock } from '#base/clock.ts'
import { newRequestId } from '#base/id.ts'
import { type Log, silentLog } from '#base/log.ts'
import { EMPTY_FILTER } from '#message/filter.ts'
import type { ReplyBody } from '#message/reply.ts'
import type { Request, RequestBody, Values } from '#message/request.ts'
import type { Agent } from '#rpc/agent.ts'
import type { ActionDdl, AgentDdl } from '#rpc/ddl/ddl.ts'
import { createPskScheme } from '#security/psk.ts'
import type { SealedRequest } from '#security/security.ts'
import type { Target } from '#transport/connector.ts'
import { createMemoryBus } from '#transport/memory.ts'
import { createDaemon, type DaemonOptions } from './daemon.ts'
import { createDataQueries } from './data-queries.ts'
import { createRegistry, type RegistryOptions } from './registry.ts'
import { createReplayGuard } from './replay-guard.ts'

export const NODE = 'node1.example.com'
const KEY = 'a key for tests only'

/** `agentDdl('echo', ['say'])`: actions without inputs, time-out 10 s. */
export function agentDdl(name: string, actions: readonly (string | ActionDdl)[], timeoutSeconds = 10): AgentDdl {
  const text = { description: '', author: '', license: '', version: '1.0', url: '' }
  return {
    kind: 'agent',
    name,
    metadata: { name, ...text, timeoutSeconds },
    actions: actions.map((action) =>
      typeof action === 'string'
        ? { name: action, description: '', display: 'always', inputs: [], outputs: [], aggregates: [] }
        : action,
    ),
  }
}

export interface LogLine {
  readonly level: string
  readonly message: string
}

/** A log that keeps its lines. */
export function keepingLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const to = (level: string) => (message: string) => void lines.push({ level, message })
  return { lines, debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error'), fatal: to('fatal') }
}

export type Sent = Partial<Omit<Request, 'body'>> & { readonly to?: Target; readonly replyTo?: string | null }

export interface TestNodeOptions {
  readonly agents?: Readonly<Record<string, Agent>>
  readonly settings?: Partial<DaemonOptions['settings']>
  readonly daemon?: Partial<DaemonOptions>
  readonly registry?: Partial<RegistryOptions>
  readonly facts?: Values
  readonly classes?: () => readonly string[]
  readonly clock?: ManualClock
}

export async function startTestNode(options: TestNodeOptions = {}) {
  const clock = options.clock ?? new ManualClock()
  const log = keepingLog()
  const bus = createMemoryBus({ clock })
  const security = (caller: string) => createPskScheme({ psk: KEY, caller, now: () => clock.now() })
  const registry = createRegistry({
    builtIn: new Map(Object.entries(options.agents ?? {})),
    libdirs: [],
    activated: () => true,
    host: { run: async () => ({ status: -1, stdout: '', stderr: '', truncated: false, error: 'no host' }) },
    log,
    version: '3.0.0',
    ...options.registry,
  })
  const daemon = createDaemon({
    settings: {
      identity: NODE,
      version: '3.0.0',
      configFile: '/etc/mcollective/server.cfg',
      collectives: ['mcollective', 'dev'],
      mainCollective: 'mcollective',
      directAddressing: true,
      agentsMultiplex: false,
      ttlSeconds: 60,
      skewSeconds: 60,
      agentConcurrency: 2,
      registration: { intervalSeconds: 0, collective: 'mcollective', splay: false },
      graceSeconds: 0,
      ...options.settings,
    },
    connector: bus.connector({ identity: NODE }),
    security: security('uid=0'),
    clock,
    log,
    registry,
    data: createDataQueries({ plugins: new Map(), clock, log }),
    facts: { facts: () => options.facts ?? { osfamily: 'Debian' }, warnings: () => [] },
    classes: { classes: options.classes ?? (() => ['ntp']), warnings: () => [] },
    guard: createReplayGuard({ clock }),
    configItem: () => undefined,
    setting: () => undefined,
    random: () => 0,
    ...options.daemon,
  })
  await daemon.start()

  const own = security('uid=500')
  const connector = bus.connector({ identity: 'client.example.com' })
  await connector.connect()
  const replyTo = connector.replyAddress('mcollective')
  const sent = new Map<string, SealedRequest[]>()
  const replies: { requestId: string; body: ReplyBody; sender: string }[] = []
  connector.subscribe({ kind: 'reply', address: replyTo }, ({ bytes }) => {
    const { requestId, body, sender } = own.decodeReply(bytes, (id) => sent.get(id))
    replies.push({ requestId, body, sender })
  })

  const settle = async (): Promise<void> => {
    for (let i = 0; i < 12; i++) await nextTurn()
  }
  const post = async (to: Target, bytes: Uint8Array): Promise<void> => {
    await connector.publish(to, bytes, { ttlMs: 1000 })
    await settle()
  }
  /** Sends, waits until nothing moves any more, and gives what was answered. */
  const ask = async (body: RequestBody, { to, ...change }: Sent = {}) => {
    const request: Request = {
      id: newRequestId(),
      agent: 'echo',
      collective: 'mcollective',
      sender: 'client.example.com',
      caller: own.callerId(),
      filter: EMPTY_FILTER,
      sentAtMs: clock.now(),
      ttlSeconds: 60,
      replyTo,
      ...change,
      body,
    }
    const sealed = own.encodeRequest(request)
    sent.set(request.id, [sealed])
    const target = to ?? { kind: 'broadcast', collective: request.collective, agent: request.agent }
    await post(target, sealed.bytes)
    return {
      request,
      bytes: sealed.bytes,
      target,
      answers: () => replies.filter((reply) => reply.requestId === request.id).map((reply) => reply.body),
    }
  }
  return {
    daemon,
    registry,
    clock,
    log,
    bus,
    settle,
    post,
    ask,
    call: (action: string, data: Values = {}, change: Sent & { processResults?: boolean } = {}) => {
      const { processResults = true, ...rest } = change
      return ask({ kind: 'rpc', action, data, processResults }, rest)
    },
    text: (text: string, change: Sent = {}) => ask({ kind: 'text', text }, { agent: 'discovery', ...change }),
    toNode: { kind: 'directed', collective: 'mcollective', identity: NODE } as const,
    async stop() {
      await daemon.stop()
      await connector.disconnect()
    },
  }
}

export { silentLog }
