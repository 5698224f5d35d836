// Programs a bench starts, and what is said between them: the bench asks by name, the program answers. Whatever happens to the
// bench, its programs end with it. With a profile directory each program can record what its CPU time goes into.

import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

export interface Program {
  readonly name: string
  readonly pid: number
  ask<Answer>(question: string, data?: unknown): Promise<Answer>
  /** Begins or ends recording; the file appears in the profile directory. */
  toggleProfile(): void
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
}

interface Question {
  readonly id: number
  readonly question: string
  readonly data: unknown
}
interface Answer {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

const STOP_WITHIN_MS = 15_000
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

const profiler = fileURLToPath(new URL('profiler.ts', import.meta.url))
const profiled = (directory: string | undefined): NodeJS.ProcessEnv =>
  directory === undefined ? {} : { NODE_OPTIONS: `--import=${profiler}`, TROUPE_BENCH_PROFILE: directory }

export interface ProgramOptions {
  readonly profileDirectory?: string | undefined
  readonly execArgv?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** Starts a program of this folder, e.g. `startBenchProgram('emulated-nodes')`. */
export function startBenchProgram(name: string, options: ProgramOptions = {}): Program {
  const child = fork(fileURLToPath(new URL(`${name}.ts`, import.meta.url)), {
    execArgv: [...(options.execArgv ?? [])],
    env: { ...process.env, ...profiled(options.profileDirectory), ...options.env },
    serialization: 'json',
  })
  return programOf(name, child)
}

/** Starts one of bin/ and waits until it says that it is in service. */
export async function startService(
  name: string,
  args: readonly string[],
  logFile: string,
  options: ProgramOptions = {},
): Promise<Program> {
  const log = openSync(logFile, 'a', 0o600)
  const env = { ...process.env, ...profiled(options.profileDirectory), ...options.env }
  const child = spawn(join(root, 'bin', name), args, { stdio: ['ignore', log, log, 'ipc'], env })
  closeSync(log)
  const program = programOf(name, child)
  await new Promise<void>((resolve, reject) => {
    child.on('message', (message) => message === 'ready' && resolve())
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`bench: ${name} ended with code ${code} at once; see ${logFile}`)))
  })
  return program
}

function programOf(name: string, child: ChildProcess): Program {
  let sequence = 0
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>()
  running.add(child)
  const gone = once(child, 'exit').catch(() => {})
  child.on('error', () => {})
  child.on('message', (message: Answer | string) => {
    if (typeof message === 'string') return
    const asked = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error === undefined) asked?.resolve(message.answer as never)
    else asked?.reject(new Error(`${name}: ${message.error}`))
  })
  child.on('exit', (code, signal) => {
    running.delete(child)
    for (const asked of waiting.values()) asked.reject(new Error(`bench: ${name} ended (${signal ?? code})`))
    waiting.clear()
  })
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    await gone
    clearTimeout(timer)
  }
  return {
    name,
    pid: child.pid ?? -1,
    ask(question, data) {
      const id = ++sequence
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        child.send({ id, question, data } satisfies Question, (error) => error && reject(error))
      })
    },
    toggleProfile: () => void child.kill('SIGUSR2'),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** The program's side: answers questions until the bench is gone. */
export function answerQuestions(answers: Readonly<Record<string, (data: never) => unknown>>): void {
  process.once('disconnect', () => process.exit(0))
  process.on('message', async ({ id, question, data }: Question) => {
    try {
      process.send?.({ id, answer: (await answers[question]!(data as never)) ?? null } satisfies Answer)
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
}

/** Waits until every profile of `programs` has been written. */
export async function profilesOf(directory: string, programs: readonly Program[]): Promise<string[]> {
  for (let tries = 0; tries < 200; tries++) {
    const files = readdirSync(directory).filter((name) => name.endsWith('.cpuprofile'))
    const found = programs.map(({ pid }) => files.find((name) => name === `${pid}.cpuprofile`))
    if (found.every((name) => name !== undefined)) return found.map((name) => join(directory, name!))
    await sleep(50)
  }
  throw new Error('bench: not every program wrote its profile')
}

/** Open files this process may have; thousands of connections need as many. */
export function openFilesMax(): number {
  return Number(execFileSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }))
}
