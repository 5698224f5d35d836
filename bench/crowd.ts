// A program that is thousands of nodes with a Puppet, services and facts made of data: the real daemon and the real agents, which register, keep the
// roster and answer. The two calls that are timed are answered here instead, from data, because all nodes share the processors of this machine with
// what is measured. Hundreds share a connection to the broker. One of them may keep the roster.

import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '#base/clock.ts'
import { type Log, silentLog } from '#base/log.ts'
import { loadConfig } from '#config/load.ts'
import { connectorOptions, securityOf } from '#main/member.ts'
import { createNode } from '#main/node.ts'
import type { Values } from '#message/request.ts'
import { createPuppetAgent } from '#puppet/agent/puppet-agent.ts'
import type { SecurityScheme } from '#security/security.ts'
import type { Connector } from '#transport/connector.ts'
import { createStompConnector } from '#transport/stomp/stomp-connector.ts'
import { emulatedNodes } from '../tests/conformance/emulated-nodes.ts'
import { answerQuestions } from './program.ts'
import { type SharedConnection, shareConnection } from './shared-connection.ts'

export interface StartCrowd {
  /** Configuration file of a node; identity, facts and classes are replaced. */
  readonly config: string
  /** Of all nodes those from `first` (0 is the first) to before `end`. */
  readonly first: number
  readonly end: number
  /** Of all nodes: the first of this crowd keeps the roster. */
  readonly keepsRoster: boolean
}

/** A broker lets a connection have 500 subscriptions: one per node and one per agent. */
const NODES_PER_CONNECTION = 400
const REGISTER_INTERVAL_SECONDS = 300
const log: Log = { ...silentLog, error: console.error, fatal: console.error }
const connections: SharedConnection[] = []
/** When a node last answered a call that is timed; 0: never. */
let lastReplyAtMs = 0

async function start({ config, first, end, keepsRoster }: StartCrowd): Promise<number> {
  const files = { read: (path: string) => readFileSync(path, 'utf8'), list: (path: string) => readdirSync(path) }
  const loaded = loadConfig('server', { env: {}, home: '/', hostname: 'localhost', files, file: config })
  const options = connectorOptions(loaded, { log, clock: systemClock, giveUpOnRefusal: false })
  for (const [index, node] of emulatedNodes(end, systemClock).slice(first).entries()) {
    if (index % NODES_PER_CONNECTION === 0) {
      const identity = `crowd${first + index}.example.com`
      const connector = createStompConnector({ ...options, identity, pid: process.pid * 1000 + connections.length })
      await connector.connect()
      connections.push(shareConnection(connector))
    }
    const settings = {
      ...loaded,
      identity: node.identity,
      audit: { ...loaded.audit, enabled: false },
      keepRoster: keepsRoster && index === 0,
      // A keeper trusts its roster after its own interval, so that one is short; all others register as seldom as nodes do.
      ...(keepsRoster && index === 0
        ? {}
        : { registration: { ...loaded.registration, intervalSeconds: REGISTER_INTERVAL_SECONDS } }),
    }
    await createNode(settings, {
      connector: quick(connections.at(-1)!.share(), securityOf(settings), node.identity, first + index),
      security: securityOf(settings),
      facts: { facts: () => node.facts, warnings: () => [] },
      classes: { classes: () => node.classes, warnings: () => [] },
      puppet: createPuppetAgent(node.puppet),
      machine: node.machine,
      ral: node.ral,
      clock: systemClock,
      log,
      onExit: () => {},
      keepJournal: false,
    }).start()
  }
  return connections.length
}

/** Answers pings and Puppet's status at once; everything else goes to the daemon. */
function quick(connector: Connector, security: SecurityScheme, sender: string, index: number): Connector {
  return {
    ...connector,
    subscribe(source, onDelivery) {
      if (source.kind !== 'directed') return connector.subscribe(source, onDelivery)
      return connector.subscribe(source, (delivery) => {
        const opened = security.decodeRequest(delivery.bytes)
        const { id: requestId, agent, replyTo: address, body } = opened.request
        const data = body.kind === 'rpc' ? answerTo(`${agent} ${body.action}`, index) : undefined
        if (data === undefined || address === null) return onDelivery(delivery)
        const reply = { kind: 'rpc', statusCode: 0, statusMessage: 'OK', data } as const
        const bytes = security.encodeReply({ requestId, sender, agent, sentAtMs: Date.now(), body: reply }, opened)
        lastReplyAtMs = Date.now()
        void connector.publish({ kind: 'reply', address }, bytes, { ttlMs: 60_000, confirmLate: true })
      })
    },
  }
}

/** As the agents answer; every ninth node is disabled. */
function answerTo(call: string, index: number): Values | undefined {
  const nowSeconds = Math.floor(Date.now() / 1000)
  if (call === 'rpcutil ping') return { pong: nowSeconds }
  if (call !== 'puppet status') return undefined
  const since = 120 + ((index * 97) % 1700)
  const status = index % 9 === 8 ? 'disabled' : 'stopped'
  return {
    ...{ applying: false, daemon_present: false, enabled: status !== 'disabled', idling: false, status },
    ...{ disable_message: status === 'disabled' ? 'database migration, ask the owners' : '' },
    ...{ lastrun: nowSeconds - since, since_lastrun: since },
    message: `Currently ${status}; last completed run ${Math.floor(since / 60)} minutes ${since % 60} seconds ago`,
  }
}

answerQuestions({
  start,
  lastReplyAtMs: () => lastReplyAtMs,
})
