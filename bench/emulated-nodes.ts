// A program that is many nodes at once: each with its own TLS connection, subscriptions, security scheme, replay guard, agents and
// daemon, as main/node.ts makes them for mcollectived. What they lack of a real node: a process, a journal of replays and an audit
// file of their own.

import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '#base/clock.ts'
import { type Log, silentLog } from '#base/log.ts'
import { loadConfig } from '#config/load.ts'
import type { ServerSettings } from '#config/settings.ts'
import { connectorOptions, securityOf } from '#main/member.ts'
import { createNode } from '#main/node.ts'
import type { Values } from '#message/request.ts'
import { type SampleNode, sampleNodes } from '#setup/sample-nodes.ts'
import { createStompConnector, type StompConnectorOptions } from '#transport/stomp/stomp-connector.ts'
import { answerQuestions } from './program.ts'

export interface StartNodes {
  /** Configuration file of a node; identity, facts and classes are replaced. */
  readonly config: string
  /** Number of the first one: 1 is node0001.example.com. */
  readonly first: number
  readonly count: number
  /** How many connect at the same time. */
  readonly atOnce: number
}

const REGISTER_INTERVAL_SECONDS = 300

const log: Log = { ...silentLog, error: console.error, fatal: console.error }
const connected: boolean[] = []

async function start({ config, first, count, atOnce }: StartNodes): Promise<void> {
  const files = { read: (path: string) => readFileSync(path, 'utf8'), list: (path: string) => readdirSync(path) }
  const settings = loadConfig('server', { env: {}, home: '/', hostname: 'localhost', files, file: config })
  const shared = connectorOptions(settings, { log, clock: systemClock, giveUpOnRefusal: false })
  const samples = sampleNodes(count)
  let next = 0
  const startSome = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const identity = `node${String(first + i).padStart(4, '0')}.example.com`
      await startOne({ ...settings, identity }, { ...shared, identity }, samples[i]!)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, startSome))
}

async function startOne(
  settings: ServerSettings,
  connection: StompConnectorOptions,
  { facts, classes }: SampleNode,
): Promise<void> {
  const index = connected.push(false) - 1
  const connector = createStompConnector({ ...connection, pid: process.pid * 10_000 + index })
  const node = createNode(
    {
      ...settings,
      audit: { ...settings.audit, enabled: false },
      registration: { ...settings.registration, intervalSeconds: REGISTER_INTERVAL_SECONDS },
      keepRoster: false,
    },
    {
      connector,
      security: securityOf(settings),
      facts: { facts: () => facts as Values, warnings: () => [] },
      classes: { classes: () => classes, warnings: () => [] },
      clock: systemClock,
      log,
      onExit: () => {},
      keepJournal: false,
    },
  )
  await node.start()
  connected[index] = true
  const onStatus = connector.onStatus
  connector.onStatus = (status) => {
    connected[index] = status.state === 'connected'
    onStatus?.(status)
  }
}

answerQuestions({
  start,
  connected: () => connected.filter((up) => up).length,
})
