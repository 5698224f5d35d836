// Runs commands for agents: own process group, so that expiry takes the children along; bounded output; minimal environment.
// node:child_process is loaded with the first command. Looks at files that tell one system from another. [agents 11, 12, 13]

import type { ChildProcess } from 'node:child_process'
import { constants as fsConstants } from 'node:fs'
import { access, open, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { messageOf } from '#base/errors.ts'
import { COMMAND_OUTPUT_BYTES_MAX, SYSTEM_FILE_BYTES_MAX } from '#base/limits.ts'
import type { Host, HostFiles, RunOptions, RunResult } from '#rpc/host.ts'
import { eachLine } from './each-line.ts'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/puppetlabs/bin'
/** Between asking a process group to end and ending it. */
const KILL_AFTER_MS = 2000
/** How long output is still read when the command has ended but something holds its pipes. */
const PIPES_OPEN_MS = 300

/** The machine itself. `outputBytesMax` bounds standard output and standard error, each. */
export function createHost(options: { readonly outputBytesMax?: number } = {}): Host {
  const outputBytesMax = options.outputBytesMax ?? COMMAND_OUTPUT_BYTES_MAX
  return { run: (argv, runOptions = {}) => run(argv, runOptions, outputBytesMax) }
}

export function createHostFiles(): HostFiles {
  return {
    async isProgram(path) {
      try {
        if (!(await stat(path)).isFile()) return false
        await access(path, fsConstants.X_OK)
        return true
      } catch {
        return false
      }
    },
    async readText(path) {
      try {
        const file = await open(path, fsConstants.O_RDONLY | fsConstants.O_NONBLOCK)
        try {
          const buffer = Buffer.alloc(SYSTEM_FILE_BYTES_MAX)
          const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
          return buffer.toString('utf8', 0, bytesRead)
        } finally {
          await file.close()
        }
      } catch {
        return undefined
      }
    },
  }
}

async function run(
  argv: readonly [string, ...string[]],
  options: RunOptions,
  outputBytesMax: number,
): Promise<RunResult> {
  const { spawn } = await import('node:child_process')
  if (options.signal?.aborted) return failed('it was cancelled before it began')
  let child: ChildProcess
  try {
    child = spawn(argv[0], argv.slice(1), {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { PATH, HOME: process.env.HOME ?? '/', LC_ALL: 'C', ...options.env },
      stdio: [
        options.stdin === undefined ? 'ignore' : 'pipe',
        'pipe',
        'pipe',
        ...(options.onStatusLine ? ['pipe' as const] : []),
      ],
      detached: true,
    })
  } catch (error) {
    return failed(messageOf(error))
  }
  return new Promise((resolve) => {
    const stdout = collect(child.stdout, outputBytesMax)
    const stderr = collect(child.stderr, outputBytesMax)
    const status = (child.stdio[3] ?? null) as Readable | null
    if (options.onLine) eachLine(child.stdout, options.onLine)
    if (options.onStatusLine) eachLine(status, options.onStatusLine)
    let why: string | undefined
    let killTimer: NodeJS.Timeout | undefined
    let pipesTimer: NodeJS.Timeout | undefined
    const stop = (reason: string): void => {
      if (why !== undefined) return
      why = reason
      killGroup(child, 'SIGTERM')
      killTimer = setTimeout(() => killGroup(child, 'SIGKILL'), KILL_AFTER_MS)
    }
    const onAbort = (): void => stop('it was cancelled')
    const { timeoutSeconds } = options
    const timer =
      timeoutSeconds === undefined
        ? undefined
        : setTimeout(() => stop(`it was still running after ${timeoutSeconds} s`), timeoutSeconds * 1000)
    options.signal?.addEventListener('abort', onAbort)
    const finish = (status: number, error?: string): void => {
      clearTimeout(timer)
      clearTimeout(killTimer)
      clearTimeout(pipesTimer)
      options.signal?.removeEventListener('abort', onAbort)
      // What the group left behind when it was told to end has had its time.
      if (why !== undefined) killGroup(child, 'SIGKILL')
      const reason = error ?? why
      resolve({
        status,
        stdout: stdout.text(),
        stderr: stderr.text(),
        truncated: stdout.truncated() || stderr.truncated(),
        ...(reason === undefined ? {} : { error: reason }),
      })
    }
    child.once('error', (error) => finish(-1, messageOf(error)))
    const statusOf = (code: number | null, signal: NodeJS.Signals | null): number =>
      code ?? 128 + (signal ? constants.signals[signal] : 0)
    child.once('close', (code, signal) => finish(statusOf(code, signal)))
    // A grandchild that keeps our pipes open (a started service) must not hold the answer up.
    child.once('exit', (code, signal) => {
      pipesTimer = setTimeout(() => {
        finish(statusOf(code, signal))
        letGo(child.stdout)
        letGo(child.stderr)
        letGo(status)
      }, PIPES_OPEN_MS)
    })
    child.stdin?.once('error', () => {})
    child.stdin?.end(options.stdin)
  })
}

function failed(error: string): RunResult {
  return { status: -1, stdout: '', stderr: '', truncated: false, error }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Gone already.
  }
}

/** Goes on reading, keeps nothing and holds nobody up: closed pipes would kill the service that writes to them. */
function letGo(stream: Readable | null): void {
  stream?.removeAllListeners('data')
  stream?.resume()
  if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref()
}

function collect(stream: NodeJS.ReadableStream | null, bytesMax: number) {
  const chunks: Buffer[] = []
  let bytes = 0
  let truncated = false
  stream?.on('data', (chunk: Buffer) => {
    const room = bytesMax - bytes
    if (chunk.length > room) truncated = true
    // What is too much is still read, so that the command does not hang on a full pipe.
    if (room > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    bytes += Math.min(chunk.length, Math.max(room, 0))
  })
  stream?.on('error', () => {})
  return { text: () => Buffer.concat(chunks).toString('utf8'), truncated: () => truncated }
}
