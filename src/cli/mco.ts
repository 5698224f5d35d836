// `mco`: finds the command that was asked for, reads its options, runs it, and turns what it throws into one sentence and an exit code.
// Files, configuration and the bus come from main. [cli 2, 7]

import { isTroupeError, messageOf } from '#base/errors.ts'
import type { CliSettings, Command, CommandContext, PluginShelf } from './command.ts'
import { COMMANDS } from './commands.ts'
import { EXIT } from './exit-codes.ts'
import { helpScreen } from './help-screen.ts'
import { GROUP_OPTIONS, type OptionSpec, type OptionValues, REQUIRED_OPTIONS, readOptions } from './options.ts'
import { createTerminal, type Terminal, type TerminalStreams } from './terminal.ts'

/** What main supplies: everything that touches the machine. */
export interface Machine {
  readonly version: string
  readonly streams: TerminalStreams
  /**
   * Reads the configuration (`file` is `--config`) and offers what hangs on it. Throws CONFIG_*; not when the bus is not `needed`: then
   * defaults stand in for a configuration that cannot be used.
   */
  open(file: string | undefined, options: OptionValues, needed: boolean): Promise<OpenedMachine>
  readStdin(): Promise<string | undefined>
  readFile(path: string): Promise<string>
  /** Makes the directories that are missing; rejects when the file exists and may not be overwritten. */
  writeFile(path: string, text: string, overwrite: boolean): Promise<void>
  /** Calls back at every interrupt (Ctrl-C); returns the end of listening. */
  onInterrupt(listener: () => void): () => void
  now(): number
}

export interface OpenedMachine {
  readonly settings: CliSettings
  readonly plugins: PluginShelf
  readonly color: boolean
  readonly look: 'classic' | 'modern'
  client(): Promise<import('#client/api.ts').Client>
  close(): Promise<void>
}

/** Runs `mco` with these words, e.g. `['ping', '-v']`; `invokedAs` is the name it was called by. Returns the exit code. */
export async function runMco(argv: readonly string[], invokedAs: string, machine: Machine): Promise<number> {
  const { words, name, extra } = commandWords(argv, invokedAs, machine.streams.env)
  const plain = createTerminal(machine.streams, { color: machine.streams.env.NO_COLOR ? 'never' : 'auto' })
  if (name === undefined) {
    if (words[0] === '--version' || words[0] === '-V') plain.out(`mco ${machine.version}`)
    else if (words[0] === '--help' || words[0] === '-h') return runMco(['help'], invokedAs, machine)
    else if (words.length > 0) return complain(plain, 'mco', `invalid option: ${words[0]}`)
    else plain.out(greeting(machine.version))
    return EXIT.ok
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!entry) {
    plain.err(`mco ${machine.version}\n\nUnknown command '${name}', known commands are:\n\n${commandColumns()}`)
    return EXIT.nothing
  }
  const command = await entry.load()
  return runCommand(command, [...extra, ...words], machine, plain)
}

async function runCommand(
  command: Command,
  argv: readonly string[],
  machine: Machine,
  plain: Terminal,
): Promise<number> {
  const specs: OptionSpec[] = [
    ...command.options,
    ...REQUIRED_OPTIONS,
    ...command.groups.flatMap((group) => GROUP_OPTIONS[group]),
  ]
  let verbose = false
  let opened: OpenedMachine | undefined
  try {
    const { words, options } = readOptions(specs, argv)
    verbose = options.flag('verbose') && !options.flag('quiet')
    if (options.flag('help')) {
      plain.out(helpScreen(command, machine.version))
      return EXIT.ok
    }
    opened = await machine.open(options.text('config'), options, command.groups.includes('common'))
    return await withInterrupts(machine, (signal, onInterrupt) =>
      command.run(contextOf(opened as OpenedMachine, machine, words, options, signal, onInterrupt)),
    )
  } catch (error) {
    return complain(plain, command.name, messageOf(error), verbose ? error : undefined)
  } finally {
    await opened?.close()
  }
}

