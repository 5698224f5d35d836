// A whole console in this process for tests: the real server, routes and store over the real client and real nodes on a memory bus. Requests are
// handed to it without a socket, with the cookies and headers a browser would send. Answers that do not fit their schema fail.
//
//   const troupe = await startConsole({ nodes: 5 })
//   const alice = await troupe.signedIn('alice', 'operator')
//   const { status, body } = await alice.post('/api/jobs', { kind: 'call', ... })

import { type Clock, systemClock } from '../../src/base/clock.ts'
import { isTroupeError } from '../../src/base/errors.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import type { Client } from '../../src/client/api.ts'
import { createClient } from '../../src/client/client.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { Session } from '../../src/console/api/session.ts'
import type { Role } from '../../src/console/api/words.ts'
import { createPasswords } from '../../src/console/auth/passwords.ts'
import { newAccount } from '../../src/console/auth/sign-in.ts'
import { type Console, type ConsoleOptions, createConsole } from '../../src/console/console.ts'
import type { Method } from '../../src/console/route.ts'
import { createNode, type Node } from '../../src/main/node.ts'
import { openPluginShelf } from '../../src/main/plugin-files.ts'
import type { Values } from '../../src/message/request.ts'
import { createPuppetAgent } from '../../src/puppet/agent/puppet-agent.ts'
import type { AgentDdl, DataDdl } from '../../src/rpc/ddl/ddl.ts'
import { checkInputs } from '../../src/rpc/validate/check-inputs.ts'
import { createPskScheme } from '../../src/security/psk.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { createMemoryBus, type MemoryBus } from '../../src/transport/memory.ts'
import { type EmulatedNode, emulatedNodes } from './emulated-nodes.ts'
import { LIBDIR } from './mco-in-memory.ts'

const KEY = 'a key for tests only'
const COLLECTIVE = 'mcollective'
export const ORIGIN = 'https://console.example.com'
export const PASSWORD = 'correct horse battery'
/** Milliseconds of a processor instead of 25. */
const CHEAP = { memory: 64, passes: 1, parallelism: 1 }

/** Tests ask more in a minute than people do, all from one address. */
export const UNLIMITED = { attemptsMax: 1_000_000, accountRequestsMax: 1_000_000, addressRequestsMax: 1_000_000 }

/** Timers are real, the time of day can be moved: sessions end and locks open without waiting. */
export class MovableClock implements Clock {
  #aheadMs = 0
  now = (): number => systemClock.now() + this.#aheadMs
  monotonic = (): number => systemClock.monotonic() + this.#aheadMs
  after = systemClock.after
  move(ms: number): void {
    this.#aheadMs += ms
  }
}

export interface StartConsole
  extends Partial<
    Pick<
      ConsoleOptions,
      'live' | 'provider' | 'limits' | 'webDirectory' | 'tls' | 'trustedProxies' | 'settings' | 'origins'
    >
  > {
  /** How many emulated nodes; default none. */
  readonly nodes?: number
  /** Further facts of a node, by its number. */
  readonly facts?: (index: number) => Values
  /** Lines of server.cfg for a node. */
  readonly config?: (identity: string) => string
  /** Default `sqlite::memory:`. */
  readonly storeUrl?: string
  readonly log?: Log
  readonly libdirs?: readonly string[]
  /** What is told of the connection to the broker; default: it is there. */
  readonly busState?: ConsoleOptions['bus']
  /** Resources of a node that are not emulated. */
  readonly ral?: (identity: string) => EmulatedNode['ral'] | undefined
}

export interface Answered {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape, which were compared with their schemas
  readonly body: any
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** Sent as it is. */
  readonly payload?: string
}

/** A browser, or with `token` a script: keeps cookies and sends what its kind sends. */
export interface Asker {
  ask(method: Method, path: string, body?: unknown, asked?: Asked): Promise<Answered>
  get(path: string): Promise<Answered>
  post(path: string, body?: unknown): Promise<Answered>
  put(path: string, body?: unknown): Promise<Answered>
  delete(path: string): Promise<Answered>
  readonly cookies: Map<string, string>
  /** What it sends with everything, besides cookies and the CSRF token. */
  headers(): Record<string, string>
  /** The CSRF token it would send. */
  csrfToken: string
}

