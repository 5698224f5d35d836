// The progress bar as text, and nothing else. [cli 6.1]

const WIDTH_MAX = 60
/** Of a bar beside a note, and what a terminal must have for both. */
const NOTED_WIDTH = 20
const NOTED_COLUMNS_MIN = 60
const SPIN = ['|', '/', '-', '\\']

export interface ProgressStyle {
  readonly red: (text: string) => string
  readonly green: (text: string) => string
}

/**
 * One drawing of the bar, beginning with a carriage return:
 * `\r * [ ====> ] 2 / 2`; on terminals narrower than 23 columns plain `\r2 / 2`. A `note`, one line of harmless text, stands behind a shorter
 * bar: `\r | [ ==>    ] 1 / 2  web1.example.com: Unpacking hello`.
 */
export function drawProgress(
  done: number,
  total: number,
  columns: number,
  tick: number,
  style: ProgressStyle,
  note = '',
): string {
  if (note !== '' && columns >= NOTED_COLUMNS_MIN) {
    const bar = drawProgress(done, total, NOTED_WIDTH + 22, tick, style)
    // The counts are longer in a fleet; the last column stays free, or the terminal begins a new line.
    return `${bar}  ${fitting(note, columns - NOTED_WIDTH - 12 - `${done} / ${total}`.length)}`
  }
  const width = Math.min(WIDTH_MAX, Math.max(0, columns - 22))
  if (width === 0) return `\r${done} / ${total}`
  const filled = total === 0 ? 0 : Math.min(width, Math.round((done / total) * width))
  const spin = done >= total ? style.green('*') : style.red(SPIN[tick % SPIN.length] as string)
  return `\r ${spin} [ ${'='.repeat(filled)}>${' '.repeat(width - filled)} ] ${done} / ${total}`
}

/** The beginning of a text in so many columns; what is not plain ASCII may take two. */
function fitting(text: string, columns: number): string {
  let left = columns
  let end = 0
  for (const character of text) {
    left -= character <= '~' ? 1 : 2
    if (left < 0) break
    end += character.length
  }
  return text.slice(0, end)
}
