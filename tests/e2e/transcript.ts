// Transcripts: commands and the screens they must show, as files a person can read. Screens are compared after collapsing
// white space and dropping blank lines, because the requirement document's samples were trimmed by hand.
//
//   # comment                    $ mco ping            a command line for bash; one that ends in a backslash goes on in the next
//   plain lines                  must appear, in this order
//   {ms} {n} {word} {date}       stand for 136.55, 4711, one word, Mon Nov 14 15:25:33 -0800 2011; {state} for `not ` or nothing
//   ...                          any number of lines, also none
//   ~ any order  ...  ~          the lines between, in whatever order
//   ? 1                          exit code, 0 when absent

export interface Step {
  readonly command: string
  readonly expected: readonly string[]
  readonly exitCode: number
}

const PATTERNS: Readonly<Record<string, string>> = {
  ms: String.raw`\d+\.\d\d`,
  n: String.raw`\d+`,
  word: String.raw`\S+`,
  state: '(?:not )?',
  date: String.raw`[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d [+-]\d{4} \d{4}`,
}

export function parseTranscript(text: string): Step[] {
  const steps: { command: string; expected: string[]; exitCode: number }[] = []
  for (const line of text.split('\n')) {
    const step = steps.at(-1)
    if (step?.command.endsWith('\\')) {
      step.command += `\n${line}`
      continue
    }
    if (line.startsWith('#')) continue
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), expected: [], exitCode: 0 })
    else if (step && line.startsWith('? ')) step.exitCode = Number(line.slice(2))
    else if (collapsed(line) !== '') {
      if (!step) throw new Error(`a transcript begins with a command, not with: ${line}`)
      step.expected.push(collapsed(line))
    }
  }
  return steps
}

/** undefined: the screen is as expected; else what is wrong, both texts included. */
export function difference(step: Step, screen: string, exitCode: number): string | undefined {
  const actual = screen
    .split(/[\n\r]/)
    .map(collapsed)
    .filter((line) => line !== '')
  const wrong = exitCode !== step.exitCode ? `exit code ${exitCode}, expected ${step.exitCode}` : undefined
  if (!wrong && matches(step.expected, actual)) return undefined
  const shown = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n')
  return `$ ${step.command}: ${wrong ?? 'another screen'}\n  expected:\n${shown(step.expected)}\n  actual:\n${shown(actual)}`
}

function matches(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected
  if (first === undefined) return actual.length === 0
  if (first === '...') {
    return actual.some((_, from) => matches(rest, actual.slice(from))) || matches(rest, [])
  }
  if (first === '~ any order') {
    const end = rest.indexOf('~')
    const remaining = actual.slice(0, end)
    for (const line of rest.slice(0, end)) {
      const at = remaining.findIndex((candidate) => lineMatches(line, candidate))
      if (at < 0) return false
      remaining.splice(at, 1)
    }
    return remaining.length === 0 && matches(rest.slice(end + 1), actual.slice(end))
  }
  return actual[0] !== undefined && lineMatches(first, actual[0]) && matches(rest, actual.slice(1))
}

function lineMatches(expected: string, actual: string): boolean {
  const source = expected
    .split(/(\{\w+\})/)
    .map(
      (part) =>
        (part.startsWith('{') ? PATTERNS[part.slice(1, -1)] : undefined) ?? part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
    )
    .join('')
  return new RegExp(`^${source}$`).test(actual)
}

function collapsed(line: string): string {
  return line.replace(/\s+/g, ' ').trim()
}
