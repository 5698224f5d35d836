// A client from a configuration: what `mco` and scripts share. Connects when it is asked to.

import { systemClock } from '#base/clock.ts'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import { type Log, silentLog } from '#base/log.ts'
import type { PluginShelf } from '#cli/command.ts'
import type { Client } from '#client/api.ts'
import { createClient } from '#client/client.ts'
import type { ClientSettings } from '#config/settings.ts'
import type { AgentDdl, DataDdl } from '#rpc/ddl/ddl.ts'
import { checkInputs } from '#rpc/validate/check-inputs.ts'
import type { SecurityScheme } from '#security/security.ts'
import type { Connector } from '#transport/connector.ts'
import { DISCOVERY_TIMEOUT_SECONDS } from './client-settings.ts'
import { connectorOf, pskMember, securityOf } from './member.ts'
import { type KeyNames, keyNames, type PskMember, pskWithOneKey } from './psk-from-files.ts'

/** Linux: process ids are below. */
const PIDS_MAX = 4_194_304

export interface OpenClientOptions {
  readonly log?: Log
  readonly signal?: AbortSignal
  /** Seconds after which connecting is given up; undefined: tried until `signal`. */
  readonly connectionTimeoutSeconds?: number
  /** One of the pre-shared keys alone, to find out who has which. */
  readonly key?: 'current' | 'previous'
}

/** What the pre-shared keys are called. Throws USAGE_INVALID in a collective of another scheme, CONFIG_*. */
export function keyNamesOf(settings: ClientSettings, log: Log): KeyNames {
  return keyNames(pskOnly(settings, log))
}

function pskOnly(settings: ClientSettings, log: Log): PskMember {
  const { scheme } = settings.security
  if (scheme === 'psk') return pskMember(settings, log)
  const message = `there is no shared password: the security scheme of ${settings.file} is ${scheme}, in which everybody has keys of their own`
  throw new TroupeError('USAGE_INVALID', message)
}

/** Connects a client. Rejects with TRANSPORT_* when no broker takes it. */
export async function openClient(
  settings: ClientSettings,
  shelf: PluginShelf,
  options: OpenClientOptions = {},
): Promise<Client> {
  const log = options.log ?? silentLog
  // Before anything is open that would keep the process alive when the key cannot be used.
  const security = options.key ? pskWithOneKey(pskOnly(settings, log), options.key) : securityOf(settings, log)
  // A second connection of this process needs a reply address of its own; no process has such an id.
  const pid = options.key === 'previous' ? { pid: PIDS_MAX + process.pid } : {}
  const connector = connectorOf(settings, { log, clock: systemClock, giveUpOnRefusal: true, ...pid })
  const signals = [
    ...(options.signal ? [options.signal] : []),
    ...(options.connectionTimeoutSeconds === undefined
      ? []
      : [AbortSignal.timeout(options.connectionTimeoutSeconds * 1000)]),
  ]
  let told = false
  connector.onStatus = (status) => {
    if (status.state !== 'disconnected' || told) return
    told = true
    // MCollective tries for ever as well; it must not look as if nothing happened.
    log.warn(`${status.reason}; trying again until it works: Ctrl-C gives up, --connection-timeout limits it`)
  }
  await connector.connect(signals.length === 0 ? undefined : AbortSignal.any(signals))
  return clientOver(settings, shelf, { connector, security, log })
}

/** A client on a connection that is there, or on its way. */
export function clientOver(
  settings: ClientSettings,
  shelf: Pick<PluginShelf, 'load'>,
  { connector, security, log }: { readonly connector: Connector; readonly security: SecurityScheme; readonly log: Log },
): Client {
  return createClient({
    connector,
    security,
    identity: settings.identity,
    clock: systemClock,
    log,
    settings: {
      collectives: settings.collectives,
      mainCollective: settings.mainCollective,
      ttlSeconds: settings.ttlSeconds,
      discoveryTimeoutSeconds: settings.discoveryTimeoutSeconds ?? DISCOVERY_TIMEOUT_SECONDS,
      limitMethod: settings.limitMethod,
      batchSize: settings.batchSize,
      batchSleepSeconds: settings.batchSleepSeconds,
      useRoster: true,
    },
    agentDdl: (name) => shelf.load('agent', name) as AgentDdl,
    dataDdl(name) {
      try {
        return shelf.load('data', name) as DataDdl
      } catch (error) {
        if (isTroupeError(error, 'DDL_NOT_FOUND')) return undefined
        throw error
      }
    },
    checkInputs,
  })
}
