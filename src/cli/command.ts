// What a command is: its help as data and one function. One file in commands/ per command; the table in commands.ts loads them by
// name when they are used. Commands never print: they speak to the terminal they are given.

import type { Client } from '#client/api.ts'
import type { Ddl, PluginKind } from '#rpc/ddl/ddl.ts'
import type { ConsoleProgram } from './console-program.ts'
import type { Installation, KeyNames } from './installation.ts'
import type { OptionSpec } from './options.ts'
import type { OptionValues } from './read-options.ts'
import type { Terminal } from './terminal.ts'

/** Groups of options shared by commands. Every command has `required`. [cli 3] */
export type OptionGroup = 'common' | 'rpc' | 'filter'

export interface Command {
  readonly name: string
  /** One line for `mco help`. */
  readonly summary: string
  /** Words after `mco`, e.g. `ping [options] [filters]`. */
  readonly usage: readonly string[]
  readonly options: readonly OptionSpec[]
  readonly groups: readonly OptionGroup[]
  /** false for words with which a command of a group `common` works without a configuration. Default true. */
  readonly needsConfiguration?: (words: readonly string[]) => boolean
  /** What an operator should know besides, in sentences. */
  readonly notes?: readonly string[]
  /** What --json prints; with -v {"replies": ..., "summary": ...} around it unless `verbose` says otherwise or nodes are not called. */
  readonly json: { readonly shape: string; readonly note?: string; readonly verbose?: string }
  /** Lines for the help screen: a comment and the words to type. */
  readonly examples: readonly { readonly says: string; readonly type: string }[]
  /** What may stand next on the command line, after these words; absent: nothing is known. */
  complete?(shelf: Pick<CommandContext, 'plugins' | 'commands'>, words: readonly string[]): readonly Candidate[]
  /** Does the work and returns the exit code. [cli 7] */
  run(context: CommandContext): Promise<number>
}

/** A word that completion offers, e.g. `fact=`, and what it is. */
export interface Candidate {
  readonly name: string
  readonly description: string
}

/** A line of the table of commands: what help shows without loading the command. */
export interface CommandEntry {
  readonly summary: string
  load(): Promise<Command>
}

export interface CommandContext {
  /** Every command by name. */
  readonly commands: Readonly<Record<string, CommandEntry>>
  /** Words that are no options. */
  readonly words: readonly string[]
  readonly options: OptionValues
  /** `--json`: nothing but one JSON document on standard output. */
  readonly json: boolean
  /** `--verbose` without `--quiet`. */
  readonly verbose: boolean
  /** `--strict`, or the setting: silence of a targeted node is exit code 3. */
  readonly strict: boolean
  readonly terminal: Terminal
  readonly look: 'classic' | 'modern'
  readonly settings: CliSettings
  /** Connects at the first use. `key`: with the new or the former password alone, to find out who has which (CONFIG_INCOMPLETE, USAGE_INVALID). */
  client(key?: 'current' | 'previous'): Promise<Client>
  /** What the passwords in use here are called. Rejects with USAGE_INVALID in a collective without one, CONFIG_*. */
  keyNames(): Promise<KeyNames>
  /** What `setup` and `credentials` do to this machine. */
  installation(): Promise<Installation>
  /** The web console; loaded when it is asked for. */
  consoleProgram(): Promise<ConsoleProgram>
  readonly plugins: PluginShelf
  /** Resolves to the piped standard input, bounded; undefined when it is a terminal or empty. */
  readStdin(): Promise<string | undefined>
  /** One line typed at the terminal; undefined when standard input is none. */
  ask(question: string): Promise<string | undefined>
  /** An environment variable. */
  env(name: string): string | undefined
  readFile(path: string): Promise<string>
  /** Every file below a directory, sorted by path. Rejects when there is none, or too much in it. */
  readDirectory(directory: string): Promise<readonly DirectoryFile[]>
  writeFile(path: string, content: string | Uint8Array, how?: WriteOptions): Promise<void>
  /** Runs an operator's own module and gives what it exports. */
  importModule(path: string): Promise<Readonly<Record<string, unknown>>>
  /** Aborted at the second Ctrl-C; `onInterrupt` hears the first. */
  readonly signal: AbortSignal
  onInterrupt(listener: () => void): void
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after so many milliseconds, or at once when `signal` is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>
}

export interface DirectoryFile {
  /** Relative to the directory, e.g. `agent/backup.ddl`. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly executable: boolean
}

/** Directories that are missing are made. */
export interface WriteOptions {
  /** false (default): rejects when the file exists. */
  readonly overwrite?: boolean
  /** Default false. */
  readonly executable?: boolean
}

/** Settings that change what the command line does. [cli 9] */
export interface CliSettings {
  readonly version: string
  readonly configFile: string
  readonly collectives: readonly string[]
  readonly mainCollective: string
  readonly discoveryTimeoutSeconds: number
  readonly discoveryMethod: string
  readonly discoveryOptions: readonly string[]
  readonly strictExit: boolean
  /** Whether calls go out in batches unless the command line says otherwise. */
  readonly batched: boolean
  readonly pingGraph: boolean
  /** A setting by its key, e.g. `setting('plugin.metadata.author')`. */
  setting(key: string): string | undefined
}

/** Installed plugins as far as their DDLs tell. */
export interface PluginShelf {
  /** Throws DDL_NOT_FOUND, or DDL_* when the file cannot be understood. */
  load(kind: PluginKind, name: string): Ddl
  /** Every installed DDL; broken ones with their error. */
  list(): { readonly kind: PluginKind; readonly name: string; readonly ddl?: Ddl; readonly error?: string }[]
  /** Directories searched, for messages. */
  readonly directories: readonly string[]
}
