// What the starters of real brokers share: a free port, a child process that is surely ended, and the
// harness that puts a proxy between connector and broker.

import { type ChildProcess, spawn } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createStompConnector, type StompConnectorOptions } from '#transport/stomp/stomp-connector.ts'
import type { ConnectorHarness } from '../conformance/connector.ts'
import { startTcpProxy } from '../conformance/tcp-proxy.ts'

const START_TIMEOUT_MS = 90_000
const STOP_TIMEOUT_MS = 10_000

export interface RealBroker {
  readonly port: number
  readonly user: string
  readonly password: string
  stop(): Promise<void>
}

/** A port that was free a moment ago, for programs that cannot say which one they took. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export interface Daemon {
  /** The first match of the awaited pattern in the output. */
  readonly match: RegExpMatchArray
  stop(): Promise<void>
}

/** Starts a program in a process group of its own and waits for `ready` in its output. */
export async function startDaemon(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  ready: RegExp,
): Promise<Daemon> {
  const child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid) process.kill(-child.pid, signal)
    } catch {
      // it has ended by itself
    }
  }
  const onExit = (): void => kill('SIGKILL')
  process.once('exit', onExit)
  try {
    return { match: await firstMatch(child, ready), stop }
  } catch (error) {
    await stop()
    throw error
  }

  async function stop(): Promise<void> {
    process.removeListener('exit', onExit)
    if (child.exitCode === null && child.signalCode === null && child.pid) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      kill('SIGTERM')
      const timer = setTimeout(() => kill('SIGKILL'), STOP_TIMEOUT_MS)
      await ended
      clearTimeout(timer)
    }
    kill('SIGKILL')
  }
}

function firstMatch(child: ChildProcess, ready: RegExp): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (why: string): void => {
      clearTimeout(timer)
      reject(new Error(`${child.spawnfile} ${why}; its output:\n${output.slice(-4000)}`))
    }
    const timer = setTimeout(() => fail(`did not start within ${START_TIMEOUT_MS / 1000} s`), START_TIMEOUT_MS)
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const match = output.match(ready)
      if (!match) return
      clearTimeout(timer)
      resolve(match)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', (error) => fail(`cannot be started: ${error.message}`))
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`))
  })
}

/** The harness of the connector suite for a broker behind a proxy. */
export async function stompHarness(
  broker: RealBroker,
  options: Partial<StompConnectorOptions> = {},
): Promise<ConnectorHarness> {
  const proxy = await startTcpProxy(broker.port)
  let pids = 0
  return {
    connector: (identity) =>
      createStompConnector({
        pool: [{ host: '127.0.0.1', port: proxy.port, user: broker.user, password: broker.password }],
        identity,
        pid: ++pids,
        backoff: { maxMs: 50 },
        ...options,
      }),
    interrupt() {
      proxy.refusing = true
      proxy.cut()
    },
    restore() {
      proxy.refusing = false
    },
    async stop() {
      await proxy.close()
      await broker.stop()
    },
  }
}
