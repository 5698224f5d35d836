// Screens: commands and exactly what they print, as files a person can read (tests/fixtures/screens). Times, dates, process ids and
// request ids stand as {ms}, {seconds}, {date}, {n}, {time} and {id}. What is installed grows with the product: {names}.
//
//   # comment               $ mco ping -v           a command
//   ! columns 80            standard output is a terminal of that width; of a line that was drawn over, the last state is shown
//   ! ctrl-c 500 900        pressed after so many milliseconds
//   ! stdin one\ntwo        what is piped in              ! file NAME one\ntwo     a file the operator has
//   ? 2                     exit code, 0 when absent; everything else is the screen, both streams in the order written

import { splitWords } from '../../src/cli/read-options.ts'
import type { Collective, Ran, RunOptions } from './mco-in-memory.ts'

export interface Screen {
  readonly command: string
  readonly directives: readonly string[]
  /** Comment lines before the command. */
  readonly comments: readonly string[]
  readonly expected: string
}

export function parseScreens(text: string): Screen[] {
  const screens: { command: string; directives: string[]; comments: string[]; lines: string[] }[] = []
  let comments: string[] = []
  for (const line of text.split('\n')) {
    const screen = screens.at(-1)
    if (line.startsWith('$ ')) {
      screens.push({ command: line.slice(2), directives: [], comments, lines: [] })
      comments = []
    } else if (line.startsWith('# ')) comments.push(line)
    else if (comments.length > 0) throw new Error(`a command must follow the comment, not: ${line}`)
    else if (screen && line.startsWith('! ')) screen.directives.push(line.slice(2))
    else screen?.lines.push(line)
  }
  return screens.map(({ lines, ...screen }) => ({ ...screen, expected: lines.join('\n').replace(/\n+$/, '') }))
}

export function renderScreens(screens: readonly Screen[]): string {
  const blocks = screens.map(({ command, directives, comments, expected }) =>
    [...comments, `$ ${command}`, ...directives.map((line) => `! ${line}`), ...(expected ? [expected] : [])].join('\n'),
  )
  return `${blocks.join('\n\n')}\n`
}

/** What the command shows now, in the form of `expected`. */
export async function showScreen(collective: Collective, screen: Screen): Promise<string> {
  const { env, words } = commandLine(screen.command)
  const ran = await collective.run(words, { ...optionsOf(screen.directives), env })
  return printed(ran)
}

/** `LOOK=x mco ping -v` to its environment and words. */
function commandLine(command: string): { env: Record<string, string>; words: string[] } {
  const words = splitWords(command, command)
  const env: Record<string, string> = {}
  while (words[0] !== undefined && words[0] !== 'mco') {
    const [name = '', value = ''] = (words.shift() as string).split(/=(.*)/s)
    env[name] = value
  }
  return { env, words: words.slice(1) }
}

function optionsOf(directives: readonly string[]): RunOptions {
  const files: Record<string, string> = {}
  let options: RunOptions = { files }
  for (const directive of directives) {
    const [name, first = '', ...rest] = directive.split(' ')
    const text = (words: readonly string[]): string => words.join(' ').replaceAll('\\n', '\n')
    if (name === 'columns') options = { ...options, columns: Number(first) }
    else if (name === 'ctrl-c') options = { ...options, interrupts: [first, ...rest].map(Number) }
    else if (name === 'stdin') options = { ...options, stdin: text([first, ...rest]) }
    else if (name === 'file') files[first] = text(rest)
    else throw new Error(`a screen has no directive ${name}`)
  }
  return options
}

function printed({ screen, code }: Ran): string {
  const lines = screen.split('\n').map((line) => line.split('\r').at(-1) as string)
  const text = lines
    .join('\n')
    .replaceAll(ESCAPES, (_, code: string) => `<${COLORS[code] ?? code}>`)
    .replace(/\b\d+\.\d\d(?=( ?ms)?( |\n|$))(?= ?ms| (min|avg|max)| *\n| [▁-▇])/g, '{ms}')
    .replace(/\b\d+\.\d\d(?= seconds)/g, '{seconds}')
    .replace(/(?<=Elapsed Time: )\d+\.\d\d(?= s\b)/g, '{seconds}')
    .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d [+-]\d{4} \d{4}/g, '{date}')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}/g, '{date}')
    .replace(/\b[0-9a-f]{32}\b/g, '{id}')
    .replace(/(?<=Process ID: |(total|valid|passed|replies)=|Timestamp: |Messages: |Filters: |Sent: )\d+/g, '{n}')
    .replace(/(?<="(time_ms|discoveryMs|agentMs|totalMs|startedAtMs|pong)":)\d+(\.\d+)?/g, '{n}')
    .replace(/(?<= {3}(Agents|Data Plugins):\n)( {6}.*\n)+/g, '      {names}\n')
    .replace(/(?<=last run )\d+(?= seconds ago)|(?<="last_run"=>)\d+/g, '{n}')
    .replace(/(?<=last completed run ).+(?= ago)/g, '{time}')
    .replace(/(?<=Time since last run \(seconds\): ).*/g, '{spread}')
    .replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?=: )/gm, '{date}')
    .replace(/\n+$/, '')
  return [...(text === '' ? [] : [text]), ...(code === 0 ? [] : [`? ${code}`])].join('\n')
}

const ESCAPES = /\u001b\[(\d+)m/g
const COLORS: Readonly<Record<string, string>> = { 0: '/', 1: 'bold', 31: 'red', 32: 'green', 33: 'yellow' }
