// Finds, reads and checks a configuration: text in, typed settings out, or one error that names everything wrong. Files are
// read through `ConfigFiles`, so nothing here touches a disk by itself. [wire 9.1] [cli 2.2]

import { posix } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import { CONFIG_FILE_CHARACTERS_MAX, CONFIG_PLUGIN_FILES_MAX } from '#base/limits.ts'
import { type Entry, parseLines } from './lines.ts'
import type { ConfigKind } from './lookup.ts'
import { brokerSettings, clientSettings, serverSettings } from './make-settings.ts'
import { maskedConfig } from './mask.ts'
import type { BrokerSettings, ClientSettings, ServerSettings } from './settings.ts'
import { checkEntries, type Environment, type Problem } from './values.ts'

/** The part of a file system that configuration needs; both throw errors with a `code` as node:fs does. */
export interface ConfigFiles {
  /** UTF-8 text of a file. */
  readonly read: (path: string) => string
  /** Names in a directory. */
  readonly list: (path: string) => readonly string[]
}

export interface ConfigContext {
  readonly env: Environment
  /** Home directory of the user, e.g. `/var/lib/peadmin`. */
  readonly home: string
  /** Default identity. */
  readonly hostname: string
}

export interface SettingsOf {
  readonly client: ClientSettings
  readonly server: ServerSettings
  readonly broker: BrokerSettings
}

/** A screen full; all of them are in the details. */
const PROBLEMS_SHOWN_MAX = 50

const DIRECTORIES = ['/etc/puppetlabs/mcollective', '/etc/mcollective']

/** Where a configuration is looked for when none is named, in this order; a client falls back on what `npm start` made. */
export function searchPaths(kind: ConfigKind, home: string): readonly string[] {
  const system = DIRECTORIES.map((directory) => posix.join(directory, `${kind}.cfg`))
  if (kind !== 'client') return system
  return [posix.join(home, '.mcollective'), ...system, posix.join(home, '.troupe', 'client.cfg')]
}

/**
 * Reads the configuration of a kind of process: `file`, or the first of `searchPaths` that can be read, and the `plugin.d`
 * directory beside it. Throws CONFIG_NOT_FOUND, CONFIG_UNREADABLE or CONFIG_INVALID (with `details.problems`).
 */
export function loadConfig<Kind extends ConfigKind>(
  kind: Kind,
  options: ConfigContext & { readonly file?: string; readonly files: ConfigFiles },
): SettingsOf[Kind] {
  const { file, text } =
    options.file === undefined ? search(kind, options) : { file: options.file, text: read(options.files, options.file) }
  const main = parseLines(text, file)
  const plugins = readPluginDirectory(posix.join(posix.dirname(file), 'plugin.d'), options.files)
  const warnings = [...main.warnings, ...plugins.warnings]
  return interpret(kind, file, [...main.entries, ...plugins.entries], warnings, options)
}

/** The settings in one text, e.g. `parseConfig('ttl = 30', 'server.cfg', 'server')`. Throws CONFIG_INVALID. */
export function parseConfig<Kind extends ConfigKind>(
  text: string,
  file: string,
  kind: Kind,
  context: ConfigContext = { env: {}, home: '/root', hostname: 'localhost' },
): SettingsOf[Kind] {
  const { entries, warnings } = parseLines(text, file)
  return interpret(kind, file, entries, warnings, context)
}

function interpret<Kind extends ConfigKind>(
  kind: Kind,
  file: string,
  entries: readonly Entry[],
  warnings: readonly string[],
  context: ConfigContext,
): SettingsOf[Kind] {
  const values = checkEntries(entries, kind, context.env, { home: context.home, directory: posix.dirname(file) })
  values.warnings.unshift(...warnings)
  const make = { client: clientSettings, server: serverSettings, broker: brokerSettings }[kind]
  const settings = make(values, { file, hostname: context.hostname }, maskedConfig(values, kind, file))
  if (values.problems.length > 0) throw invalid(file, values.problems)
  return settings as SettingsOf[Kind]
}

