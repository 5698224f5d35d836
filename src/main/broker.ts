// The `troupe-broker` program: the embedded STOMP broker wired to its configuration, log and signals.
// SIGTERM and SIGINT drain and stop, SIGWINCH opens the log anew, SIGUSR2 moves to the next log level.

import { readdirSync, readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { parseArgs } from 'node:util'
import { messageOf, TroupeError } from '#base/errors.ts'
import { createBroker } from '#broker/broker.ts'
import type { Account, BrokerOptions, BrokerTls } from '#broker/options.ts'
import { CLIENT_PERMISSIONS, NODE_PERMISSIONS } from '#broker/roles.ts'
import { loadConfig } from '#config/load.ts'
import type { BrokerAccount, BrokerSettings } from '#config/settings.ts'
import { type LogOutput, nextLevel, openLogOutput } from './log-output.ts'
import { announceReady, stopWithParent } from './parent.ts'
import { VERSION } from './version.ts'

const USAGE = 'Usage: troupe-broker [--config FILE] [--version]\n'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', short: 'c' },
      version: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.version || values.help) {
    process.stdout.write(values.version ? `troupe-broker ${VERSION}\n` : USAGE)
    return
  }
  const files = { read: (path: string) => readFileSync(path, 'utf8'), list: (path: string) => readdirSync(path) }
  const place = { env: process.env, home: homedir(), hostname: hostname(), files }
  const settings = loadConfig('broker', values.config === undefined ? place : { ...place, file: values.config })
  const log = openLogOutput(settings.log, 'troupe-broker')
  for (const warning of settings.warnings) log.warn(warning)
  try {
    await run(settings, log)
  } catch (error) {
    log.fatal(messageOf(error))
    throw error
  }
}

async function run(settings: BrokerSettings, log: LogOutput): Promise<void> {
  const broker = createBroker(brokerOptions(settings, log))
  await broker.start()
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    await broker.stop({ drainMs: settings.drainTimeoutSeconds * 1000 })
    log.close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop())
  process.on('SIGWINCH', () => log.reopen())
  process.on('SIGUSR2', () => log.fatal(`log level is now ${nextLevel(log)}`))
  stopWithParent(() => void stop())
  announceReady()
}

function brokerOptions(settings: BrokerSettings, log: LogOutput): BrokerOptions {
  return {
    listen: settings.listen,
    log,
    ...(settings.tls === undefined ? {} : { tls: tlsOf(settings.tls) }),
    accounts: settings.accounts.map(accountOf),
    limits: {
      connectionsMax: settings.connectionsMax,
      unauthenticatedMax: settings.unauthenticatedMax,
      frameBytesMax: settings.frameBytesMax,
      outgoingBytesMax: settings.consumerBufferBytesMax,
      loginMs: settings.loginTimeoutSeconds * 1000,
      heartbeatMs: settings.heartbeatSeconds * 1000,
    },
  }
}

const CLIENT_CERTIFICATE = { none: 'none', optional: 'ask', required: 'require' } as const

function tlsOf(tls: NonNullable<BrokerSettings['tls']>): BrokerTls {
  return {
    key: readPem(tls.keyFile, 'broker.tls.key'),
    cert: readPem(tls.certFile, 'broker.tls.cert'),
    ...(tls.caFile === undefined ? {} : { ca: readPem(tls.caFile, 'broker.tls.ca') }),
    clientCertificate: CLIENT_CERTIFICATE[tls.clientCertificates],
  }
}

function readPem(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TroupeError('CONFIG_UNREADABLE', `cannot read ${file} (${setting}): ${messageOf(cause)}`, { cause })
  }
}

function accountOf({ name, password, role, certificates, identityFrom }: BrokerAccount): Account {
  return {
    name,
    password: password?.reveal() ?? null,
    ...(certificates.length === 0 ? {} : { certificateNames: certificates }),
    ...(identityFrom === undefined ? {} : { bindSelectorTo: identityFrom }),
    permissions: role === 'node' ? NODE_PERMISSIONS : CLIENT_PERMISSIONS,
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`troupe-broker: ${messageOf(error)}\n`)
  process.exitCode = 1
}
