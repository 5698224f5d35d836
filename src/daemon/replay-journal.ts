// The file behind the replay guard: which requests were claimed, so that a captured one is refused after a restart as well.
// Appends are plain writes: they survive the death of the process, not that of the machine. So the header tells which boot of
// the machine wrote it and whether it was closed in good order; what may be missing is answered by a time (`mistrustBeforeMs`)
// before which no request is believed.
//
//   offset size content
//        0    4 "TRJ" and the version, 0x01
//        4    1 state: 0 in use, 1 closed in good order, 2 records are missing (a write failed)
//        5    3 zeros
//        8   16 boot id
//       24    8 mistrustBeforeMs, unsigned, big endian
//       32  24n records: proof (16), last millisecond it matters (8, unsigned, big endian)
//
// A torn last record is dropped: its request was not run, because a claim comes before acting.

import * as fs from 'node:fs'
import { messageOf } from '#base/errors.ts'
import type { Log } from '#base/log.ts'

const MAGIC = 0x54524a01
const HEADER_BYTES = 32
const RECORD_BYTES = 24
const STATE = { inUse: 0, closed: 1, incomplete: 2 } as const
/** Appended records beyond the living ones after which the file is written anew. */
const COMPACT_SLACK = 4096

/** What of node:fs is used; a test hands in one whose disk is full. */
export type JournalFiles = Pick<
  typeof fs,
  'openSync' | 'readFileSync' | 'writeSync' | 'fsyncSync' | 'closeSync' | 'renameSync' | 'unlinkSync' | 'statSync'
>

export interface JournalOptions {
  /** e.g. `/var/lib/mcollective/replay.journal`. */
  readonly path: string
  readonly nowMs: number
  /** /proc/sys/kernel/random/boot_id; empty: unknown, then only a journal closed in good order is believed. */
  readonly bootId: string
  /** When the machine was started, milliseconds since 1970: nothing was claimed between then and now. */
  readonly bootedAtMs: number
  /** By how much clocks of clients may be ahead. */
  readonly skewMs: number
  readonly log: Log
  readonly files?: JournalFiles
}

export interface Journal {
  /** What is on file and still matters: proof (32 hex digits) -> last millisecond. Taken over by the caller. */
  readonly entries: Map<string, number>
  readonly mistrustBeforeMs: number
  append(proof: string, untilMs: number): void
  /** Writes the file anew when it has become much larger than `entries`. */
  compact(entries: ReadonlyMap<string, number>): void
  close(): void
}

/** Opens or creates the journal. Never throws: without a file the guard works from memory and distrusts the past after a restart. */
export function openJournal(options: JournalOptions): Journal {
  const files = options.files ?? fs
  if (!isFileOrAbsent(files, options.path)) return journalOfNothing(options)
  const found = readJournal(files, options)
  let fd: number | undefined
  let records = 0
  let failed = false

  const fail = (what: string, error: unknown): void => {
    if (!failed) {
      // The node goes on: an operator whose disk is full needs this node to answer, to free it. The guard in memory
      // still works; what is missing on file is made good at the next start by distrusting everything sent before it.
      options.log.error(
        `cannot ${what} the replay journal ${options.path}: ${messageOf(error)}; requests are guarded from memory`,
        {
          path: options.path,
        },
      )
    }
    failed = true
    if (!markIncomplete(files, fd)) remove(files, options.path)
  }

  const rewrite = (entries: ReadonlyMap<string, number>): void => {
    const next = `${options.path}.new`
    const nextFd = files.openSync(next, 'w', 0o600)
    try {
      writeAll(files, nextFd, image(entries, options.bootId, found.mistrustBeforeMs))
      files.fsyncSync(nextFd)
      files.renameSync(next, options.path)
    } catch (error) {
      files.closeSync(nextFd)
      remove(files, next)
      throw error
    }
    if (fd !== undefined) files.closeSync(fd)
    fd = nextFd
    records = entries.size
    failed = false
  }

  try {
    rewrite(found.entries)
  } catch (error) {
    fail('write', error)
  }

  const record = Buffer.alloc(RECORD_BYTES)
  return {
    entries: found.entries,
    mistrustBeforeMs: found.mistrustBeforeMs,
    append(proof, untilMs) {
      if (fd === undefined || failed) return
      record.write(proof, 0, 16, 'hex')
      record.writeBigUInt64BE(BigInt(Math.ceil(untilMs)), 16)
      try {
        writeAll(files, fd, record)
        records++
      } catch (error) {
        fail('extend', error)
      }
    },
    compact(entries) {
      if (!failed && records < 2 * entries.size + COMPACT_SLACK) return
      try {
        rewrite(entries)
      } catch (error) {
        // The old file is whole and still grows; it is tried again after as many records.
        records = entries.size
        if (!failed) options.log.warn(`cannot shorten the replay journal ${options.path}: ${messageOf(error)}`)
      }
    },
    close() {
      if (fd === undefined) return
      try {
        if (!failed) {
          files.fsyncSync(fd)
          files.writeSync(fd, Buffer.from([STATE.closed]), 0, 1, 4)
          files.fsyncSync(fd)
        }
      } catch (error) {
        fail('close', error)
      }
      files.closeSync(fd)
      fd = undefined
    },
  }
}

