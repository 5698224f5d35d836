// Where log lines of daemon and broker go: a file that is rotated by size, syslog through logger(1) (node cannot speak to
// /dev/log itself), or the console. One line per event, control characters escaped, so that nobody can forge lines from
// afar. Logging never throws: a full disk costs lines, not the daemon. [wire 9.2]

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf, TroupeError } from '#base/errors.ts'
import { LOG_LINE_CHARACTERS_MAX } from '#base/limits.ts'
import type { Log, LogFields, LogLevel } from '#base/log.ts'
import { makeFolders } from '#base/make-folders.ts'
import type { LogSettings } from '#config/settings.ts'

export interface LogOutput extends Log {
  /** The least severe level written from now on. */
  level: LogLevel
  /** Opens the file anew, after somebody moved it away. */
  reopen(): void
  close(): void
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const
const SYSLOG_SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3, fatal: 2 }
const SYSLOG_FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['', '', '', '', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
]

interface Sink {
  write(line: string, level: LogLevel): void
  reopen(): void
  close(): void
}

/** `program` names the process in lines, e.g. `mcollectived`. Throws CONFIG_UNREADABLE when the file cannot be opened. */
export function openLogOutput(settings: LogSettings, program: string): LogOutput {
  const sink = sinkOf(settings, program)
  const write = (level: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(output.level)) sink.write(formatLine(level, message, fields), level)
  }
  const output: LogOutput = {
    level: settings.level,
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    fatal: (message, fields) => write('fatal', message, fields),
    reopen: () => sink.reopen(),
    close: () => sink.close(),
  }
  return output
}

/** Moves to the next level, as USR2 asks for, and gives it. */
export function nextLevel(log: LogOutput): LogLevel {
  log.level = LEVELS[(LEVELS.indexOf(log.level) + 1) % LEVELS.length] ?? 'info'
  return log.level
}

/** `WARN  the broker is gone host=puppetmaster.example.com attempt=3`, without the time. */
export function formatLine(level: LogLevel, message: string, fields: LogFields = {}): string {
  const pairs = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}=${shown(value)}`],
  )
  const line = `${level.toUpperCase().padEnd(5)} ${escaped(message)}${pairs.join('')}`
  return line.length > LOG_LINE_CHARACTERS_MAX ? `${line.slice(0, LOG_LINE_CHARACTERS_MAX)}...` : line
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:@%+,=-]+$/.test(value) ? value : escaped(JSON.stringify(value))
  if (value instanceof Error) return escaped(JSON.stringify(value.message))
  return escaped(JSON.stringify(value) ?? String(value))
}

function escaped(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function sinkOf(settings: LogSettings, program: string): Sink {
  switch (settings.type) {
    case 'file':
      return fileSink(settings, program)
    case 'syslog':
      return syslogSink(settings.facility, program)
    case 'console':
      return { write: (line) => void tryWrite(2, stamped(line, program)), reopen() {}, close() {} }
  }
}

/** Local time with its offset, as an operator compares it with the clock on the wall. */
function stamped(line: string, program: string): string {
  const now = new Date()
  const offset = -now.getTimezoneOffset()
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  const local = new Date(now.getTime() + offset * 60_000).toISOString().slice(0, -1)
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`
  return `${local}${zone} ${program}[${process.pid}] ${line}\n`
}

function tryWrite(fd: number, text: string): boolean {
  try {
    writeSync(fd, text)
    return true
  } catch {
    return false
  }
}

function fileSink({ file, rotateBytes, keepFiles }: LogSettings, program: string): Sink {
  let fd = openFile(file)
  let bytes = fstatSync(fd).size
  let lost = 0
  const reopen = (): void => {
    try {
      const fresh = openFile(file)
      closeSync(fd)
      fd = fresh
      bytes = fstatSync(fd).size
    } catch {
      // The old file stays in use, which loses nothing.
    }
  }
  return {
    write(line) {
      if (bytes > rotateBytes) {
        rotate(file, keepFiles)
        reopen()
      }
      const note = lost > 0 ? stamped(formatLine('error', `${lost} log lines could not be written`), program) : ''
      const text = note + stamped(line, program)
      if (tryWrite(fd, text)) {
        bytes += Buffer.byteLength(text)
        lost = 0
      } else {
        lost++
      }
    },
    reopen,
    close: () => closeSync(fd),
  }
}

function openFile(file: string): number {
  try {
    makeFolders(dirname(file), 0o755)
    return openSync(file, 'a', 0o640)
  } catch (cause) {
    throw new TroupeError('CONFIG_UNREADABLE', `cannot write the log file ${file} (logfile): ${messageOf(cause)}`, {
      cause,
    })
  }
}

/** file -> file.1 -> file.2 ..., the oldest goes. What is no plain file, such as /dev/null, stays where it is. */
function rotate(file: string, keepFiles: number): void {
  try {
    if (!lstatSync(file).isFile()) return
    if (keepFiles === 0) rmSync(file, { force: true })
    for (let n = keepFiles; n >= 1; n--) {
      const from = n === 1 ? file : `${file}.${n - 1}`
      if (existsSync(from)) renameSync(from, `${file}.${n}`)
    }
  } catch {
    // Goes on in the file there is.
  }
}

function syslogSink(facility: string, program: string): Sink {
  const facilityNumber = Math.max(SYSLOG_FACILITIES.indexOf(facility), 1)
  let logger: ChildProcess | undefined
  const start = (): ChildProcess => {
    const child = spawn('logger', ['--prio-prefix', `--id=${process.pid}`, '--tag', program], {
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    child.on('error', () => {})
    child.on('exit', () => {
      logger = undefined
    })
    child.stdin?.on('error', () => {})
    child.unref()
    return child
  }
  return {
    write(line, level) {
      logger ??= start()
      logger.stdin?.write(`<${facilityNumber * 8 + SYSLOG_SEVERITY[level]}>${line}\n`)
    },
    reopen() {},
    close: () => logger?.stdin?.end(),
  }
}
