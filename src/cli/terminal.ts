// The only module that writes to the terminal: standard output and error, colour, progress bar, JSON and questions. Everything a node
// said is made harmless here. [cli 2.4, B-008]

import type { Readable, Writable } from 'node:stream'
import { printable } from '#rpc/inspect.ts'
import { drawProgress } from './progress.ts'

export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'bold'

export interface Terminal {
  /** Whether standard output is a terminal. */
  readonly interactive: boolean
  /** Whether somebody sits there: who types and who reads questions is a terminal. */
  readonly canAsk: boolean
  readonly columns: number
  /** Lines to standard output; a final newline is added. */
  out(text: string): void
  /** Lines to standard error. */
  err(text: string): void
  /** To standard error without a newline: the beginning of a line that is finished later. */
  errPart(text: string): void
  /** One JSON document: pretty on a terminal, one line otherwise. */
  json(value: unknown): void
  /** Colour for standard output. */
  style(style: Style, text: string): string
  /** Colour for standard error. */
  styleErr(style: Style, text: string): string
  /** Ends a line that was begun and not finished: of a bar, or by errPart. */
  endLine(): void
  /** Nothing is printed any more: the operator has quit. */
  close(): void
  /** A bar on standard output; does nothing when that is no terminal. */
  progress(): Progress
  /** Asks on standard error; `y` or `yes` is yes; end of input is no. */
  confirm(question: string): Promise<boolean>
}

export interface Progress {
  update(done: number, total: number): void
  /** Harmless text on one line beside the bar, until the next; empty: none. */
  note(text: string): void
  /** A line above the bar. */
  line(text: string): void
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

/** What `style` writes around a text, without its escape character's text. */
const SGR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`)
const CODES: Readonly<Record<Style, string>> = { red: '31', green: '32', yellow: '33', cyan: '36', bold: '1' }
/** Spinning faster than this costs a slow terminal more than it shows. */
const REDRAW_MS = 50

export function createTerminal(streams: TerminalStreams, options: TerminalOptions): Terminal {
  const { stdout, stderr, env } = streams
  const interactive = stdout.isTTY === true
  const columns = columnsOf(streams)
  const painter =
    (isTerminal: boolean) =>
    (name: Style, text: string): string => {
      const colored = options.color === 'always' || (options.color === 'auto' && isTerminal && !env.NO_COLOR)
      return colored ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text
    }
  const style = painter(interactive)
  /** What a line was begun on, if one is open. */
  let open: Writable | undefined
  let closed = false
  const write = (stream: Writable, text: string, ends: boolean): void => {
    if (closed) return
    stream.write(text)
    open = ends ? undefined : stream
  }
  return {
    interactive,
    get canAsk() {
      return streams.stdin.isTTY === true && stderr.isTTY === true
    },
    columns,
    out: (text) => write(stdout, `${text}\n`, true),
    err: (text) => write(stderr, `${text}\n`, true),
    errPart: (text) => write(stderr, text, false),
    json: (value) => write(stdout, `${harmlessJson(JSON.stringify(value, null, interactive ? 2 : undefined))}\n`, true),
    style,
    styleErr: painter(stderr.isTTY === true),
    endLine: () => open && write(open, '\n', true),
    close() {
      // What a terminal echoes of Ctrl-C stands at the end of a line, too.
      if (open || stderr.isTTY) write(open ?? stderr, '\n', true)
      closed = true
    },
    progress: () => createProgress((text, ends) => write(stdout, text, ends), { interactive, columns, style }),
    async confirm(question) {
      write(stderr, question, false)
      const { stdin } = streams
      const { createInterface } = await import('node:readline')
      const lines = createInterface({ input: stdin })
      try {
        for await (const line of lines) {
          // The terminal has shown the line end that was typed.
          open = undefined
          return /^\s*y(es)?\s*$/i.test(line)
        }
        if (open) write(stderr, '\n', true)
        return false
      } finally {
        lines.close()
        stdin.pause()
      }
    },
  }
}

function createProgress(
  write: (text: string, ends: boolean) => void,
  { interactive, columns, style }: Pick<Terminal, 'interactive' | 'columns' | 'style'>,
): Progress {
  const styles = { red: (text: string) => style('red', text), green: (text: string) => style('green', text) }
  let tick = 0
  let drawn = false
  let drawnAtMs = 0
  let widest = 0
  let state: readonly [number, number] | undefined
  let note = ''
  let due = false
  let timer: NodeJS.Timeout | undefined
  const draw = (): void => {
    if (!state || !due) return
    const [done, total] = state
    clearTimeout(timer)
    timer = undefined
    due = false
    drawnAtMs = performance.now()
    const bar = drawProgress(done, total, columns, tick++, styles, done < total ? note : '')
    // Fewer digits than before, or a shorter note, must not leave the old ones standing.
    const width = columnsIn(bar)
    write(`${drawn ? '' : '\n'}${bar}${' '.repeat(Math.max(0, widest - width))}`, false)
    widest = Math.max(widest, width)
    drawn = true
  }
  const drawSoon = (atOnce: boolean): void => {
    due = true
    const leftMs = drawnAtMs + REDRAW_MS - performance.now()
    if (atOnce || leftMs <= 0) draw()
    else timer ??= setTimeout(draw, leftMs).unref()
  }
  return {
    update(done, total) {
      if (!interactive) return
      state = [done, total]
      drawSoon(!drawn || done >= total)
    },
    note(text) {
      if (!interactive || note === text) return
      note = text
      if (drawn) drawSoon(false)
    },
    line(text) {
      if (!interactive) return
      if (!drawn) write('\n', true)
      write(`${drawn ? `\r${' '.repeat(widest)}\r` : ''}${text}\n`, true)
      drawn = true
      if (state) drawSoon(true)
    },
    finish() {
      draw()
      if (drawn) write('\n\n', true)
      drawn = false
    },
  }
}

/** Of a drawing: colours take none, characters that are not plain ASCII may take two. */
function columnsIn(bar: string): number {
  let columns = 0
  for (const character of bar.slice(1).split(SGR).join('')) columns += character <= '~' ? 1 : 2
  return columns
}

function columnsOf({ stdout, env }: TerminalStreams): number {
  if (env.COLUMNS && env.LINES && /^\d+$/.test(env.COLUMNS)) return Number(env.COLUMNS)
  return stdout.columns ?? 0
}

/** Text from elsewhere for one line: nothing in it can move the cursor, recolour, hide, or begin a line of its own. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

/** The same document without what JSON leaves as it is and a terminal obeys: C1 controls, marks that reverse text. */
function harmlessJson(json: string): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return json.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\n]/gu, (character) =>
    character.split('').map(escaped).join(''),
  )
}