function readJournal(
  files: JournalFiles,
  options: JournalOptions,
): { entries: Map<string, number>; mistrustBeforeMs: number } {
  const { nowMs, skewMs, log, path } = options
  const entries = new Map<string, number>()
  let bytes: Buffer
  try {
    bytes = files.readFileSync(path)
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!absent) log.error(`cannot read the replay journal ${path}: ${messageOf(error)}`, { path })
    // The first start: whatever was sent before it was not sent to this node's knowledge.
    return { entries, mistrustBeforeMs: nowMs }
  }
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(0) !== MAGIC) {
    log.error(`cannot use the replay journal ${path}: it is damaged; requests sent before now are not believed`, {
      path,
    })
    return { entries, mistrustBeforeMs: nowMs + skewMs }
  }
  for (let at = HEADER_BYTES; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    const untilMs = Number(bytes.readBigUInt64BE(at + 16))
    if (untilMs >= nowMs) entries.set(bytes.toString('hex', at, at + 16), untilMs)
  }
  const before = Number(bytes.readBigUInt64BE(24))
  const state = bytes[4]
  const sameBoot = options.bootId !== '' && bytes.toString('hex', 8, 24) === bootBytes(options.bootId).toString('hex')
  if (state === STATE.closed || (state === STATE.inUse && sameBoot)) return { entries, mistrustBeforeMs: before }
  // Requests claimed just before the machine died may be missing. They were sent before it was started again, by clocks at
  // most skewMs ahead. When a write failed, they may have been sent up to now.
  const lastLifeEndedMs = state === STATE.inUse && options.bootId !== '' ? Math.min(options.bootedAtMs, nowMs) : nowMs
  log.warn(
    `the replay journal ${path} may lack requests: those sent before ${new Date(lastLifeEndedMs + skewMs).toISOString()} are refused`,
    {
      path,
    },
  )
  return { entries, mistrustBeforeMs: Math.max(before, lastLifeEndedMs + skewMs) }
}

function image(entries: ReadonlyMap<string, number>, bootId: string, mistrustBeforeMs: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + entries.size * RECORD_BYTES)
  bytes.writeUInt32BE(MAGIC, 0)
  bytes[4] = STATE.inUse
  bootBytes(bootId).copy(bytes, 8)
  bytes.writeBigUInt64BE(BigInt(Math.ceil(mistrustBeforeMs)), 24)
  let at = HEADER_BYTES
  for (const [proof, untilMs] of entries) {
    bytes.write(proof, at, 16, 'hex')
    bytes.writeBigUInt64BE(BigInt(Math.ceil(untilMs)), at + 16)
    at += RECORD_BYTES
  }
  return bytes
}

function bootBytes(bootId: string): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.write(bootId.replaceAll('-', ''), 'hex')
  return bytes
}

function writeAll(files: JournalFiles, fd: number, bytes: Buffer): void {
  let done = 0
  while (done < bytes.length) done += files.writeSync(fd, bytes, done, bytes.length - done)
}

function isFileOrAbsent(files: JournalFiles, path: string): boolean {
  try {
    return files.statSync(path).isFile()
  } catch {
    return true
  }
}

/** What is no file is not replaced by one either: it may be /dev/null, which the whole machine needs. */
function journalOfNothing({ path, nowMs, log }: JournalOptions): Journal {
  log.error(`cannot use the replay journal ${path}: it is not a file; requests are guarded from memory`, { path })
  return { entries: new Map(), mistrustBeforeMs: nowMs, append() {}, compact() {}, close() {} }
}

/** Overwrites one byte that is there already, which a full disk permits. */
function markIncomplete(files: JournalFiles, fd: number | undefined): boolean {
  if (fd === undefined) return false
  try {
    files.writeSync(fd, Buffer.from([STATE.incomplete]), 0, 1, 4)
    return true
  } catch {
    return false
  }
}

function remove(files: JournalFiles, path: string): void {
  try {
    files.unlinkSync(path)
  } catch {
    // Absent, or as unwritable as it was: nothing is lost by leaving it.
  }
}
