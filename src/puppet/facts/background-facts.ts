// A fact source that refreshes in the background: by time, and at once when the collector sees a change. What fails leaves the
// last good facts in place and says so. [agents 16]

import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import { type Log, silentLog } from '#base/log.ts'
import type { Collected, FactCollector, FactSource, Facts } from './fact-source.ts'

/** How often a collector that can tell is asked whether facts have changed. */
const CHANGE_CHECK_MS = 2_000
/** Refreshing this many times later than it should be makes facts stale. */
const STALE_FACTOR = 3

export interface BackgroundFactsOptions {
  readonly collector: FactCollector
  /** Quick facts to show until the collector's first result. Absent: `start` waits for that result. */
  readonly initial?: FactCollector
  /** Seconds between refreshes, e.g. 300. */
  readonly cacheSeconds: number
  readonly clock: Clock
  readonly log?: Log
  /** 0 to 1; spreads the refreshes of many machines on one host. */
  readonly random?: () => number
}

const NONE: Facts = Object.freeze(Object.create(null) as Facts)

export function createBackgroundFacts(options: BackgroundFactsOptions): FactSource {
  const { collector, initial, cacheSeconds, clock, log = silentLog, random = Math.random } = options
  let shown: { readonly collected: Collected; readonly atMs: number } | undefined
  let failure: { readonly message: string; readonly atMs: number } | undefined
  let running = false
  let cancelRefresh = (): void => {}
  let cancelCheck = (): void => {}

  async function refresh(signal: AbortSignal): Promise<void> {
    if (running || signal.aborted) return
    running = true
    cancelRefresh()
    try {
      keep(await collector.collect(signal))
    } catch (error) {
      if (!signal.aborted) fail(error)
    }
    running = false
    if (signal.aborted) return
    cancelRefresh = clock.after(cacheSeconds * 1000 * (0.9 + 0.2 * random()), () => void refresh(signal))
  }

  function keep(collected: Collected): void {
    if (failure) log.info('facts can be collected again', { source: collected.source })
    failure = undefined
    // A file that is being written is empty for a moment.
    if (shown && Object.keys(collected.facts).length === 0) {
      failure = { message: 'it gave no facts at all', atMs: clock.now() }
      return
    }
    shown = { collected, atMs: clock.now() }
  }

  function fail(error: unknown): void {
    const message = messageOf(error)
    if (failure?.message !== message)
      log.warn('facts could not be collected', { source: collector.name, error: message })
    failure = { message, atMs: clock.now() }
  }

  function checkLater(signal: AbortSignal): void {
    if (!collector.changed) return
    cancelCheck = clock.after(CHANGE_CHECK_MS, () => void check(signal))
  }

  async function check(signal: AbortSignal): Promise<void> {
    const changed = await collector.changed?.().catch(() => false)
    if (signal.aborted) return
    if (changed) await refresh(signal)
    if (!signal.aborted) checkLater(signal)
  }

  return {
    async start(signal) {
      if (signal.aborted) return
      signal.addEventListener('abort', () => {
        cancelRefresh()
        cancelCheck()
      })
      if (initial) {
        try {
          shown = { collected: await initial.collect(signal), atMs: clock.now() }
        } catch (error) {
          log.warn('facts could not be collected', { source: initial.name, error: messageOf(error) })
        }
      }
      const first = refresh(signal)
      if (!initial) await first
      if (!signal.aborted) checkLater(signal)
    },
    facts: () => shown?.collected.facts ?? NONE,
    state: () => ({
      source: shown?.collected.source ?? 'none',
      ageSeconds: shown ? Math.max(0, Math.floor((clock.now() - shown.atMs) / 1000)) : null,
      ...(failure ? { error: failure.message } : {}),
    }),
    warnings() {
      const nowMs = clock.now()
      const notes = (shown?.collected.notes ?? []).map((note) => `facts: ${note}`)
      const showing = shown
        ? `showing ${shown.collected.source === 'builtin' ? 'built-in ' : ''}facts of ${timeText(shown.atMs, nowMs)}`
        : 'there are none'
      if (failure)
        return [
          `facts: ${collector.name} failed ${agoText(nowMs - failure.atMs)} (${failure.message}); ${showing}`,
          ...notes,
        ]
      const ageMs = shown ? nowMs - shown.atMs : 0
      if (ageMs <= STALE_FACTOR * cacheSeconds * 1000) return notes
      return [`facts: ${collector.name} has given nothing for ${durationText(ageMs)}; ${showing}`, ...notes]
    },
  }
}

/** `agoText(180_000)` is `3 minutes ago`. */
export function agoText(ms: number): string {
  return ms < 1000 ? 'just now' : `${durationText(ms)} ago`
}

/** The largest whole unit: `45 seconds`, `1 minute`, `3 hours`, `2 days`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [count, unit] =
    seconds < 60
      ? [seconds, 'second']
      : seconds < 3600
        ? [Math.floor(seconds / 60), 'minute']
        : seconds < 86_400
          ? [Math.floor(seconds / 3600), 'hour']
          : [Math.floor(seconds / 86_400), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** Local time of day, with the date when it is not today: `09:12`, `2026-11-21 09:12`. */
function timeText(atMs: number, nowMs: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const at = new Date(atMs)
  const date = (d: Date) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`
  return date(at) === date(new Date(nowMs)) ? time : `${date(at)} ${time}`
}