function invalid(file: string, problems: readonly Problem[]): TroupeError {
  const shown = problems
    .slice(0, PROBLEMS_SHOWN_MAX)
    .map((p) => `${p.file || file}${p.line > 0 ? ` line ${p.line}` : ''}: ${p.message}`)
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`)
  const message =
    problems.length === 1
      ? `cannot use the configuration: ${shown[0]}`
      : `cannot use the configuration, ${problems.length} problems:\n  ${shown.join('\n  ')}`
  return new TroupeError('CONFIG_INVALID', message, { details: { file, problems } })
}

function search(
  kind: ConfigKind,
  options: ConfigContext & { readonly files: ConfigFiles },
): { file: string; text: string } {
  const paths = searchPaths(kind, options.home)
  const refused: string[] = []
  for (const file of paths) {
    try {
      return { file, text: read(options.files, file) }
    } catch (error) {
      if (!(error instanceof TroupeError) || error.code === 'CONFIG_INVALID') throw error
      if (error.code === 'CONFIG_UNREADABLE') refused.push(error.message)
    }
  }
  const seen = refused.length > 0 ? ` (${refused.join('; ')})` : ''
  throw new TroupeError(
    'CONFIG_NOT_FOUND',
    `cannot find a ${kind} configuration: none of ${paths.join(', ')} can be read${seen}; name one with --config`,
  )
}

function read(files: ConfigFiles, path: string): string {
  let text: string
  try {
    text = files.read(path)
  } catch (cause) {
    const code = (cause as { code?: unknown }).code
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new TroupeError('CONFIG_NOT_FOUND', `cannot find the configuration file ${path}`, { cause })
    }
    throw new TroupeError('CONFIG_UNREADABLE', `cannot read the configuration file ${path}: ${reason(code, cause)}`, {
      cause,
    })
  }
  const tooLarge = text.length > CONFIG_FILE_CHARACTERS_MAX
  if (tooLarge || text.includes('\0')) {
    const what = tooLarge ? `it has more than ${CONFIG_FILE_CHARACTERS_MAX} characters` : 'it is not a text file'
    throw new TroupeError('CONFIG_UNREADABLE', `cannot read the configuration file ${path}: ${what}`)
  }
  return text
}

function reason(code: unknown, cause: unknown): string {
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied for this user'
  if (code === 'EISDIR') return 'it is a directory'
  return cause instanceof Error ? cause.message : String(cause)
}

/** `key = value` in `plugin.d/NAME.cfg` means `plugin.NAME.key = value`. */
function readPluginDirectory(directory: string, files: ConfigFiles): { entries: Entry[]; warnings: string[] } {
  let names: readonly string[]
  try {
    names = files.list(directory)
  } catch (cause) {
    const code = (cause as { code?: unknown }).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return { entries: [], warnings: [] }
    return { entries: [], warnings: [`cannot read the directory ${directory}: ${reason(code, cause)}`] }
  }
  const entries: Entry[] = []
  const warnings: string[] = []
  const candidates = names.filter((name) => name.endsWith('.cfg')).sort()
  if (candidates.length > CONFIG_PLUGIN_FILES_MAX) {
    throw new TroupeError(
      'CONFIG_UNREADABLE',
      `cannot read ${directory}: it holds ${candidates.length} .cfg files; at most ${CONFIG_PLUGIN_FILES_MAX} are read`,
    )
  }
  for (const name of candidates) {
    const path = posix.join(directory, name)
    const plugin = /^(\w+)\.cfg$/.exec(name)?.[1]
    if (plugin === undefined) {
      warnings.push(`${path}: ignored, the name must be letters, digits and '_' followed by .cfg`)
      continue
    }
    const lines = parseLines(read(files, path), path, plugin)
    entries.push(...lines.entries)
    warnings.push(...lines.warnings)
  }
  return { entries, warnings }
}
