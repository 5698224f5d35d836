// A program that is thousands of nodes with a Puppet, services and facts made of data: the real daemon and the real agents, each with its own keys,
// dispatch and replay guard. Hundreds share a connection to the broker. One of them may keep the roster.

import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '#base/clock.ts'
import { type Log, silentLog } from '#base/log.ts'
import { loadConfig } from '#config/load.ts'
import { connectorOptions, securityOf } from '#main/member.ts'
import { createNode } from '#main/node.ts'
import { createPuppetAgent } from '#puppet/agent/puppet-agent.ts'
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
const log: Log = { ...silentLog, error: console.error, fatal: console.error }
const connections: SharedConnection[] = []

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
    }
    await createNode(settings, {
      connector: connections.at(-1)!.share(),
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

answerQuestions({
  start,
  lastReplyAtMs: () => Math.max(...connections.map((connection) => connection.lastReplyAtMs())),
})
