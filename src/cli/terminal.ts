// The only module that writes to the terminal: standard output and error, colour, progress bar, JSON and questions. Everything a node
// said is made harmless here. [cli 2.4, B-008]

import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { drawProgress } from './progress.ts'

export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'bold'

export interface Terminal {
  /** Whether standard output is a terminal. */
  readonly interactive: boolean
  readonly columns: number
  /** Lines to standard output; a final newline is added. */
  out(text: string): void
  /** Lines to standard error. */
  err(text: string): void
  /** To standard error without a newline: the beginning of a line that is finished later. */
  errPart(text: string): void
  /** One JSON document: pretty on a terminal, one line otherwise. */
  json(value: unknown): void
  style(style: Style, text: string): string
  /** A bar on standard output; does nothing when that is no terminal. */
  progress(): Progress
  /** Asks on standard error; `y` or `yes` is yes; end of input is no. */
  confirm(question: string): Promise<boolean>
}

export interface Progress {
  update(done: number, total: number): void
  /** Ends the line of the bar, if one was drawn. */
  finish(): void
}

export interface TerminalStreams {
  readonly stdin: Readable & { isTTY?: boolean }
  readonly stdout: Writable & { isTTY?: boolean; columns?: number }
  readonly stderr: Writable & { isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface TerminalOptions {
  readonly color: 'auto' | 'always' | 'never'
}

const CODES: Readonly<Record<Style, string>> = { red: '31', green: '32', yellow: '33', cyan: '36', bold: '1' }
/** Spinning faster than this costs a slow terminal more than it shows. */
const REDRAW_MS = 50

export function createTerminal(streams: TerminalStreams, options: TerminalOptions): Terminal {
  const { stdout, stderr, stdin, env } = streams
  const interactive = stdout.isTTY === true
  const colored = options.color === 'always' || (options.color === 'auto' && interactive && !env.NO_COLOR)
  const columns = columnsOf(streams)
  const style = (name: Style, text: string): string => (colored ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text)
  return {
    interactive,
    columns,
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    errPart: (text) => void stderr.write(text),
    json: (value) => void stdout.write(`${JSON.stringify(value, null, interactive ? 2 : undefined)}\n`),
    style,
    progress() {
      let tick = 0
      let drawn = false
      let drawnAtMs = 0
      return {
        update(done, total) {
          if (!interactive) return
          const nowMs = performance.now()
          if (drawn && done < total && nowMs - drawnAtMs < REDRAW_MS) return
          drawnAtMs = nowMs
          if (!drawn) stdout.write('\n')
          drawn = true
          const styles = { red: (t: string) => style('red', t), green: (t: string) => style('green', t) }
          stdout.write(drawProgress(done, total, columns, tick++, styles))
        },
        finish() {
          if (drawn) stdout.write('\n\n')
          drawn = false
        },
      }
    },
    async confirm(question) {
      stderr.write(question)
      const lines = createInterface({ input: stdin })
      try {
        for await (const line of lines) return /^\s*y(es)?\s*$/i.test(line)
        return false
      } finally {
        lines.close()
        stdin.pause()
      }
    },
  }
}

function columnsOf({ stdout, env }: TerminalStreams): number {
  if (env.COLUMNS && env.LINES && /^\d+$/.test(env.COLUMNS)) return Number(env.COLUMNS)
  return stdout.columns ?? 0
}

/**
 * Text from elsewhere made safe to print: control characters other than newline and tab, and the marks that reorder text, become visible
 * escapes, so that a node cannot move the cursor, recolour or hide lines.
 */
export function harmless(text: string): string {
  return text.replace(HOSTILE, (char) => `\\u${(char.codePointAt(0) as number).toString(16).padStart(4, '0')}`)
}

const HOSTILE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
