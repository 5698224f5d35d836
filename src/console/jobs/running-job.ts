// A job while it runs: what nodes answer goes into the store in batches, and browsers hear of it at most five times a second. Every node is in
// the account from the beginning; what is not known at the end is settled by whether anything was sent to it. Calls are run-call.ts's. [live 8]

import type { Clock } from '#base/clock.ts'
import { isTroupeError, messageOf } from '#base/errors.ts'
import { JOB_ANSWERS_AT_ONCE, JOB_EVENT_INTERVAL_MS, JOB_UNWRITTEN_CHARACTERS_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import type { JobRecord, JobState, JobUpdate, NewResult } from '#store/job-records.ts'
import type { Store } from '#store/store.ts'
import type { JobOutcome } from '../api/jobs.ts'
import type { AnswerKeys } from './answer-key.ts'
import { answerMasker } from './mask-answer.ts'

/** What a node's line says; data as it came, secrets not yet masked. */
export interface NodeResult {
  readonly node: string
  readonly outcome: JobOutcome
  readonly statusCode?: number | undefined
  readonly message?: string | undefined
  readonly data?: unknown
  readonly elapsedMs?: number | undefined
  /** The job was stopped while its answer was waited for. */
  readonly cutShort?: boolean
}

export interface Latest {
  readonly node: string
  readonly text: string
}

/** A job in the hands of the code that does its work. */
export interface JobRun {
  readonly id: string
  /** Sorted as they were asked for, each once. */
  readonly nodes: readonly string[]
  /** Aborted when somebody has asked it to stop: begin nothing more. */
  readonly stopping: AbortSignal
  /** Aborted at the second asking, and when the console ends: wait for nothing more. */
  readonly abort: AbortSignal
  /** BEFORE anything is sent to these nodes. Rejects when it cannot be written down; then nothing must be sent. */
  markSent(nodes: readonly string[]): Promise<void>
  /** Enters a node's line, or replaces it. A promise: there is room for more when it resolves. */
  result(result: NodeResult): Promise<void> | undefined
  /** What a node said last about a long action. */
  latest(latest: Latest): void
  /** Ends the job as `stopped` with this reason; the first reason counts. */
  stop(reason: string): void
  /** Ends the job as `failed`, unless it is stopped. */
  fail(problem: string): void
  /** Changes what is kept beside, e.g. `{ detail }`. */
  update(change: Pick<JobUpdate, 'detail' | 'deadlineMs'>): Promise<void>
}

export interface RunningJobParts {
  readonly record: JobRecord
  readonly nodes: readonly string[]
  readonly store: Pick<Store, 'jobs'>
  readonly clock: Clock
  readonly log: Log
  keysOf(result: NodeResult): AnswerKeys
  /** Tells browsers. */
  tell(record: JobRecord, latest: Latest | undefined): void
  /** What every answer is shown to besides, e.g. the aggregates of the DDL. */
  onResult?(result: NodeResult): void
  /** JSON kept with the job at its end. */
  summary?(): unknown
  /** Why the store takes nothing from this job; undefined: it does again. */
  onStore?(problem: string | undefined): void
  /** Aborted when the console ends: what the store does not take then is lost. */
  readonly giveUp?: AbortSignal
}

export interface RunningJob {
  readonly run: JobRun
  record(): JobRecord
  latest(): Latest | undefined
  /** As JobRun.stop; a second time waits for nothing more. */
  stop(reason: string): void
  /** The last of it: everything written, everybody accounted for. Never rejects. */
  end(): Promise<void>
}

/** Milliseconds between tries to write what the store did not take. */
const TRY_AGAIN_MS = 2_000
/** Tries after which an end is given up that cannot be written for another reason than that the store is full or away, or when the console ends. */
const LAST_TRIES = 5
/** That may pass, e.g. when somebody makes room. */
const PASSING: ReadonlySet<string> = new Set(['STORE_FULL', 'STORE_LOCKED', 'STORE_UNREACHABLE', 'STORE_UNREADABLE'])

export function createRunningJob(parts: RunningJobParts): RunningJob {
  const { store, clock, log, tell } = parts
  const { id } = parts.record
  const masked = answerMasker(parts.record.inputs)
  let record = parts.record
  let latest: Latest | undefined
  let stopReason: string | undefined
  let problem: string | undefined
  let waiting = new Map<string, NewResult>()
  let waitingCharacters = 0
  let writing: Promise<void> = Promise.resolve()
  let flushing = false
  let cancelTimer: (() => void) | undefined
  let toldAtMs = Number.NEGATIVE_INFINITY
  let ended = false
  /** Since the store has taken nothing: the reason, and when it is tried again. */
  let refused: { readonly error: unknown; readonly untilMs: number } | undefined
  const stopping = new AbortController()
  const abort = new AbortController()

  const soon = (): void => {
    if (cancelTimer || ended) return
    const dueMs = Math.max(0, (refused?.untilMs ?? toldAtMs + JOB_EVENT_INTERVAL_MS) - clock.monotonic())
    cancelTimer = clock.after(dueMs, () => {
      cancelTimer = undefined
      void flush()
    })
  }

  const endTimer = (): void => {
    cancelTimer?.()
    cancelTimer = undefined
  }

  /** Writes what has come in and tells the browsers, when it is time for that. Never rejects. */
  const flush = (): Promise<void> => {
    flushing = true
    writing = writing.then(async () => {
      const batch = [...waiting.values()]
      const characters = waitingCharacters
      waiting = new Map()
      waitingCharacters = 0
      const told = clock.monotonic() < toldAtMs + JOB_EVENT_INTERVAL_MS
      if (!told) toldAtMs = clock.monotonic()
      try {
        if (batch.length > 0) await store.jobs.addResults(id, batch)
        if (refused) takes()
        if (told) soon()
        else {
          record = (await store.jobs.get(id)) ?? record
          tell(record, latest)
        }
      } catch (error) {
        // Back to the front; what has come in meanwhile is newer.
        waiting = new Map([...batch.map((one) => [one.node, one] as const), ...waiting])
        waitingCharacters += characters
        if (waitingCharacters > JOB_UNWRITTEN_CHARACTERS_MAX) dropAnswers()
        takesNothing(error)
      }
      flushing = false
    })
    return writing
  }

  const takes = (): void => {
    refused = undefined
    log.info(`job ${id}: its answers are written again`)
    parts.onStore?.(undefined)
  }

  const takesNothing = (error: unknown): void => {
    if (!refused) log.error(`job ${id}: ${waiting.size} answers cannot be written, and are kept: ${messageOf(error)}`)
    refused = { error, untilMs: clock.monotonic() + TRY_AGAIN_MS }
    const why = `${storeProblemOf(error)}; answers are kept in memory and written as soon as that is possible`
    record = { ...record, problem: why }
    parts.onStore?.(why)
    tell(record, latest)
    soon()
  }

  /** More than there is room for while the store takes nothing: what each node's outcome is stays known. */
  const dropAnswers = (): void => {
    for (const [node, { data, ...line }] of waiting) {
      if (data !== undefined) waiting.set(node, { ...line, message: LOST_ANSWER })
    }
    waitingCharacters = waiting.size * LINE_CHARACTERS
  }

  const run: JobRun = {
    id,
    nodes: parts.nodes,
    stopping: stopping.signal,
    abort: abort.signal,
    markSent: (nodes) => store.jobs.markSent(id, nodes),
    result(result) {
      const { node, outcome, statusCode, message, elapsedMs } = result
      const data = masked(result.data)
      // Of the masked answer: keys are shown, and must not help to guess a secret.
      const shown = data === result.data ? result : { ...result, data }
      parts.onResult?.(shown)
      const line: Writable<NewResult> = { node, outcome, atMs: clock.now() }
      if (outcome !== 'noResponse' && outcome !== 'notAddressed' && outcome !== 'waiting') {
        const { group, normalisedGroup } = parts.keysOf(shown)
        line.group = group
        line.normalisedGroup = normalisedGroup
      }
      if (statusCode !== undefined) line.statusCode = statusCode
      if (message !== undefined && message !== '') line.message = message
      if (data !== undefined) line.data = data
      if (elapsedMs !== undefined) line.elapsedMs = elapsedMs
      waiting.set(node, line)
      waitingCharacters += LINE_CHARACTERS + sizeOf(data)
      if (waitingCharacters > JOB_UNWRITTEN_CHARACTERS_MAX && (!refused || refused.untilMs <= clock.monotonic()))
        return flush()
      // A turn of the program may bring thousands of answers, and the timer comes but once a turn.
      if (waiting.size >= JOB_ANSWERS_AT_ONCE && !flushing && !refused) void flush()
      else soon()
      return undefined
    },
    latest(said) {
      latest = said
      soon()
    },
    stop(reason) {
      stopReason ??= reason
      stopping.abort()
      soon()
    },
    fail(why) {
      problem ??= why
    },
    async update(change) {
      record = (await store.jobs.update(id, change)) ?? record
    },
  }

  return {
    run,
    record: () => record,
    latest: () => latest,
    stop(reason) {
      if (stopping.signal.aborted) abort.abort()
      run.stop(reason)
    },
    async end() {
      endTimer()
      for (let tries = 1; ; tries++) {
        try {
          await flush()
          if (waiting.size > 0) throw refused?.error ?? new Error('the store takes no answers')
          await store.jobs.settleWaiting(id, clock.now())
          const summary = parts.summary?.()
          const change: JobUpdate = {
            state: stateAtEnd(),
            endedAtMs: clock.now(),
            ...(stopReason === undefined ? {} : { stopReason }),
            ...(problem === undefined ? {} : { problem }),
            ...(summary === undefined ? {} : { summary }),
          }
          record = (await store.jobs.update(id, change)) ?? record
          if (refused) takes()
          break
        } catch (error) {
          const mayPass = isTroupeError(error) && PASSING.has(error.code) && parts.giveUp?.aborted !== true
          if (!mayPass && tries >= LAST_TRIES) {
            log.error(`job ${id}: its end could not be written: ${messageOf(error)}`)
            // It is still running as far as the store knows; the next start of the console finds it interrupted.
            record = { ...record, state: 'interrupted', problem: `its end could not be written: ${messageOf(error)}` }
            break
          }
          takesNothing(error)
          endTimer()
          await new Promise<void>((resolve) => void clock.after(TRY_AGAIN_MS, resolve))
        }
      }
      ended = true
      endTimer()
      latest = undefined
      tell(record, undefined)
    },
  }

  function stateAtEnd(): JobState {
    if (stopReason !== undefined) return 'stopped'
    return problem === undefined ? 'done' : 'failed'
  }
}

/** A line without its data, roughly. */
const LINE_CHARACTERS = 200
const LOST_ANSWER = 'its answer is lost: the console could not write it down in time'

/** For whoever looks at the job: nothing of files, which are in the log. */
export function storeProblemOf(error: unknown): string {
  const code = isTroupeError(error) ? error.code : 'CONSOLE_STORE'
  const why = code === 'STORE_FULL' ? 'there is no room left' : 'its log tells why'
  return `the console cannot write what it keeps: ${why} (${code})`
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Characters of a value, roughly. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  let size = 2
  for (const name of Object.keys(value)) size += name.length + sizeOf((value as Record<string, unknown>)[name])
  return size
}
