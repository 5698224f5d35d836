// What client and node processes have in common: a security scheme and a connector made from their settings. Reads key material; nothing
// here decides anything.

import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Clock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import { type Log, silentLog } from '#base/log.ts'
import type {
  ClientSettings,
  ConnectionSettings,
  MemberSettings,
  PoolMember,
  SecuritySettings,
  ServerSettings,
  TlsSettings,
} from '#config/settings.ts'
import type { SecurityScheme } from '#security/security.ts'
import { createSwitchingScheme } from '#security/switching.ts'
import type { Connector } from '#transport/connector.ts'
import { createStompConnector, type StompConnectorOptions } from '#transport/stomp/stomp-connector.ts'
import { aesFromFiles } from './aes-from-files.ts'
import { type PskMember, pskFromFiles } from './psk-from-files.ts'

/**
 * Throws CONFIG_UNREADABLE and CONFIG_UNSAFE_KEY_FILE for a key file that cannot or must not be used, SECURITY_BAD_KEY and
 * SECURITY_WEAK_KEY for what is in it, CONFIG_INCOMPLETE when no key is configured.
 */
export function securityOf(settings: ClientSettings | ServerSettings, log: Log = silentLog): SecurityScheme {
  const { scheme, aes } = settings.security
  if (scheme === 'psk') return pskFromFiles(pskMember(settings, log))
  const { kind, identity } = settings
  const seal = aesFromFiles({ kind, identity, aes, log, now: Date.now })
  return aes.acceptPsk ? createSwitchingScheme({ seal, accept: [pskFromFiles(pskMember(settings, log))] }) : seal
}

export function pskMember(settings: MemberSettings, log: Log): PskMember {
  const { psk } = settings.security
  const caller = callerOf(psk.callerType, settings.identity)
  return { psk, configFile: settings.file, caller, log, now: Date.now }
}

/** The caller id of this process. [wire 3.1] */
function callerOf(type: SecuritySettings['psk']['callerType'], identity: string): string {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  switch (type) {
    case 'uid':
      return `uid=${uid}`
    case 'gid':
      return `gid=${gid}`
    case 'user':
      return `user=${userInfo().username}`
    case 'group':
      return `group=${groupName(gid)}`
    case 'identity':
      return `identity=${identity}`
  }
}

function groupName(gid: number): string {
  const line = readText('/etc/group', 'the group database')
    .split('\n')
    .find((entry) => entry.split(':')[2] === String(gid))
  return line?.split(':')[0] ?? String(gid)
}

export interface ConnectorContext {
  readonly log: Log
  readonly clock: Clock
  /** true: give up when the broker refuses the login; right for commands. */
  readonly giveUpOnRefusal: boolean
  /** Tells reply addresses of one process apart. Default: the process id. */
  readonly pid?: number
}

/** Throws CONFIG_INCOMPLETE when no broker is configured, CONFIG_UNREADABLE when a certificate or key cannot be read. */
export function connectorOf(settings: MemberSettings, context: ConnectorContext): Connector {
  return createStompConnector(connectorOptions(settings, context))
}

export function connectorOptions(settings: MemberSettings, context: ConnectorContext): StompConnectorOptions {
  const connection: ConnectionSettings = settings.connection
  if (connection.pool.length === 0) {
    const message = `cannot connect: no broker is configured, set plugin.${connection.connector}.pool.1.host in ${settings.file}`
    throw new TroupeError('CONFIG_INCOMPLETE', message)
  }
  return {
    pool: connection.pool.map(poolMember),
    identity: settings.identity,
    pid: process.pid,
    style: connection.connector,
    vhost: connection.vhost,
    versions: connection.acceptStomp10 ? ['1.2', '1.1', '1.0'] : ['1.2', '1.1'],
    heartbeatSeconds: connection.heartbeatSeconds,
    heartbeatsMissedMax: connection.heartbeatsMissedMax,
    connectTimeoutMs: connection.connectTimeoutSeconds * 1000,
    backoff: {
      initialMs: connection.initialReconnectSeconds * 1000,
      maxMs: connection.reconnectSecondsMax * 1000,
      multiplier: connection.exponentialBackoff ? connection.backoffMultiplier : 1,
    },
    randomize: connection.randomize,
    attemptsMax: connection.reconnectAttemptsMax,
    agentsMultiplex: connection.agentsMultiplex,
    useReplyExchange: connection.useReplyExchange,
    priority: connection.priority,
    ...context,
  }
}

function poolMember(member: PoolMember): StompConnectorOptions['pool'][number] {
  return {
    host: member.host,
    port: member.port,
    ...(member.user === undefined ? {} : { user: member.user }),
    ...(member.password === undefined ? {} : { password: member.password.reveal() }),
    ...(member.tls === undefined ? {} : { tls: tlsOf(member.tls) }),
  }
}

function tlsOf(tls: TlsSettings): NonNullable<StompConnectorOptions['pool'][number]['tls']> {
  const { certFile, keyFile } = tls
  return {
    verify: tls.verify,
    ...(tls.caFiles.length === 0 ? {} : { ca: tls.caFiles.map((file) => readText(file, 'the CA certificate')) }),
    ...(certFile === undefined ? {} : { cert: readText(certFile, 'the certificate') }),
    ...(keyFile === undefined ? {} : { key: readText(keyFile, 'the private key') }),
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
  }
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TroupeError('CONFIG_UNREADABLE', `cannot read ${what} from ${file}: ${messageOf(cause)}`, { cause })
  }
}
