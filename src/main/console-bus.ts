// How a console reaches nodes: one connection to a broker, kept for as long as the console lives and tried again for ever, shared by clients
// that each speak in the name of one account. A client's caller id is `user=ACCOUNT` under psk, `cert=console.ACCOUNT` under aes: the
// prefix keeps accounts of the console from passing for operators who have keys of their own. [M-080]

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { PluginShelf } from '#cli/command.ts'
import type { Client } from '#client/api.ts'
import type { ClientSettings } from '#config/settings.ts'
import type { BusState } from '#console/parts.ts'
import type { SecurityScheme } from '#security/security.ts'
import { createSwitchingScheme } from '#security/switching.ts'
import { identityDaysLeft, issueIdentity, renewIdentity } from '#setup/identity-certificates.ts'
import { makeFolder, save } from '#setup/private-files.ts'
import type { Connector, ConnectorStatus, Subscription } from '#transport/connector.ts'
import { aesFromFiles } from './aes-from-files.ts'
import { connectorOf, pskMember } from './member.ts'
import { clientOver } from './open-client.ts'
import { pskFromFiles } from './psk-from-files.ts'

export interface ConsoleBus {
  state(): BusState
  /** A client that speaks for the account. Throws CONSOLE_NO_CALLER_KEY, CONFIG_* and SECURITY_*. */
  open(account: string): Promise<Client>
  close(): Promise<void>
}

const RENEW_BEFORE_DAYS = 30

/** Starts to connect. Throws CONFIG_INCOMPLETE when no broker is configured. */
export function openConsoleBus(
  settings: ClientSettings,
  shelf: PluginShelf,
  { log, onChange }: { readonly log: Log; readonly onChange: () => void },
): ConsoleBus {
  const connector = connectorOf(settings, { log, clock: systemClock, giveUpOnRefusal: false })
  const shared = shareConnector(connector)
  const watch = watchBus(log)
  shared.onStatus((status) => {
    if (watch.heard(status)) onChange()
  })
  const given = new AbortController()
  shared.connect(given.signal).catch((error) => {
    if (given.signal.aborted) return
    watch.gaveUp(messageOf(error))
    onChange()
  })
  return {
    state: watch.state,
    async open(account) {
      return clientOver(settings, shelf, {
        connector: shared.share(),
        security: schemeFor(settings, account, log),
        log,
      })
    },
    async close() {
      given.abort()
      await connector.disconnect()
    },
  }
}

export interface BusWatch {
  state(): BusState
  /** false: nothing is new. */
  heard(status: ConnectorStatus): boolean
  gaveUp(why: string): void
}

/** What there is to say about the connection: each change once, so also, at the start, that there is no broker. */
export function watchBus(log: Log): BusWatch {
  let state: BusState = { connected: false, problem: 'connecting to the broker' }
  let told: boolean | undefined
  return {
    state: () => state,
    heard(status) {
      if (status.state === 'connecting') return false
      const connected = status.state === 'connected'
      state = connected ? { connected } : { connected, problem: status.reason }
      if (told !== connected) {
        if (status.state === 'connected') log.info(`connected to ${status.to}`)
        else log.warn(`no broker, so no node can be reached: ${status.reason}; the console goes on trying`)
      }
      told = connected
      return true
    },
    gaveUp(why) {
      state = { connected: false, problem: why }
      log.error(`the console gives up connecting: ${why}`)
    },
  }
}

/** One connection for several users: each has reply addresses of its own, and ends its own subscriptions alone. */
export function shareConnector(connector: Connector): {
  share(): Connector
  connect(signal?: AbortSignal): Promise<void>
  onStatus(listener: (status: ConnectorStatus) => void): void
} {
  const listeners = new Set<(status: ConnectorStatus) => void>()
  connector.onStatus = (status) => {
    for (const listener of [...listeners]) listener(status)
  }
  return {
    connect: (signal) => connector.connect(signal),
    onStatus: (listener) => void listeners.add(listener),
    share() {
      const subscriptions = new Set<Subscription>()
      const tell = (status: ConnectorStatus): void => own.onStatus?.(status)
      listeners.add(tell)
      const own: Connector = {
        connect: async () => {},
        subscribe(source, onDelivery) {
          const subscription = connector.subscribe(source, onDelivery)
          subscriptions.add(subscription)
          return {
            unsubscribe() {
              subscriptions.delete(subscription)
              subscription.unsubscribe()
            },
          }
        },
        publish: (target, bytes, options) => connector.publish(target, bytes, options),
        replyAddress: (collective) => connector.replyAddress(collective),
        async disconnect() {
          listeners.delete(tell)
          for (const subscription of subscriptions) subscription.unsubscribe()
          subscriptions.clear()
        },
      }
      return own
    },
  }
}

/** What the account's client seals and opens messages with. Throws CONSOLE_NO_CALLER_KEY, CONFIG_* and SECURITY_*. */
export function schemeFor(settings: ClientSettings, account: string, log: Log): SecurityScheme {
  const { scheme, aes } = settings.security
  const psk = (): SecurityScheme => pskFromFiles({ ...pskMember(settings, log), caller: `user=${account}` })
  if (scheme === 'psk') return psk()
  const own = { ...aes, ...callerKey(settings, account) }
  const seal = aesFromFiles({ kind: 'client', identity: settings.identity, aes: own, log, now: Date.now })
  return aes.acceptPsk ? createSwitchingScheme({ seal, accept: [psk()] }) : seal
}

/** The files of the account's key and certificate: made, and renewed, where the authority's key is at hand. Throws CONSOLE_NO_CALLER_KEY. */
export function callerKey(
  { console: { directory, aesAuthorityKeyFile } }: Pick<ClientSettings, 'console'>,
  account: string,
  nowMs = Date.now(),
): { readonly keyFile: string; readonly certificateFile: string } {
  const folder = join(directory, 'callers')
  const files = { keyFile: join(folder, `${account}.key`), certificateFile: join(folder, `${account}.pem`) }
  const authority = existsSync(aesAuthorityKeyFile) ? aesAuthorityKeyFile : undefined
  const name = `console.${account}`
  if (existsSync(files.keyFile) && existsSync(files.certificateFile)) {
    const certificate = readFileSync(files.certificateFile, 'utf8')
    if (authority !== undefined && identityDaysLeft(certificate, nowMs) < RENEW_BEFORE_DAYS) {
      save(files.certificateFile, renewIdentity(readFileSync(authority, 'utf8'), certificate, { nowMs }).certificate)
    }
    return files
  }
  if (authority === undefined) {
    const message = `cannot speak to nodes for ${account}: there is no ${files.keyFile}, and no ${aesAuthorityKeyFile} to sign one; on the master, \`mco setup keys --caller ${name} --output DIR\` makes both files`
    throw new TroupeError('CONSOLE_NO_CALLER_KEY', message)
  }
  const issued = issueIdentity(readFileSync(authority, 'utf8'), { role: 'client', name, nowMs })
  makeFolder(folder)
  save(files.keyFile, issued.key)
  save(files.certificateFile, issued.certificate)
  return files
}
