// `mco` as a whole in one process: the real commands, client and nodes, on a memory bus and a clock that is moved by the test. What a
// command writes is kept in the order it was written, as a terminal would show it.

import { PassThrough, Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ManualClock } from '../../src/base/clock.ts'
import { isTroupeError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Installation, KeyNames } from '../../src/cli/installation.ts'
import { type Machine, type OpenedMachine, runMco } from '../../src/cli/mco.ts'
import type { TerminalStreams } from '../../src/cli/terminal.ts'
import { createClient } from '../../src/client/client.ts'
import { parseConfig } from '../../src/config/load.ts'
import { createNode, type NodeParts } from '../../src/main/node.ts'
import { openPluginShelf } from '../../src/main/plugin-files.ts'
import type { Values } from '../../src/message/request.ts'
import { createPuppetAgent } from '../../src/puppet/agent/puppet-agent.ts'
import { createTestMachine, type TestMachine } from '../../src/puppet/agent/test-machine.ts'
import { openRal } from '../../src/puppet/ral/open-ral.ts'
import type { AgentDdl, DataDdl } from '../../src/rpc/ddl/ddl.ts'
import { checkInputs } from '../../src/rpc/validate/check-inputs.ts'
import { createPskScheme } from '../../src/security/psk.ts'
import type { SecurityScheme } from '../../src/security/security.ts'
import { createMemoryBus, type MemoryBus } from '../../src/transport/memory.ts'
import { fakeConsole } from './fake-console.ts'
import { fakeInstallation } from './fake-installation.ts'
import { fakeMachine } from './fake-machine.ts'

export const LIBDIR = fileURLToPath(new URL('../fixtures/libdir', import.meta.url))
const KEY = 'a key for tests only'
const COLLECTIVE = 'mcollective'

export interface NodeOf {
  readonly identity: string
  readonly facts: Values
  readonly classes: readonly string[]
  /** Further lines of server.cfg. */
  readonly config?: string
  /** A Puppet on this node; none by default, whatever this machine has. */
  readonly puppet?: (clock: ManualClock) => TestMachine
  /** What services and packages are acted on; this machine's never are. */
  readonly machine?: NodeParts['machine']
  /** Default: the key of everybody. */
  readonly security?: (clock: ManualClock) => SecurityScheme
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What is piped in. */
  readonly stdin?: string
  /** What somebody types at the terminal. */
  readonly typed?: string
  /** Columns of the terminal; absent: standard output is no terminal. */
  readonly columns?: number
  /** Milliseconds after which Ctrl-C is pressed, each time. */
  readonly interrupts?: readonly number[]
  /** Files the operator has. */
  readonly files?: Readonly<Record<string, string>>
  readonly settings?: Partial<OpenedMachine['settings']>
  readonly invokedAs?: string
  /** The schemes of the client, where they are not those of everybody. */
  readonly security?: (key: 'current' | 'previous' | 'usual') => SecurityScheme
  readonly keyNames?: KeyNames
  readonly installation?: Partial<Installation>
  /** The setting default_batch_size. */
  readonly batchSize?: number
}

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  /** Both, in the order written. */
  readonly screen: string
  readonly code: number
  readonly written: ReadonlyMap<string, string | Uint8Array>
}

export interface Collective {
  readonly bus: MemoryBus
  readonly clock: ManualClock
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>
  /** Lets time pass. */
  pass(ms: number): Promise<void>
  stop(): Promise<void>
}