export interface TestConsole extends Console {
  readonly store: Store
  readonly clock: MovableClock
  readonly bus: MemoryBus
  readonly nodes: readonly EmulatedNode[]
  /** Takes a node off the bus; it says nothing any more. */
  kill(identity: string): Promise<void>
  /** A browser that is not signed in, having loaded the page. */
  browser(): Promise<Asker>
  /** Makes the account when there is none of that name, and signs in with its password. */
  signedIn(account: string, role: Role): Promise<Asker>
  /** A script with an API token of this account. */
  script(account: string, role: Role, tokenRole?: Role): Promise<Asker>
  stop(): Promise<void>
}

export async function startConsole(options: StartConsole = {}): Promise<TestConsole> {
  const log = options.log ?? silentLog
  const clock = new MovableClock()
  const bus = createMemoryBus({ clock })
  const emulated = emulatedNodes(options.nodes ?? 0, clock).map((node, index) => ({
    ...node,
    facts: { ...node.facts, ...options.facts?.(index) },
  }))
  const libdirs = options.libdirs ?? [LIBDIR]
  const security = (caller: string) => createPskScheme({ psk: KEY, caller, now: () => clock.now() })
  const daemons = new Map<string, Node>()
  for (const [index, node] of emulated.entries()) {
    const daemon = startNode(node, { roster: index === 0, libdirs, config: options.config?.(node.identity) ?? '' })
    daemons.set(node.identity, daemon)
    await daemon.start()
  }

  function startNode(node: EmulatedNode, how: { roster: boolean; libdirs: readonly string[]; config: string }): Node {
    const text = `identity = ${node.identity}\nlibdir = ${how.libdirs.join(':')}\nregisterinterval = 300\nroster = ${how.roster ? 1 : 0}\nrosterfile = /dev/null\n${how.config}`
    const daemon: Node = createNode(parseConfig(text, '/etc/puppetlabs/mcollective/server.cfg', 'server'), {
      connector: bus.connector({ identity: node.identity }),
      security: security('uid=0'),
      facts: { facts: () => node.facts, warnings: () => [] },
      classes: { classes: () => node.classes, warnings: () => [] },
      puppet: createPuppetAgent(node.puppet),
      machine: node.machine,
      ral: options.ral?.(node.identity) ?? node.ral,
      clock,
      log,
      onExit: () => void daemon.stop(),
      keepJournal: false,
    })
    return daemon
  }

  const store = await openStore({ url: options.storeUrl ?? 'sqlite::memory:', clock, log })
  const plugins = openPluginShelf(libdirs, '3.0.0')
  let pids = 0
  const openClient = async (account: string): Promise<Client> => {
    const connector = bus.connector({ identity: 'console.example.com', pid: ++pids })
    await connector.connect()
    return createClient({
      ...{ connector, security: security(`user=${account}`), identity: 'console.example.com', clock, log, checkInputs },
      settings: {
        ...{ collectives: [COLLECTIVE], mainCollective: COLLECTIVE, ttlSeconds: 60, discoveryTimeoutSeconds: 2 },
        ...{ limitMethod: 'first', batchSize: 0, batchSleepSeconds: 1, useRoster: true },
      },
      agentDdl: (name) => plugins.load('agent', name) as AgentDdl,
      dataDdl(name) {
        try {
          return plugins.load('data', name) as DataDdl
        } catch (error) {
          if (isTroupeError(error, 'DDL_NOT_FOUND')) return undefined
          throw error
        }
      },
    })
  }
  const made = await createConsole({
    ...{ store, clock, log, plugins, openClient, version: '3.0.0', collective: COLLECTIVE, discoveryTimeoutSeconds: 2 },
    times: { idleMs: 30 * 60_000, longestMs: 12 * 3_600_000 },
    bus: options.busState ?? (() => ({ connected: true })),
    origins: options.origins ?? [ORIGIN],
    trustedProxies: options.trustedProxies ?? [],
    checkAnswers: true,
    passwordCost: CHEAP,
    ...(options.provider ? { provider: options.provider } : {}),
    limits: { ...UNLIMITED, ...options.limits },
    ...(options.webDirectory === undefined ? {} : { webDirectory: options.webDirectory }),
    ...(options.tls ? { tls: options.tls } : {}),
    ...(options.settings ? { settings: options.settings } : {}),
    // Nothing looks at the fleet beside the tests: other files' tests may keep a console for minutes.
    live: { refreshSeconds: 86_400, ...options.live },
  })
  const passwords = createPasswords(CHEAP)

  async function account(name: string, role: Role): Promise<void> {
    if (await store.accounts.get(name)) return
    const passwordHash = await passwords.hash(PASSWORD)
    await store.accounts.insert(newAccount({ name, displayName: name, role, passwordHash }, clock.now()))
  }

  async function browser(): Promise<Asker> {
    const asker = askerOf(made, () => ({ origin: ORIGIN, 'sec-fetch-site': 'same-origin' }))
    asker.csrfToken = ((await asker.get('/api/session')).body as Session).csrfToken
    return asker
  }

  return {
    ...made,
    ...{ store, clock, bus, nodes: emulated, browser },
    async kill(identity) {
      await daemons.get(identity)?.stop()
      daemons.delete(identity)
    },
    async signedIn(name, role) {
      await account(name, role)
      const asker = await browser()
      const { status, body, text } = await asker.post('/api/session', { name, password: PASSWORD })
      if (status !== 200) throw new Error(`cannot sign in as ${name}: ${text}`)
      asker.csrfToken = (body as Session).csrfToken
      return asker
    },
    async script(name, role, tokenRole = role) {
      await account(name, role)
      const { newSecret, hashOf } = await import('../../src/console/auth/secrets.ts')
      const secret = newSecret('troupe_')
      const token = {
        id: store.newId(),
        hash: hashOf(secret),
        label: 'test',
        account: name,
        role: tokenRole,
        createdAtMs: clock.now(),
      }
      await store.tokens.insert(token)
      return askerOf(made, () => ({ authorization: `Bearer ${secret}` }))
    },
    async stop() {
      await made.close()
      await Promise.all([...daemons.values()].map((daemon) => daemon.stop()))
      await store.close()
    },
  }
}

