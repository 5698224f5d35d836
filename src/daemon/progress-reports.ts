// What a running action says of its progress, on its way to the caller: cut to size, at most one a second, the latest first, and no more than
// a request may cause. Nothing is queued: while one is being sent, or has just been, only the newest waits. [agents 1]

import type { Clock } from '#base/clock.ts'
import { PROGRESS_EVENTS_MAX, PROGRESS_INTERVAL_MS, PROGRESS_TEXT_LENGTH_MAX } from '#base/limits.ts'
import type { ProgressBody } from '#message/reply.ts'

export interface ProgressReports {
  /** Never throws. Texts of several lines become one; what is no text, and the same again, is left out. */
  report(text: string, percent?: number): void
  /** The reply is on its way: nothing is said any more. */
  close(): void
}

/** `send` publishes one; when it fails, or nothing can be sent for a while, reports are lost and nobody minds. */
export function createProgressReports(clock: Clock, send: (report: ProgressBody) => Promise<void>): ProgressReports {
  let left = PROGRESS_EVENTS_MAX
  let waiting: ProgressBody | undefined
  let lastSaid = ''
  let sending = false
  let cancelPause: (() => void) | undefined
  let closed = false
  const next = (): void => {
    if (closed || sending || cancelPause || !waiting || left === 0) return
    const report = waiting
    waiting = undefined
    left--
    sending = true
    cancelPause = clock.after(PROGRESS_INTERVAL_MS, () => {
      cancelPause = undefined
      next()
    })
    // Nothing of it may fail the action: neither what cannot be sealed nor a connection that is down.
    new Promise<void>((resolve) => resolve(send(report)))
      .catch(() => {})
      .finally(() => {
        sending = false
        next()
      })
  }
  return {
    report(text, percent) {
      if (closed || typeof text !== 'string') return
      const report = reportOf(text, percent)
      const said = JSON.stringify(report)
      if (report.text === '' || said === lastSaid) return
      lastSaid = said
      waiting = report
      next()
    },
    close() {
      closed = true
      waiting = undefined
      cancelPause?.()
    },
  }
}

function reportOf(text: string, percent: number | undefined): ProgressBody {
  const line = text
    .slice(0, 4 * PROGRESS_TEXT_LENGTH_MAX)
    .replace(/\s+/g, ' ')
    .trim()
  const cut = line.slice(0, PROGRESS_TEXT_LENGTH_MAX)
  if (typeof percent !== 'number' || !Number.isFinite(percent)) return { kind: 'progress', text: cut }
  return { kind: 'progress', text: cut, percent: Math.round(Math.min(100, Math.max(0, percent))) }
}
