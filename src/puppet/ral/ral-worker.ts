// Control of the process that keeps Puppet loaded: started at first use, asked one question at a time, ended when it is idle, old, too large,
// or when a question was given up. A question that only reads is asked once more when the process died of something else; one that changes
// the node never is. What is asked and answered is resource.ts's, the process itself ral-process.ts's. [agents 9]

import type { Clock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import {
  RAL_QUEUE_MAX,
  RAL_REQUEST_MS_MAX,
  RAL_START_MS_MAX,
  RAL_WORKER_AGE_MS_MAX,
  RAL_WORKER_BYTES_MAX,
  RAL_WORKER_IDLE_MS,
} from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import { encodeFrame } from './ral-frames.ts'

/** A running worker, as ral-process.ts starts it. */
export interface RalProcess {
  /** Never throws: a process that is gone says so by `onEnd`. */
  send(frame: Uint8Array): void
  /** Asks it to end by closing its input. */
  end(): void
  /** Ends it and everything it has started, at once. */
  kill(): void
}

export interface RalProcessEvents {
  onMessage(message: unknown): void
  /** Called once. `why` is for the operator, e.g. `it ended with SIGKILL`. */
  onEnd(why: string): void
}

export type StartRalProcess = (events: RalProcessEvents) => RalProcess

export interface RalQuestion {
  readonly ask: 'find' | 'search' | 'create' | 'types'
  readonly [name: string]: unknown
}

export interface RalWorker {
  /**
   * The answer's result, unchecked. Throws RPC_PUPPET_WORKER when there is no answer (the worker cannot start, died, took too long, has too
   * many questions waiting, the signal was aborted), and RalRefusal when Puppet says no.
   */
  ask(question: RalQuestion, options?: { readonly signal?: AbortSignal }): Promise<unknown>
  /** Starts the process before anybody asks, and keeps one ready from now on until `stop`: it is not ended when it is idle. */
  keepReady(): void
  /** Ends the process and refuses what waits; the next question starts another one. */
  stop(): Promise<void>
}

/** Puppet's own no. */
export class RalRefusal extends Error {
  readonly kind: 'unknown_type' | 'failed'
  /** `events`, `logs`, unchecked. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(kind: RalRefusal['kind'], message: string, details: Readonly<Record<string, unknown>>) {
    super(message)
    this.name = 'RalRefusal'
    this.kind = kind
    this.details = details
  }
}

export interface RalWorkerOptions {
  readonly start: StartRalProcess
  readonly clock: Clock
  readonly log: Log
  /** Default RAL_WORKER_IDLE_MS. */
  readonly idleMs?: number
  /** Default RAL_REQUEST_MS_MAX. */
  readonly requestMs?: number
}

/** How long a process may take to end by itself when it is asked to. */
const END_MS = 2_000

interface Task {
  readonly question: RalQuestion
  readonly settle: (outcome: { readonly result: unknown } | { readonly error: Error }) => void
  /** How often it was sent; one that was not executed does not count. */
  tries: number
  stale: number
}

interface Running {
  readonly process: RalProcess
  readonly startedAtMs: number
  ready: boolean
  /** Id of the question it works on. */
  asked: number | undefined
  cancelTimer: () => void
  onceEnded: (() => void)[]
}

export function createRalWorker(options: RalWorkerOptions): RalWorker {
  const { start, clock, log, idleMs = RAL_WORKER_IDLE_MS, requestMs = RAL_REQUEST_MS_MAX } = options
  const waiting: Task[] = []
  let current: Task | undefined
  let running: Running | undefined
  let questions = 0
  let resident = false

  function next(): void {
    if (current || waiting.length === 0) return
    if (running && clock.monotonic() - running.startedAtMs > RAL_WORKER_AGE_MS_MAX) retire(running)
    current = waiting.shift()
    if (running) {
      if (running.ready) send(running)
      return
    }
    running = begin()
  }

  function begin(): Running {
    let ended = false
    const mine: Running = {
      startedAtMs: clock.monotonic(),
      ready: false,
      asked: undefined,
      cancelTimer: () => {},
      onceEnded: [],
      process: start({
        onMessage: (message) => {
          if (running === mine) heard(mine, message)
        },
        onEnd: (why) => {
          ended = true
          // A process that cannot even be started says so before `start` returns.
          queueMicrotask(() => gone(mine, why))
        },
      }),
    }
    if (!ended)
      mine.cancelTimer = clock.after(RAL_START_MS_MAX, () => giveUp(mine, lateText('start', RAL_START_MS_MAX)))
    return mine
  }

  function send(to: Running): void {
    if (!current) return
    to.cancelTimer()
    to.asked = ++questions
    current.tries++
    try {
      const frame = encodeFrame({ ...current.question, id: to.asked })
      to.cancelTimer = clock.after(requestMs, () => giveUp(to, lateText(`answer ${current?.question.ask}`, requestMs)))
      to.process.send(frame)
    } catch (error) {
      to.asked = undefined
      finish({ error: error as Error })
      rest(to)
    }
  }

  function heard(from: Running, message: unknown): void {
    const said = (typeof message === 'object' && message !== null ? message : {}) as Readonly<Record<string, unknown>>
    if (!from.ready) {
      if (typeof said.hello !== 'string') {
        giveUp(from, failure('the Puppet worker did not say hello'))
        return
      }
      log.debug(`the Puppet worker is ready: Puppet ${said.hello}`)
      from.ready = true
      from.cancelTimer()
      if (current) send(from)
      else rest(from)
      return
    }
    // What it could not read it answers without an id.
    const unread = said.id === null && 'error' in said
    if (!current || from.asked === undefined || (said.id !== from.asked && !unread)) {
      giveUp(from, failure('the Puppet worker answered what it was not asked'))
      return
    }
    from.asked = undefined
    from.cancelTimer()
    if (said.stale === true && current.stale === 0) {
      log.debug('configuration or modules of Puppet changed: its worker is started anew')
      current.tries--
      current.stale++
      retire(from)
      running = begin()
      return
    }
    const outcome = outcomeOf(said)
    if (said.stale === true || Number(said.memory) > RAL_WORKER_BYTES_MAX) retire(from)
    finish(outcome)
    if (running === from) rest(from)
    else if (resident && !running) running = begin()
  }

  function finish(outcome: Parameters<Task['settle']>[0]): void {
    const task = current
    current = undefined
    task?.settle(outcome)
    next()
  }

  /** Nothing to do: after a while the process is no longer worth its memory, or old. */
  function rest(idle: Running): void {
    if (current || running !== idle) return
    idle.cancelTimer()
    const ageLeftMs = idle.startedAtMs + RAL_WORKER_AGE_MS_MAX - clock.monotonic()
    idle.cancelTimer = clock.after(resident ? Math.max(0, ageLeftMs) : idleMs, () => {
      retire(idle)
      if (resident) running = begin()
    })
  }

  /** Lets a process that works on nothing go. */
  function retire(old: Running): void {
    old.cancelTimer()
    if (running === old) running = undefined
    old.process.end()
    const cancel = clock.after(END_MS, () => old.process.kill())
    old.onceEnded.push(cancel)
  }

  function giveUp(of: Running, why: TroupeError): void {
    if (running !== of) return
    running = undefined
    of.cancelTimer()
    of.process.kill()
    log.warn(why.message)
    finish({ error: why })
  }

  function gone(mine: Running, why: string): void {
    mine.cancelTimer()
    for (const fn of mine.onceEnded) fn()
    if (running !== mine) return
    running = undefined
    const did = current ? ` at ${current.question.ask}` : ''
    const error = failure(
      mine.ready ? `the Puppet worker died${did}: ${why}` : `the Puppet worker could not be started: ${why}`,
    )
    log.warn(error.message)
    if (!current) {
      next()
      return
    }
    if (mine.ready && current.tries <= 1 && current.question.ask !== 'create') {
      running = begin()
      return
    }
    finish({ error })
  }

  function cancel(task: Task, why: string): void {
    const at = waiting.indexOf(task)
    const error = failure(`${task.question.ask} was given up: ${why}`)
    if (at >= 0) {
      waiting.splice(at, 1)
      task.settle({ error })
    } else if (current === task) {
      // One that has not been sent yet costs nobody their worker.
      if (running && running.asked === undefined && !running.ready) finish({ error })
      else if (running) giveUp(running, error)
      else finish({ error })
    }
  }

  return {
    ask(question, { signal } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(failure(`${question.ask} was given up before it began`))
        if (waiting.length >= RAL_QUEUE_MAX) {
          return reject(failure(`${RAL_QUEUE_MAX} questions already wait for the Puppet worker of this node`))
        }
        const onAbort = (): void => cancel(task, messageOf(signal?.reason))
        const task: Task = {
          question,
          tries: 0,
          stale: 0,
          settle(outcome) {
            signal?.removeEventListener('abort', onAbort)
            if ('result' in outcome) resolve(outcome.result)
            else reject(outcome.error)
          },
        }
        signal?.addEventListener('abort', onAbort)
        waiting.push(task)
        next()
      })
    },
    keepReady() {
      resident = true
      if (!running) running = begin()
      else if (running.ready) rest(running)
    },
    stop() {
      resident = false
      for (const task of waiting.splice(0))
        task.settle({ error: failure('the node is stopping or reloading its agents') })
      const last = running
      if (!last) return Promise.resolve()
      return new Promise((resolve) => {
        last.onceEnded.push(resolve)
        if (current) giveUp(last, failure('the node is stopping or reloading its agents'))
        else retire(last)
      })
    },
  }
}

function outcomeOf(said: Readonly<Record<string, unknown>>): { result: unknown } | { error: Error } {
  if (said.stale === true) return { error: failure("Puppet's configuration or modules keep changing; ask again later") }
  if (!('error' in said)) return { result: said.result }
  const { kind, message, ...details } = (said.error ?? {}) as Readonly<Record<string, unknown>>
  const text = typeof message === 'string' && message !== '' ? message : 'Puppet failed and did not say why'
  return { error: new RalRefusal(kind === 'unknown_type' ? kind : 'failed', text, details) }
}

function lateText(what: string, ms: number): TroupeError {
  return failure(`the Puppet worker did not ${what} within ${ms / 1000} s and was ended`)
}

function failure(message: string): TroupeError {
  return new TroupeError('RPC_PUPPET_WORKER', message)
}
