// A program that holds connections as idle nodes do: TLS, login and the subscriptions of a node, and nothing else.

import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { loadConfig } from '#config/load.ts'
import { connectorOptions } from '#main/member.ts'
import type { Connector } from '#transport/connector.ts'
import { createStompConnector } from '#transport/stomp/stomp-connector.ts'
import { answerQuestions } from './program.ts'

export interface OpenConnections {
  readonly config: string
  readonly first: number
  readonly count: number
}

const AT_ONCE = 40
const AGENTS = ['discovery', 'rpcutil', 'controller', 'mcollective']
const connectors: Connector[] = []

async function open({ config, first, count }: OpenConnections): Promise<void> {
  const files = { read: (path: string) => readFileSync(path, 'utf8'), list: (path: string) => readdirSync(path) }
  const settings = loadConfig('server', { env: {}, home: '/', hostname: 'localhost', files, file: config })
  const shared = connectorOptions(settings, { log: silentLog, clock: systemClock, giveUpOnRefusal: false })
  const collective = settings.mainCollective
  let next = first
  const openSome = async (): Promise<void> => {
    for (let i = next++; i < first + count; i = next++) {
      const identity = `idle${String(i).padStart(4, '0')}.example.com`
      const connector = createStompConnector({ ...shared, identity, pid: i })
      connectors.push(connector)
      for (const agent of AGENTS) connector.subscribe({ kind: 'broadcast', collective, agent }, () => {})
      connector.subscribe({ kind: 'directed', collective, identity }, () => {})
      await connector.connect()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, openSome))
}

answerQuestions({ open })