/** First Ctrl-C: the command is told and finishes its account. Second: it is aborted and the exit code is 130. */
async function withInterrupts(
  machine: Machine,
  run: (signal: AbortSignal, onInterrupt: (listener: () => void) => void) => Promise<number>,
): Promise<number> {
  const abort = new AbortController()
  const listeners: (() => void)[] = []
  let interrupts = 0
  const quit = Promise.withResolvers<number>()
  const close = machine.onInterrupt(() => {
    interrupts++
    if (interrupts === 1 && listeners.length > 0) {
      for (const listener of listeners) listener()
      return
    }
    abort.abort()
    quit.resolve(EXIT.interrupted)
  })
  try {
    return await Promise.race([run(abort.signal, (listener) => listeners.push(listener)), quit.promise])
  } finally {
    close()
  }
}

function contextOf(
  opened: OpenedMachine,
  machine: Machine,
  words: readonly string[],
  options: OptionValues,
  signal: AbortSignal,
  onInterrupt: (listener: () => void) => void,
): CommandContext {
  const wanted = options.text('color') ?? (opened.color ? 'auto' : 'never')
  const color = wanted === 'always' || wanted === 'never' ? wanted : 'auto'
  const look =
    options.text('look') === 'modern' ? 'modern' : options.text('look') === 'classic' ? 'classic' : opened.look
  return {
    commands: COMMANDS,
    words,
    options,
    terminal: createTerminal(machine.streams, { color }),
    look,
    settings: opened.settings,
    plugins: opened.plugins,
    client: opened.client,
    readStdin: machine.readStdin,
    readFile: machine.readFile,
    writeFile: machine.writeFile,
    signal,
    onInterrupt,
    now: machine.now,
  }
}

/** The command's name and words; `mc-ping` links and words of MCOLLECTIVE_EXTRA_OPTS included. */
function commandWords(
  argv: readonly string[],
  invokedAs: string,
  env: Readonly<Record<string, string | undefined>>,
): { name: string | undefined; words: readonly string[]; extra: readonly string[] } {
  const extra = splitWords(env.MCOLLECTIVE_EXTRA_OPTS ?? '')
  const linked = /^mc-([A-Za-z0-9_.-]+)$/.exec(invokedAs)?.[1]
  if (linked) return { name: linked, words: argv, extra }
  // Options may stand before the command: take the first word that is neither an option nor the value of -c.
  let i = 0
  while (i < argv.length && (argv[i] as string).startsWith('-'))
    i += ['-c', '--config'].includes(argv[i] as string) ? 2 : 1
  if (i >= argv.length) return { name: undefined, words: argv, extra }
  return { name: argv[i], words: [...argv.slice(0, i), ...argv.slice(i + 1)], extra }
}

/** Splits as a shell does, quotes included, without expanding anything. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? []
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single))
}

function complain(terminal: Terminal, name: string, message: string, error?: unknown): number {
  const hint = error === undefined ? ', use -v for full error backtrace details' : ''
  terminal.err(
    `\nThe ${terminal.style('bold', name)} application failed to run${hint}: ${terminal.style('red', message)}`,
  )
  if (error instanceof Error) {
    if (isTroupeError(error)) terminal.err(`\nError code ${error.code}, explained in docs/reference/errors.md`)
    terminal.err(`\n${error.stack ?? ''}`)
    if (error.cause instanceof Error) terminal.err(`caused by: ${error.cause.stack ?? error.cause.message}`)
  }
  return EXIT.nothing
}

function greeting(version: string): string {
  return [
    `The Marionette Collective, Troupe ${version}`,
    '',
    'usage: mco <command> <options> <filters>',
    '',
    'Known commands:',
    '',
    commandColumns(),
    '',
    'Type mco help for a detailed list of commands and mco help <command>',
    'to get detailed help for a command',
  ].join('\n')
}

function commandColumns(): string {
  const names = Object.keys(COMMANDS).sort()
  const rows: string[] = []
  for (let i = 0; i < names.length; i += 3) {
    rows.push(
      `   ${names
        .slice(i, i + 3)
        .map((name) => name.padEnd(20))
        .join('')}`.trimEnd(),
    )
  }
  return rows.join('\n')
}
