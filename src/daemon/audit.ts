// The audit log: one line per request that reaches an action, refused ones included. Text lines are MCollective's own for what
// was run; a refused request has ` outcome=...` behind it. JSON lines also tell duration and status code: `started` is written
// before the action runs, so that a daemon that dies in the middle leaves a trace, `ran` afterwards. Values under secret names
// are masked. [wire 7.5, agents 15, R-058, B-015]
//
// A line that cannot be written does not stop the request (as in the original): with a full disk the operator needs this
// node to answer, and the same facts go to the daemon's log at once, which may be elsewhere.

import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import { maskSecrets } from '#base/secret-names.ts'
import type { Request, Values } from '#message/request.ts'
import { rubyInspect } from '#rpc/inspect.ts'

/** What became of a request. */
export type AuditOutcome =
  | 'started'
  | 'ran'
  | 'invalid'
  | 'unauthorized'
  | 'expired'
  | 'skewed'
  | 'replayed'
  | 'unknown'
  | 'overloaded'
  | 'stopping'

export interface AuditEntry {
  readonly request: Request
  readonly action: string
  readonly data: Values
  readonly outcome: AuditOutcome
  /** Of `ran`: milliseconds and the reply's status code. */
  readonly elapsedMs?: number
  readonly statusCode?: number
  /** Why it was not run. */
  readonly reason?: string
}

export interface Audit {
  record(entry: AuditEntry): void
  /** Opens the file again, for log rotation. */
  reopen(): void
  close(): void
}

export interface LogfileAuditOptions {
  /** e.g. `/var/log/puppetlabs/mcollective/mcollective-audit.log`. */
  readonly path: string
  readonly format: 'text' | 'json'
  readonly clock: Clock
  readonly log: Log
}

const COMPLAIN_EVERY_MS = 60_000

/** Audit provider `logfile`. Opens the file with the first line; never throws. */
export function createLogfileAudit(options: LogfileAuditOptions): Audit {
  const { path, format, clock, log } = options
  let fd: number | undefined
  let complainedAtMs = Number.NEGATIVE_INFINITY
  let lost = 0

  const close = (): void => {
    if (fd === undefined) return
    try {
      closeSync(fd)
    } catch {
      // Nothing is buffered here; the next line opens the file again.
    }
    fd = undefined
  }

  const complain = (error: unknown, line: string): void => {
    lost++
    log.warn(`audit: ${line}`)
    if (clock.monotonic() - complainedAtMs < COMPLAIN_EVERY_MS) return
    complainedAtMs = clock.monotonic()
    log.error(`cannot write the audit log ${path}: ${messageOf(error)}; requests go on, ${lost} lines lost so far`, {
      path,
    })
  }

  return {
    record(entry) {
      if (format === 'text' && entry.outcome === 'ran') return
      const line = format === 'json' ? jsonLine(entry, clock.now()) : textLine(entry, clock.now())
      try {
        if (fd !== undefined && movedAway(fd, path)) close()
        fd ??= openSync(path, 'a', 0o600)
        const bytes = Buffer.from(`${line}\n`)
        let done = 0
        while (done < bytes.length) done += writeSync(fd, bytes, done)
      } catch (error) {
        close()
        complain(error, line)
      }
    },
    reopen: close,
    close,
  }
}

/** True when the file was rotated without telling us. */
function movedAway(fd: number, path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false })
  return !there || there.ino !== fstatSync(fd).ino
}

/** `[2026-11-22 05:32:46 UTC] reqid=...: reqtime=... caller=uid=0@client agent=puppetd action=runonce data={:forcerun=>true}` */
function textLine(entry: AuditEntry, nowMs: number): string {
  const { request, action, data, outcome } = entry
  const time = new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ')
  const processResults = request.body.kind === 'rpc' ? { process_results: request.body.processResults } : {}
  const inspected = rubyInspect(
    { ...(maskSecrets(data) as Values), ...processResults },
    { symbolKey: (path) => path.length === 1 },
  )
  const line = `[${time} UTC] reqid=${request.id}: reqtime=${Math.floor(request.sentAtMs / 1000)} caller=${request.caller}@${request.sender} agent=${request.agent} action=${action} data=${inspected}`
  return outcome === 'started' ? oneLine(line) : oneLine(`${line} outcome=${outcome}`)
}

function jsonLine(entry: AuditEntry, nowMs: number): string {
  const { request, action, data, outcome, elapsedMs, statusCode, reason } = entry
  return JSON.stringify({
    time: new Date(nowMs).toISOString(),
    requestid: request.id,
    requesttime: new Date(request.sentAtMs).toISOString(),
    caller: request.caller,
    sender: request.sender,
    collective: request.collective,
    agent: request.agent,
    action,
    data: maskSecrets(data),
    outcome,
    ...(elapsedMs === undefined ? {} : { elapsedms: Math.round(elapsedMs) }),
    ...(statusCode === undefined ? {} : { statuscode: statusCode }),
    ...(reason === undefined ? {} : { reason }),
  })
}

/** Names come from outside; one request must stay one line. */
function oneLine(line: string): string {
  return line.replace(/[\x00-\x1f\x7f\u0085\u2028\u2029]/g, '?')
}
