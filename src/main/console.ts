// The web console wired to this machine: configuration, store, certificate, bus, signals. Loaded by `mco console` alone. It comes up without
// a broker and without an OpenID provider; both may come later. [issue: mco console]

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import { CONSOLE_LINK_MS } from '#base/limits.ts'
import { type Log, silentLog } from '#base/log.ts'
import type { ConsoleAddress, ConsoleInBackground, ConsoleLink, ConsoleProgram } from '#cli/console-program.ts'
import type { ClientSettings, LogSettings } from '#config/settings.ts'
import { makeLink } from '#console/auth/links.ts'
import type { ProviderOptions } from '#console/auth/oidc.ts'
import { type Console, createConsole } from '#console/console.ts'
import type { LiveOptions } from '#console/live.ts'
import { DEFAULT_SETTINGS } from '#console/settings-shelf.ts'
import { makeFolder } from '#setup/private-files.ts'
import { openStore } from '#store/open-store.ts'
import type { Store } from '#store/store.ts'
import { clientSettingsFrom, DISCOVERY_TIMEOUT_SECONDS } from './client-settings.ts'
import { openConsoleBus } from './console-bus.ts'
import { type ConsoleTls, consoleCertificate } from './console-certificate.ts'
import { consoleSealKey } from './console-seal-key.ts'
import { isDetached, runDetached, wasDetached } from './detach.ts'
import { type LogOutput, nextLevel, openLogOutput } from './log-output.ts'
import { announceReady, stopWithParent } from './parent.ts'
import { openPluginShelf } from './plugin-files.ts'
import { readKeyFile } from './read-key-file.ts'
import { VERSION } from './version.ts'

const TIDY_EVERY_MS = 60_000
const CERTIFICATE_EVERY_MS = 3_600_000
/** Beside the logs of the daemon and the broker. */
const BACKGROUND_LOG = '/var/log/puppetlabs/mcollective/troupe-console.log'

export function consoleProgram(configFile: string | undefined): ConsoleProgram {
  const settings = clientSettingsFrom(configFile)
  return {
    async serve({ stop, started, pidFile, daemonize = false }) {
      const log = openLogOutput(logOf(settings, daemonize), 'troupe-console')
      for (const warning of settings.warnings) log.warn(warning)
      const place = pidFile === undefined ? undefined : resolve(pidFile)
      const detached = isDetached()
      const forget = lookAfterLog(log)
      try {
        await serve(settings, log, { stop, started, pidFile: place, detached })
      } catch (error) {
        log.fatal(messageOf(error))
        throw error
      } finally {
        forget()
        log.close()
      }
    },
    async background() {
      if (wasDetached()) return undefined
      const { pid, said } = await runDetached(process.argv.slice(2))
      const address = said as ConsoleInBackground['address']
      return { pid, logFile: logOf(settings, true).file, ...(address ? { address } : {}) }
    },
    async link(account) {
      const store = await storeOf(settings, silentLog)
      try {
        return await linkOf(store, urlOf(settings, settings.console.listen.port), account)
      } finally {
        await store.close()
      }
    },
  }
}

function logOf({ log, console: { logFile } }: ClientSettings, daemonize: boolean): LogSettings {
  if (logFile !== undefined) return { ...log, type: 'file', file: logFile }
  return daemonize && log.type === 'console' ? { ...log, type: 'file', file: BACKGROUND_LOG } : log
}

/** USR2 moves to the next log level, WINCH opens the log anew, as for the daemon. Returns the end of it. */
function lookAfterLog(log: LogOutput): () => void {
  const reopen = (): void => log.reopen()
  const next = (): void => log.fatal(`log level is now ${nextLevel(log)}`)
  process.on('SIGWINCH', reopen).on('SIGUSR2', next)
  return () => void process.off('SIGWINCH', reopen).off('SIGUSR2', next)
}

interface Serving extends Pick<Parameters<ConsoleProgram['serve']>[0], 'stop' | 'started' | 'pidFile'> {
  /** In the background, where the end of the starter is none of its business. */
  readonly detached: boolean
}

async function serve(settings: ClientSettings, log: Log, { stop, started, pidFile, detached }: Serving): Promise<void> {
  const { listen } = settings.console
  const store = await storeOf(settings, log)
  const undo: (() => Promise<void> | void)[] = [() => store.close()]
  try {
    const tls = settings.console.tls ? await consoleCertificate(settings, log, Date.now()) : undefined
    const shelf = openPluginShelf(settings.libdirs, VERSION)
    let running: Console | undefined
    const bus = openConsoleBus(settings, shelf, { log, onChange: () => running?.busChanged() })
    undo.unshift(() => bus.close())
    running = await createConsole({
      ...{ store, clock: systemClock, log, plugins: shelf, version: VERSION, collective: settings.mainCollective },
      discoveryTimeoutSeconds: settings.discoveryTimeoutSeconds ?? DISCOVERY_TIMEOUT_SECONDS,
      times: {
        idleMs: settings.console.sessionIdleSeconds * 1000,
        longestMs: settings.console.sessionMaxSeconds * 1000,
      },
      openClient: (account) => bus.open(account),
      bus: () => bus.state(),
      settings: { ...DEFAULT_SETTINGS, liveManagement: settings.console.liveManagement },
      origins: settings.console.url === undefined ? [] : [settings.console.url],
      trustedProxies: settings.console.trustedProxies,
      webDirectory: webDirectory(),
      live: { ...liveOptions(settings), sealKey: consoleSealKey(settings.console.directory) },
      ...(tls ? { tls } : {}),
      ...providerOf(settings),
    })
    undo.unshift(running.close)
    const port = await running.server.listen(listen.host, listen.port).catch((error) => {
      throw cannotListen(settings, error)
    })
    undo.unshift(byAndBy(TIDY_EVERY_MS, log, running.tidy))
    if (tls) undo.unshift(byAndBy(CERTIFICATE_EVERY_MS, log, renewing(settings, log, running, tls)))
    const url = urlOf(settings, port)
    const needsAccount = (await store.accounts.count()) === 0
    const address: ConsoleAddress = {
      url,
      ...(tls?.authorityFile === undefined ? {} : { authorityFile: tls.authorityFile }),
      ...(needsAccount ? { firstLink: () => linkOf(store, url, undefined) } : {}),
    }
    if (pidFile !== undefined) {
      writeFileSync(pidFile, `${process.pid}\n`)
      undo.unshift(() => rmSync(pidFile, { force: true }))
    }
    log.info(`the console listens at ${url}`)
    await started(address)
    const ended = endOfService(detached)
    const { firstLink: _, ...plain } = address
    announceReady(detached ? { ...plain, needsAccount } : 'ready')
    await Promise.race([stop, ended.promise])
    ended.forget()
    log.info('the console ends')
  } finally {
    for (const step of undo) {
      await Promise.resolve(step()).catch((error: unknown) => log.warn(`while ending: ${messageOf(error)}`))
    }
  }
}

