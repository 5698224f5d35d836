// DDL files on disk: those that come with the product and those of `libdir`. First found wins, as in MCollective. Parsing is rpc/ddl's.
// [agents 1, 2.2]

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, TroupeError } from '#base/errors.ts'
import { DDL_BYTES_MAX } from '#base/limits.ts'
import type { PluginShelf } from '#cli/command.ts'
import type { Ddl, PluginKind } from '#rpc/ddl/ddl.ts'
import { ddlFileNames } from '#rpc/ddl/file-names.ts'
import { parseDdlFile } from '#rpc/ddl/parse.ts'

const KINDS: readonly PluginKind[] = ['agent', 'data', 'discovery', 'aggregate', 'validator', 'connector']

/** Directories with our own plugins, laid out as in the source tree: `agents/NAME/NAME.ddl`, `data/NAME/NAME_data.ddl`. */
const BUILTIN: Partial<Record<PluginKind, string>> = {
  agent: fileURLToPath(new URL('../agents/', import.meta.url)),
  data: fileURLToPath(new URL('../data/', import.meta.url)),
}

export function openPluginShelf(libdirs: readonly string[], version: string): PluginShelf {
  const read = (file: string, kind: PluginKind, name: string): Ddl => {
    const text = readFileSync(file, 'utf8')
    if (text.length > DDL_BYTES_MAX) throw new TroupeError('DDL_TOO_LARGE', `cannot read ${file}: it is too large`)
    return parseDdlFile(text, { kind, name, file, version })
  }
  return {
    directories: [...libdirs, ...Object.values(BUILTIN)],
    load(kind, name) {
      const file = findFile(libdirs, kind, name)
      if (file === undefined) {
        throw new TroupeError(
          'DDL_NOT_FOUND',
          `Can't find DDL for ${kind} plugin '${name}${kind === 'data' ? '_data' : ''}'`,
        )
      }
      return read(file, kind, name)
    },
    list() {
      return KINDS.flatMap((kind) =>
        namesOf(libdirs, kind).map((name) => {
          try {
            return { kind, name, ddl: read(findFile(libdirs, kind, name) as string, kind, name) }
          } catch (error) {
            return { kind, name, error: messageOf(error) }
          }
        }),
      )
    },
  }
}

/** Names come from operators and files: only those that cannot leave a directory are looked for. */
const SAFE_NAME = /^[A-Za-z0-9_][\w-]*$/

function findFile(libdirs: readonly string[], kind: PluginKind, name: string): string | undefined {
  if (!SAFE_NAME.test(name)) return undefined
  const candidates = ddlFileNames(kind, name)
  for (const libdir of libdirs) {
    for (const candidate of candidates) {
      for (const file of [join(libdir, 'mcollective', candidate), join(libdir, candidate)])
        if (existsSync(file)) return file
    }
  }
  const builtin = BUILTIN[kind]
  if (builtin === undefined) return undefined
  const own = candidates.map((candidate) => join(builtin, name, candidate.split('/').at(-1) as string))
  return own.find((file) => existsSync(file))
}

function namesOf(libdirs: readonly string[], kind: PluginKind): string[] {
  const names = new Set<string>()
  const suffix =
    kind === 'data' ? /_data\.ddl(\.json)?$/ : kind === 'validator' ? /(_validator)?\.ddl(\.json)?$/ : /\.ddl(\.json)?$/
  for (const libdir of libdirs) {
    for (const directory of [join(libdir, 'mcollective', kind), join(libdir, kind)]) {
      for (const entry of list(directory)) if (suffix.test(entry)) names.add(entry.replace(suffix, ''))
    }
  }
  const builtin = BUILTIN[kind]
  if (builtin !== undefined) for (const entry of list(builtin)) if (findFile([], kind, entry)) names.add(entry)
  return [...names].filter((name) => SAFE_NAME.test(name)).sort()
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
