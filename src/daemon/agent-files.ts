// Finds agents on disk: which DDLs the library directories hold and what implements them. Looks at names, owners and times only;
// reading and running them is registry.ts. [agents 1, 13]

import { readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '#base/errors.ts'
import { NAME_PATTERN } from '#base/id.ts'
import { AGENT_FILES_MAX } from '#base/limits.ts'
import { pluginNameOf } from '#rpc/ddl/file-names.ts'

export interface AgentFiles {
  /** Name of the DDL file without its ending, e.g. `rpcutil`. */
  readonly name: string
  readonly ddlFile: string
  /** A module (.mjs, .js, .ts), a directory of programs, or what cannot be run here. */
  readonly implementation:
    | { readonly kind: 'module'; readonly file: string }
    | { readonly kind: 'programs'; readonly directory: string }
    | { readonly kind: 'none' }
    | { readonly kind: 'ruby'; readonly file: string }
  /** Changes when any of the files does. */
  readonly signature: string
}

const MODULE_ENDINGS = ['.mjs', '.js', '.ts']

/** Agents by name, the first library directory that has one wins. `problems` tells what could not be looked at. */
export function findAgentFiles(libdirs: readonly string[]): { agents: Map<string, AgentFiles>; problems: string[] } {
  const agents = new Map<string, AgentFiles>()
  const problems: string[] = []
  for (const libdir of libdirs) {
    for (const directory of [join(libdir, 'mcollective', 'agent'), join(libdir, 'agent')]) {
      let files: string[]
      try {
        files = readdirSync(directory).sort()
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.push(`cannot read ${directory}: ${messageOf(error)}`)
        continue
      }
      if (files.length > AGENT_FILES_MAX) {
        problems.push(`${directory} has ${files.length} files; only the first ${AGENT_FILES_MAX} are looked at`)
        files = files.slice(0, AGENT_FILES_MAX)
      }
      for (const file of files) {
        const name = pluginNameOf('agent', file)
        if (name !== null && NAME_PATTERN.test(name) && !agents.has(name))
          agents.set(name, describe(directory, name, file))
      }
    }
  }
  return { agents, problems }
}

/** Why this process may not run the file: others than its user and root can change it. undefined: it may. */
export function untrustedBecause(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats) return `${file} is gone`
  if (!stats.isFile() && !stats.isDirectory()) return `${file} is neither a file nor a directory`
  if (stats.mode & 0o002) return `${file} can be changed by every user of this machine (chmod o-w it)`
  const ownUid = process.getuid?.()
  if (ownUid === undefined) return undefined
  if (stats.uid !== 0 && stats.uid !== ownUid) {
    const who = ownUid === 0 ? 'root' : `user ${ownUid}`
    return `${file} belongs to user ${stats.uid}, this daemon runs as ${who} (chown it to ${who})`
  }
  if (stats.mode & 0o020 && stats.gid !== 0 && stats.gid !== process.getgid?.())
    return `${file} can be changed by everyone in group ${stats.gid} (chmod g-w it)`
  return undefined
}

function describe(directory: string, name: string, file: string): AgentFiles {
  const ddlFile = join(directory, file)
  const implementation = implementationOf(directory, name)
  const watched = [ddlFile]
  if (implementation.kind === 'module') watched.push(implementation.file)
  if (implementation.kind === 'programs') {
    watched.push(...readdirSync(implementation.directory).map((file) => join(implementation.directory, file)))
  }
  return { name, ddlFile, implementation, signature: watched.map(signatureOf).join('\n') }
}

function implementationOf(directory: string, name: string): AgentFiles['implementation'] {
  for (const ending of MODULE_ENDINGS) {
    const file = join(directory, `${name}${ending}`)
    if (kindOf(file)?.isFile()) return { kind: 'module', file }
  }
  const programs = join(directory, name)
  if (kindOf(programs)?.isDirectory()) return { kind: 'programs', directory: programs }
  const ruby = join(directory, `${name}.rb`)
  return kindOf(ruby) ? { kind: 'ruby', file: ruby } : { kind: 'none' }
}

function kindOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function signatureOf(path: string): string {
  const stats = kindOf(path)
  return stats ? `${path} ${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.mode}` : `${path} absent`
}
