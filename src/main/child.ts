// A program that runs as long as this one does: started in its own process group, so that Ctrl-C reaches only us and we stop
// things in order; ready when it says so; stopped with SIGTERM, after a while with SIGKILL. parent.ts is its other end.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import { makeFolders } from '#base/make-folders.ts'

export interface ChildOptions {
  /** How messages call it, e.g. `the broker`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** What it prints goes here; its own log most likely too. */
  readonly logFile: string
  /** Called when it ends without having been stopped. */
  readonly onEnd: (error: TroupeError) => void
  /** Called instead when it was in service and ended in good order (code 0). Absent: that is no different. */
  readonly onLeave?: () => void
}

export interface Child {
  readonly name: string
  /** Resolves when the program is in service, rejects with SETUP_PROGRAM_FAILED when it ends before or takes too long. */
  readonly ready: Promise<void>
  stop(): Promise<void>
}

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 8_000
const LOG_LINES_SHOWN = 8

export function startChild({ name, command, args, logFile, onEnd, onLeave }: ChildOptions): Child {
  makeFolders(dirname(logFile))
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log, 'ipc'] })
  closeSync(log)
  let stopping = false
  let inService = false
  const { promise: ended, resolve: setEnded } = Promise.withResolvers<void>()
  const { promise: ready, resolve: setReady, reject } = Promise.withResolvers<void>()
  const failed = (what: string): TroupeError =>
    new TroupeError('SETUP_PROGRAM_FAILED', `${name} ${what}; the end of ${logFile}:\n${lastLines(logFile)}`)
  const late = setTimeout(() => reject(failed(`is not ready after ${READY_WITHIN_MS / 1000} seconds`)), READY_WITHIN_MS)
  ready.catch(() => {})

  const end = (what: string): void => {
    clearTimeout(late)
    setEnded()
    if (stopping) return
    stopping = true
    const error = failed(what)
    reject(error)
    onEnd(error)
  }
  child.once('error', (error) => end(`could not be started: ${error.message}`))
  child.once('exit', (code, signal) => {
    if (code === 0 && inService && onLeave && !stopping) {
      stopping = true
      setEnded()
      onLeave()
    } else {
      end(signal ? `was ended by ${signal}` : `ended with code ${code}`)
    }
  })
  child.on('message', (message) => {
    if (message !== 'ready') return
    clearTimeout(late)
    inService = true
    setReady()
  })
  return {
    name,
    ready,
    async stop() {
      if (stopping) return ended
      stopping = true
      clearTimeout(late)
      await terminate(child, ended)
    },
  }
}

async function terminate(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const impatient = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  await ended
  clearTimeout(impatient)
}

function lastLines(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN)
    return lines.map((line) => `    ${line.slice(0, 300)}`).join('\n')
  } catch {
    return '    (nothing)'
  }
}
