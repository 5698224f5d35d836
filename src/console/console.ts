// A console put together: the record of parts, the table of routes, the server, and what must happen by and by. Everything that touches the
// machine (store, clients, certificates, files) comes in; main/console.ts makes it.

import type { Clock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { Client } from '#client/api.ts'
import type { Store } from '#store/store.ts'
import type { ConsoleSettings } from './api/fleet.ts'
import { createAuthenticator, type SessionTimes } from './auth/authenticate.ts'
import { createProvider, type ProviderOptions } from './auth/oidc.ts'
import { createPasswords } from './auth/passwords.ts'
import { createSignIn } from './auth/sign-in.ts'
import { createStillAllowed } from './auth/still-allowed.ts'
import { createClients } from './clients.ts'
import { createConsoleEvents } from './events.ts'
import { createLive, type Live, type LiveOptions } from './live.ts'
import { type BusState, type ConsoleParts, type InstalledPlugins, OWN_ACCOUNT } from './parts.ts'
import type { Route } from './route.ts'
import { allRoutes } from './routes.ts'
import { type ConsoleServer, type ConsoleServerOptions, createConsoleServer } from './server.ts'
import { openSettingsShelf } from './settings-shelf.ts'

export interface ConsoleOptions
  extends Pick<
    ConsoleServerOptions,
    'tls' | 'trustedProxies' | 'origins' | 'webDirectory' | 'checkAnswers' | 'limits'
  > {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly plugins: InstalledPlugins
  readonly version: string
  readonly collective: string
  readonly discoveryTimeoutSeconds: number
  readonly times: SessionTimes
  readonly provider?: Omit<ProviderOptions, 'redirectUrl'> & { readonly redirectUrl: string }
  /** A client that speaks for this account. Rejects with CONSOLE_NO_BUS or CONSOLE_NO_CALLER_KEY. */
  readonly openClient: (account: string) => Promise<Client>
  readonly bus: () => BusState
  /** What holds until an administrator changes something. */
  readonly settings?: ConsoleSettings
  readonly live?: LiveOptions
  /** For tests: cheaper hashes. */
  readonly passwordCost?: Parameters<typeof createPasswords>[0]
}

export interface Console {
  readonly server: ConsoleServer
  readonly parts: ConsoleParts
  readonly routes: readonly Route[]
  readonly live: Live
  /** Tells browsers that the bus came or went. */
  busChanged(): void
  /** Settings and DDLs as others changed them, and what is too old deleted: to be called by and by. */
  tidy(): Promise<void>
  close(): Promise<void>
}

/** Throws STORE_* when the store cannot be read. */
export async function createConsole(options: ConsoleOptions): Promise<Console> {
  const { store, clock, log, times } = options
  const events = createConsoleEvents({ clock })
  const settings = await openSettingsShelf(store, options.settings)
  const clients = createClients({ open: options.openClient, clock })
  /** A client without a broker would wait, and nobody would know for what. */
  const clientOf = async (account: string): Promise<Client> => {
    const { connected, problem = 'the broker is away' } = options.bus()
    if (!connected) throw new TroupeError('CONSOLE_NO_BUS', `cannot speak to nodes: ${problem}`)
    return clients.of(account)
  }
  const audit: ConsoleParts['audit'] = async ({ account, address }, what, detail) => {
    await store.audit.add({ atMs: clock.now(), account, what, detail, address })
  }
  const parts: ConsoleParts = {
    ...{ store, clock, log, events, settings, audit },
    ...{ plugins: options.plugins, version: options.version, collective: options.collective },
    ...{ discoveryTimeoutSeconds: options.discoveryTimeoutSeconds, bus: options.bus },
    clientOf: ({ account }) => clientOf(account),
    ownClient: () => clientOf(OWN_ACCOUNT),
  }
  const live = createLive(parts, options.live)
  await live.open()
  const passwords = createPasswords(options.passwordCost)
  const signIn = createSignIn({ store, clock, passwords, times, events, audit })
  const routes = allRoutes({
    ...parts,
    ...{ nodes: live.nodes, jobs: live.jobs, tasks: live.tasks },
    ...{ runs: live.runs, puppetDb: live.puppetDb, inspector: live.inspector, clones: live.clones },
    ...{ signIn, passwords },
    stillAllowed: createStillAllowed({ store, clock, idleMs: times.idleMs }),
    ...(options.provider ? { provider: createProvider(options.provider) } : {}),
  })
  const server = await createConsoleServer({
    ...options,
    routes,
    authenticator: createAuthenticator({ store, clock, times }),
    liveManagement: () => settings.get().liveManagement,
  })
  return {
    ...{ server, parts, routes, live },
    busChanged() {
      events.publish({ type: 'bus', ...options.bus() })
      if (options.bus().connected) void live.nodes.refresh()
    },
    async tidy() {
      await settings.refresh()
      const purged = await store.purge(clock.now(), settings.get().retentionDays)
      const some = Object.entries(purged).filter(([, count]) => count > 0)
      if (some.length > 0) log.info(`deleted what is too old: ${some.map(([what, n]) => `${n} ${what}`).join(', ')}`)
    },
    async close() {
      events.close()
      await server.close()
      await live.close()
      await clients.close().catch((error) => log.warn(`a client did not close: ${messageOf(error)}`))
    },
  }
}