function askerOf(made: Console, headersOf: () => Record<string, string>): Asker {
  const cookies = new Map<string, string>()
  const asker: Asker = {
    cookies,
    headers: headersOf,
    csrfToken: '',
    async ask(method, path, body, asked = {}) {
      const headers: Record<string, string> = { host: 'console.example.com', ...headersOf() }
      if (cookies.size > 0) headers.cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      if (method !== 'GET' && asker.csrfToken !== '') headers['x-csrf-token'] = asker.csrfToken
      if (body !== undefined || asked.payload !== undefined) headers['content-type'] = 'application/json'
      for (const [name, value] of Object.entries(asked.headers ?? {})) {
        if (value === undefined) delete headers[name]
        else headers[name] = value
      }
      const payload = asked.payload ?? (body === undefined ? undefined : JSON.stringify(body))
      const answer = await made.server.app.inject({
        method,
        url: path,
        headers,
        ...(payload === undefined ? {} : { payload }),
      })
      for (const { name, value, maxAge, expires } of answer.cookies) {
        if (value === '' || maxAge === 0 || (expires && expires.getTime() <= 0)) cookies.delete(name)
        else cookies.set(name, value)
      }
      const isJson = String(answer.headers['content-type']).startsWith('application/json')
      const text = answer.body
      return { status: answer.statusCode, text, body: isJson ? JSON.parse(text) : undefined, headers: answer.headers }
    },
    get: (path) => asker.ask('GET', path),
    post: (path, body) => asker.ask('POST', path, body),
    put: (path, body) => asker.ask('PUT', path, body),
    delete: (path) => asker.ask('DELETE', path),
  }
  return asker
}

/** Begins a preview of a clone and asks for it until it is done: `body` is the preview, or what went wrong. */
export async function previewOf(asker: Asker, request: object): Promise<Answered> {
  const begun = await asker.post('/api/clones/preview', request)
  if (begun.status !== 202) return begun
  for (;;) {
    const told = await asker.get(`/api/clones/preview/${begun.body.id}?wait=20`)
    if (told.status !== 200 || told.body.state === 'done') return { ...told, body: told.body.preview ?? told.body }
  }
}
