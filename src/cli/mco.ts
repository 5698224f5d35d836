// `mco`: finds the command that was asked for, reads its options, runs it, and turns what it throws into one sentence and an exit code.
// Files, configuration and the bus come from main. [cli 2, 7]

import { isTroupeError, messageOf } from '#base/errors.ts'
import { printable } from '#rpc/inspect.ts'
import type { CliSettings, Command, CommandContext, DirectoryFile, PluginShelf, WriteOptions } from './command.ts'
import { COMMANDS } from './commands.ts'
import type { ConsoleProgram } from './console-program.ts'
import { EXIT } from './exit-codes.ts'
import { helpScreen, versionLine } from './help-screen.ts'
import type { Installation, KeyNames } from './installation.ts'
import { type OptionSpec, optionsOf, SHARED_OPTIONS } from './options.ts'
import { firstWordAt, type OptionValues, scanOptions, splitWords, type Token, valuesOf } from './read-options.ts'
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
  /** One line typed at the terminal; undefined when standard input is none. */
  ask(question: string): Promise<string | undefined>
  readFile(path: string): Promise<string>
  /** Every file below a directory, sorted by path. Rejects when there is none, or too much in it. */
  readDirectory(directory: string): Promise<readonly DirectoryFile[]>
  writeFile(path: string, content: string | Uint8Array, how?: WriteOptions): Promise<void>
  /** Runs an operator's own JavaScript or TypeScript module and gives what it exports. */
  importModule(path: string): Promise<Readonly<Record<string, unknown>>>
  /** What `setup` and `credentials` do to this machine. */
  installation(): Promise<Installation>
  /** The web console, with the configuration `file` or the one that is found. */
  consoleProgram(file: string | undefined): Promise<ConsoleProgram>
  /** Calls back at every interrupt (Ctrl-C); returns the end of listening. */
  onInterrupt(listener: () => void): () => void
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after so many milliseconds, or at once when `signal` is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>
}

export interface OpenedMachine {
  readonly settings: CliSettings
  readonly plugins: PluginShelf
  readonly color: boolean
  readonly look: 'classic' | 'modern'
  client(key?: 'current' | 'previous'): Promise<import('#client/api.ts').Client>
  keyNames(): Promise<KeyNames>
  close(): Promise<void>
}

/**
 * Runs `mco` with these words, e.g. `['ping', '-v']`; `invokedAs` is the name it was called by, e.g. `/usr/bin/mc-ping`. Returns the
 * exit code.
 */
export async function runMco(argv: readonly string[], invokedAs: string, machine: Machine): Promise<number> {
  const plain = createTerminal(machine.streams, { color: 'auto' })
  const { name, words } = commandOf(argv, invokedAs)
  if (name === undefined) return withoutCommand(words, machine, plain)
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!entry) {
    plain.err(unknownCommand(name, machine.version))
    return EXIT.nothing
  }
  return runCommand(await entry.load(), words, machine, plain)
}

async function withoutCommand(words: readonly string[], machine: Machine, plain: Terminal): Promise<number> {
  if (words.includes('--version') || words.includes('-V')) {
    plain.out(`mco ${machine.version}`)
    return EXIT.ok
  }
  try {
    const { options } = valuesOf(scanOptions(SHARED_OPTIONS, words))
    if (options.flag('help')) return runMco(['help'], 'mco', machine)
  } catch (error) {
    return complain(plain, 'mco', error, false)
  }
  plain.out(greeting(machine.version))
  return EXIT.ok
}

async function runCommand(
  command: Command,
  argv: readonly string[],
  machine: Machine,
  plain: Terminal,
): Promise<number> {
  let verbose = argv.includes('-v') || argv.includes('--verbose')
  let opened: OpenedMachine | undefined
  let terminal = plain
  let code: number = EXIT.nothing
  try {
    const specs = optionsOf(command)
    const extra = extraTokens(command, specs, machine.streams.env)
    const { words, options } = valuesOf([...extra, ...scanOptions(specs, argv)])
    verbose = options.flag('verbose') && !options.flag('quiet')
    if (options.flag('help')) {
      plain.out(helpScreen(command, machine.version))
      return EXIT.ok
    }
    const needed = command.groups.includes('common') && (command.needsConfiguration?.(words) ?? true)
    const machineOf = await machine.open(options.text('config'), options, needed)
    opened = machineOf
    const color = (options.text('color') ?? (machineOf.color ? 'auto' : 'never')) as 'auto' | 'always' | 'never'
    terminal = createTerminal(machine.streams, { color })
    code = await withInterrupts(machine, terminal, (signal, onInterrupt) =>
      command.run(contextOf(machineOf, machine, { words, options, terminal, signal, onInterrupt })),
    )
    return code
  } catch (error) {
    return complain(terminal, command.name, error, verbose)
  } finally {
    // Who has pressed Ctrl-C twice does not wait for a broker either.
    if (code !== EXIT.interrupted) await opened?.close()
  }
}

