// A collective of real processes on this machine for tests of faults: broker and node as programs of their own in a temporary
// directory, on a free port, so that they can be killed and started again; `mco` as a program; and a STOMP client without manners.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { prepareStateDirectory, type StateDirectory } from '#setup/state-directory.ts'
import { Peer } from '../../src/broker/test-peer.ts'

export interface Program {
  readonly child: ChildProcess
  readonly pid: number
  ended(): boolean
  /** Sends the signal and waits for the end; the exit code, null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

export interface Screen {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface LocalCollective {
  readonly state: StateDirectory
  readonly identity: string
  /** Path in the state directory. */
  at(...names: string[]): string
  startBroker(): Promise<Program>
  startNode(): Promise<Program>
  /** `mco(['ping'])`. `clockOffsetMs` moves the clock of that process. */
  mco(words: readonly string[], options?: { clockOffsetMs?: number }): Promise<Screen>
  /** A STOMP connection of the account. */
  login(account: 'client' | 'node'): Promise<Peer>
  close(): Promise<void>
}

const READY_WITHIN_MS = 20_000
const source = (name: string): string => fileURLToPath(new URL(`../../src/main/${name}.ts`, import.meta.url))

/** Makes the state directory; starts nothing. `serverSettings` are lines added to the node's configuration. */
export async function createLocalCollective(serverSettings = ''): Promise<LocalCollective> {
  const directory = mkdtempSync(join(tmpdir(), 'troupe-faults-'))
  const identity = 'node1.example.com'
  const port = await freePort()
  const state = await prepareStateDirectory({ directory, port, identity, nodes: 0, nowMs: Date.now() })
  const at = (...names: string[]): string => join(directory, ...names)
  appendFileSync(at('server.cfg'), `factsource = builtin\nplugin.rpcaudit.format = json\n${serverSettings}`)
  const running = new Set<Program>()

  const start = async (name: string, config: string): Promise<Program> => {
    const args = [source(name), '--config', config, ...(name === 'mcollectived' ? ['--no-daemonize'] : [])]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    let complaint = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      complaint += chunk
    })
    const ended = once(child, 'exit')
    const program: Program = {
      child,
      pid: child.pid!,
      ended: () => child.exitCode !== null || child.signalCode !== null,
      async end(signal) {
        running.delete(program)
        child.kill(signal)
        const [code] = await ended
        return code
      },
    }
    running.add(program)
    const late = AbortSignal.timeout(READY_WITHIN_MS)
    await Promise.race([
      once(child, 'message', { signal: late }),
      ended.then(() => Promise.reject(new Error(`${name} ended: ${complaint}`))),
    ])
    return program
  }

  return {
    state,
    identity,
    at,
    startBroker: () => start('broker', state.brokerConfig),
    startNode: () => start('mcollectived', state.nodes[0]!.config),
    mco: (words, { clockOffsetMs = 0 } = {}) => mco([...words, '-c', state.clientConfig], clockOffsetMs),
    async login(account) {
      const { passwords } = JSON.parse(readFileSync(at('setup.json'), 'utf8')) as { passwords: Record<string, string> }
      const socket = connectTls({ host: '127.0.0.1', port, ca: readFileSync(at('ca', 'ca.pem')) })
      await once(socket, 'secureConnect')
      const peer = new Peer(socket)
      await peer.login(account, passwords[account]!)
      return peer
    },
    async close() {
      await Promise.all([...running].map((program) => program.end('SIGKILL')))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Asks until the answer is true, and fails with `what` after ten seconds. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const startedAt = performance.now(); performance.now() - startedAt < 10_000; await sleep(50)) {
    if (await condition()) return
  }
  throw new Error(`did not happen within ten seconds: ${what}`)
}

async function mco(words: readonly string[], clockOffsetMs: number): Promise<Screen> {
  const shift = `const now = Date.now; Date.now = () => now() + ${clockOffsetMs}`
  const options = clockOffsetMs === 0 ? [] : ['--import', `data:text/javascript,${encodeURIComponent(shift)}`]
  const child = spawn(process.execPath, [...options, source('mco'), ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [chunks, complaints]: Buffer[][] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => void chunks!.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => void complaints!.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: Buffer.concat(chunks!).toString(), stderr: Buffer.concat(complaints!).toString() }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
