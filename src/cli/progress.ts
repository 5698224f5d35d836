// The progress bar as text, and nothing else. [cli 6.1]

const WIDTH_MAX = 60
const SPIN = ['|', '/', '-', '\\']

export interface ProgressStyle {
  readonly red: (text: string) => string
  readonly green: (text: string) => string
}

/**
 * One drawing of the bar, beginning with a carriage return:
 * `\r * [ ====> ] 2 / 2`; on terminals narrower than 23 columns plain `\r2 / 2`.
 */
export function drawProgress(done: number, total: number, columns: number, tick: number, style: ProgressStyle): string {
  const width = Math.min(WIDTH_MAX, Math.max(0, columns - 22))
  if (width === 0) return `\r${done} / ${total}`
  const filled = total === 0 ? 0 : Math.min(width, Math.round((done / total) * width))
  const spin = done >= total ? style.green('*') : style.red(SPIN[tick % SPIN.length] as string)
  return `\r ${spin} [ ${'='.repeat(filled)}>${' '.repeat(width - filled)} ] ${done} / ${total}`
}