/** Options of MCOLLECTIVE_EXTRA_OPTS, as if typed first. Those the command does not have, such as a filter for `help`, do not count. */
function extraTokens(
  command: Command,
  specs: readonly OptionSpec[],
  env: Readonly<Record<string, string | undefined>>,
): readonly Token[] {
  const words = splitWords(env.MCOLLECTIVE_EXTRA_OPTS ?? '', 'MCOLLECTIVE_EXTRA_OPTS')
  const tokens = scanOptions([...command.options, ...SHARED_OPTIONS], words)
  return tokens.filter((token) => token.kind === 'word' || specs.includes(token.spec))
}

/** First Ctrl-C: the command is told and finishes its account. Second, or none to tell: it is aborted and the exit code is 130. */
async function withInterrupts(
  machine: Machine,
  terminal: Terminal,
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
    terminal.close()
    abort.abort()
    quit.resolve(EXIT.interrupted)
  })
  try {
    const running = run(abort.signal, (listener) => listeners.push(listener))
    // Once quit, what the command throws while it ends is nobody's news.
    running.catch(() => {})
    return await Promise.race([running, quit.promise])
  } finally {
    close()
  }
}

function contextOf(
  opened: OpenedMachine,
  machine: Machine,
  given: Pick<CommandContext, 'words' | 'options' | 'terminal' | 'signal' | 'onInterrupt'>,
): CommandContext {
  const { options } = given
  return {
    ...given,
    commands: COMMANDS,
    json: options.flag('json'),
    verbose: options.flag('verbose') && !options.flag('quiet'),
    strict: options.flag('strict') || opened.settings.strictExit,
    look: (options.text('look') as 'classic' | 'modern' | undefined) ?? opened.look,
    settings: opened.settings,
    plugins: opened.plugins,
    client: opened.client,
    keyNames: opened.keyNames,
    installation: machine.installation,
    consoleProgram: () => machine.consoleProgram(options.text('config')),
    env: (name) => machine.streams.env[name],
    ask: machine.ask,
    readStdin: machine.readStdin,
    readFile: machine.readFile,
    readDirectory: machine.readDirectory,
    writeFile: machine.writeFile,
    importModule: machine.importModule,
    now: machine.now,
    pause: machine.pause,
  }
}

/** The command and the words for it: a link named `mc-ping` is `ping`, and options may stand before the command. */
function commandOf(argv: readonly string[], invokedAs: string): { name: string | undefined; words: readonly string[] } {
  const linked = /(?:^|[/\W_])mc-([A-Za-z0-9_.-]+)$/.exec(invokedAs)?.[1]
  if (linked) return { name: linked, words: argv }
  const at = firstWordAt(SHARED_OPTIONS, argv)
  if (at < 0) return { name: undefined, words: argv }
  return { name: argv[at], words: [...argv.slice(0, at), ...argv.slice(at + 1)] }
}

/** The banner of [cli 7] on standard error; always exit code 1. */
function complain(terminal: Terminal, name: string, error: unknown, verbose: boolean): number {
  const hint = verbose ? '' : ', use -v for full error backtrace details'
  const message = terminal.styleErr('red', printable(messageOf(error)))
  terminal.endLine()
  terminal.err(`\nThe ${terminal.styleErr('bold', name)} application failed to run${hint}: ${message}`)
  if (!verbose || !(error instanceof Error)) return EXIT.nothing
  if (isTroupeError(error)) terminal.err(`\nError code ${error.code}, explained in docs/reference/errors.md`)
  terminal.err(`\n${printable(error.stack ?? '')}`)
  if (error.cause instanceof Error) terminal.err(`caused by: ${printable(error.cause.stack ?? error.cause.message)}`)
  return EXIT.nothing
}

function unknownCommand(name: string, version: string): string {
  return [
    versionLine(version),
    '',
    `Unknown command '${printable(name)}', searched for applications in:`,
    '',
    '   the commands that come with mco',
    '',
    'Known commands:',
    '',
    commandColumns(),
    '',
  ].join('\n')
}

function greeting(version: string): string {
  return [
    versionLine(version),
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