function endOfService(detached: boolean): { readonly promise: Promise<void>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const onSignal = (): void => resolve()
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  if (!detached) stopWithParent(onSignal)
  return {
    promise,
    forget() {
      for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal)
    },
  }
}

/** Calls `work` again and again; what it throws is logged. Returns the end of it. */
function byAndBy(everyMs: number, log: Log, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    running = work().catch((error) => log.error(`could not look after the console: ${messageOf(error)}`))
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}

function renewing(settings: ClientSettings, log: Log, running: Console, first: ConsoleTls): () => Promise<void> {
  let inUse = first.cert
  return async () => {
    const tls = await consoleCertificate(settings, log, Date.now())
    if (tls.cert === inUse) return
    running.server.renewTls(tls)
    inUse = tls.cert
    log.info('the console has a new certificate')
  }
}

async function storeOf(settings: ClientSettings, log: Log): Promise<Store> {
  const { store, directory } = settings.console
  if (store.url.startsWith('sqlite:')) makeOwnFolder(directory)
  return openStore({
    ...{ url: store.url, clock: systemClock, log, console: settings.identity || hostname() },
    ...(store.password ? { password: store.password.reveal() } : {}),
    ...(store.caFile === undefined ? {} : { tls: { ca: readFileSync(store.caFile, 'utf8') } }),
  })
}

function makeOwnFolder(directory: string): void {
  try {
    makeFolder(directory)
  } catch (cause) {
    const message = `cannot make ${directory} (console.directory): ${messageOf(cause)}; its user must be able to write there`
    throw new TroupeError('STORE_UNREADABLE', message, { cause })
  }
}

async function linkOf(store: Store, url: string, account: string | undefined): Promise<ConsoleLink> {
  const made = await makeLink({ store, clock: systemClock, url }, account)
  return { ...made, minutes: CONSOLE_LINK_MS / 60_000 }
}

function urlOf({ console: { url, listen, tls, names } }: ClientSettings, port: number): string {
  if (url !== undefined) return url
  const everywhere = ['::', '0.0.0.0', ''].includes(listen.host)
  const host = everywhere ? (names[0] ?? 'localhost') : listen.host
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function liveOptions({ console: own }: ClientSettings): LiveOptions {
  const { refreshSeconds, puppetSeconds, lookingActions, volatileOutputs, puppetDb } = own
  return {
    ...{ refreshSeconds, puppetSeconds, looking: lookingActions, volatile: volatileOutputs },
    ...(puppetDb ? { puppetDb: puppetDbOf(puppetDb) } : {}),
  }
}

function puppetDbOf({ url, caFile, certFile, keyFile }: NonNullable<ClientSettings['console']['puppetDb']>) {
  return {
    url,
    ...(caFile === undefined ? {} : { ca: readKeyFile(caFile, 'console.puppetdb.ca') }),
    ...(certFile === undefined ? {} : { cert: readKeyFile(certFile, 'console.puppetdb.cert') }),
    ...(keyFile === undefined ? {} : { key: readKeyFile(keyFile, 'console.puppetdb.key', { isPrivate: true }) }),
  }
}

function providerOf(settings: ClientSettings): { provider?: ProviderOptions } {
  const { oidc } = settings.console
  if (!oidc) return {}
  const { clientSecretFile, administrators, operators, viewers, ...plain } = oidc
  const secret =
    clientSecretFile === undefined
      ? undefined
      : readKeyFile(clientSecretFile, 'console.oidc.client_secret_file', { isPrivate: true }).trim()
  return {
    provider: {
      ...plain,
      clientSecret: secret,
      redirectUrl: `${urlOf(settings, settings.console.listen.port)}/api/session/oidc/callback`,
      groups: { administrator: administrators, operator: operators, viewer: viewers },
    },
  }
}

/** dist/web, whether this runs from dist/main or from src/main. */
function webDirectory(): string {
  const built = fileURLToPath(new URL('../web', import.meta.url))
  return existsSync(`${built}/index.html`) ? built : fileURLToPath(new URL('../../dist/web', import.meta.url))
}

function cannotListen({ file, console: { listen } }: ClientSettings, error: unknown): TroupeError {
  const { code = '' } = error as NodeJS.ErrnoException
  const why = code === 'EADDRINUSE' ? 'another program listens there' : messageOf(error)
  return new TroupeError(
    'CONSOLE_CANNOT_LISTEN',
    `cannot serve the console on ${listen.host} port ${listen.port}: ${why}; stop that program, or choose another address with console.listen in ${file}`,
    { cause: error },
  )
}