/** Starts real nodes; the first keeps the roster. */
export async function startCollective(nodes: readonly NodeOf[]): Promise<Collective> {
  const clock = new ManualClock()
  const bus = createMemoryBus({ clock })
  const security = (caller: string) => createPskScheme({ psk: KEY, caller, now: () => clock.now() })
  const started = nodes.map(({ identity, facts, classes, config = '', puppet, machine, ...node }, i) => {
    const text = `identity = ${identity}\nlibdir = ${LIBDIR}\nregisterinterval = 300\nroster = ${i === 0 ? 1 : 0}\nrosterfile = /dev/null\n${config}`
    const settings = parseConfig(text, '/etc/puppetlabs/mcollective/server.cfg', 'server')
    return createNode(settings, {
      connector: bus.connector({ identity }),
      security: node.security?.(clock) ?? security('uid=0'),
      facts: { facts: () => facts, warnings: () => [] },
      classes: { classes: () => classes, warnings: () => [] },
      puppet: createPuppetAgent(puppet?.(clock) ?? createTestMachine({ clock, programs: [] })),
      machine: machine ?? fakeMachine(),
      ral: openRal({ machine: createTestMachine({ clock, programs: [] }), clock, log: silentLog, script: '' }),
      clock,
      log: silentLog,
      onExit: () => void started[i]?.stop(),
      keepJournal: false,
    })
  })
  for (const node of started) await node.start()
  /** Lets time pass until the work is done. */
  const passing = async <T>(work: Promise<T>, atMs: (ms: number) => void = () => {}): Promise<T> => {
    const startMs = clock.now()
    let done = false
    const settled = work.finally(() => {
      done = true
    })
    settled.catch(() => {})
    for (let turn = 0; !done; turn++) {
      if (turn > 50_000) throw new Error('the command does not end')
      await nextTurn()
      if (done) break
      clock.advance(10)
      atMs(clock.now() - startMs)
    }
    return settled
  }
  await passing(settle(clock, 3_000))

  let clients = 0
  const run = async (argv: readonly string[], options: RunOptions = {}): Promise<Ran> => {
    const written = new Map<string, string | Uint8Array>()
    const screen: string[] = []
    const [stdout, stderr] = [recorder(screen, options.columns), recorder(screen, options.columns)]
    const streams: TerminalStreams = {
      stdin: Object.assign(new PassThrough(), { isTTY: options.stdin === undefined }),
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: options.env ?? {},
    }
    streams.stdin instanceof PassThrough && streams.stdin.end(options.stdin ?? options.typed ?? '')
    let interrupt: () => void = () => {}
    const machine: Machine = {
      version: '3.0.0',
      streams,
      open: async () => open(options),
      readStdin: async () => options.stdin || undefined,
      ask: async () => undefined,
      consoleProgram: async () => fakeConsole,
      installation: async () => ({ ...fakeInstallation, ...options.installation }),
      async readFile(path) {
        const text = options.files?.[path]
        if (text === undefined) throw new Error(`no such file: ${path}`)
        return text
      },
      async readDirectory(directory) {
        const inside = Object.entries(options.files ?? {}).filter(([path]) => path.startsWith(`${directory}/`))
        if (inside.length === 0) throw new Error(`no such directory: ${directory}`)
        return inside.map(([path, text]) => ({
          path: path.slice(directory.length + 1),
          bytes: Buffer.from(text),
          executable: false,
        }))
      },
      async writeFile(path, content, { overwrite = false } = {}) {
        if (!overwrite && (written.has(path) || options.files?.[path] !== undefined)) throw new Error(`${path} exists`)
        written.set(path, content)
      },
      importModule: async (path) => import(`data:text/javascript,${encodeURIComponent(options.files?.[path] ?? '')}`),
      onInterrupt(listener) {
        interrupt = listener
        return () => {
          interrupt = () => {}
        }
      },
      now: () => clock.now(),
      pause: (ms, signal) =>
        new Promise((resolve) => {
          const cancel = clock.after(ms, resolve)
          signal.addEventListener('abort', () => {
            cancel()
            resolve()
          })
        }),
    }
    const pending = [...(options.interrupts ?? [])]
    const code = await passing(runMco(argv, options.invokedAs ?? 'mco', machine), (ms) => {
      while (pending[0] !== undefined && ms >= pending[0]) {
        pending.shift()
        interrupt()
      }
    })
    return { stdout: stdout.text(), stderr: stderr.text(), screen: screen.join(''), code, written }
  }

  function open(options: RunOptions): OpenedMachine {
    const plugins = openPluginShelf([LIBDIR], '3.0.0')
    const opened = new Map<string, ReturnType<typeof createClient>>()
    return {
      plugins,
      color: true,
      look: 'classic',
      settings: {
        version: '3.0.0',
        configFile: '/etc/puppetlabs/mcollective/client.cfg',
        collectives: [COLLECTIVE],
        mainCollective: COLLECTIVE,
        discoveryTimeoutSeconds: 2,
        discoveryMethod: 'mc',
        discoveryOptions: [],
        strictExit: false,
        batched: false,
        pingGraph: false,
        setting: () => undefined,
        ...options.settings,
      },
      keyNames: async () => options.keyNames ?? { keyId: '00000000' },
      async client(key) {
        const known = opened.get(key ?? 'usual')
        if (known) return known
        // A reply address of its own: one that was quit by Ctrl-C is still there.
        const connector = bus.connector({ identity: 'client.example.com', pid: ++clients })
        await connector.connect()
        const client = createClient({
          connector,
          security: options.security?.(key ?? 'usual') ?? security('uid=0'),
          identity: 'client.example.com',
          clock,
          log: silentLog,
          settings: {
            collectives: [COLLECTIVE],
            mainCollective: COLLECTIVE,
            ttlSeconds: 60,
            discoveryTimeoutSeconds: 2,
            limitMethod: 'first',
            batchSize: options.batchSize ?? 0,
            batchSleepSeconds: 1,
            useRoster: true,
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
          checkInputs,
        })
        opened.set(key ?? 'usual', client)
        return client
      },
      close: async () => void (await Promise.all([...opened.values()].map((client) => client.close()))),
    }
  }

  return {
    bus,
    clock,
    run,
    pass: (ms) => passing(settle(clock, ms)),
    async stop() {
      for (const node of started) await passing(node.stop())
    },
  }
}

function settle(clock: ManualClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

function recorder(screen: string[], columns: number | undefined) {
  const own: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      own.push(String(chunk))
      screen.push(String(chunk))
      done()
    },
  })
  return {
    stream: Object.assign(stream, columns === undefined ? {} : { isTTY: true, columns }),
    text: () => own.join(''),
  }
}
