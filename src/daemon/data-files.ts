// Data plugins of the site: `data/NAME_data.ddl` in a libdir with `NAME_data.mjs`, `.js` or `.ts` beside it that exports `{ query, activate? }`.
// One that cannot be loaded is left out and the log says why. Asking them is data-queries.ts. [agents 5]

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '#base/errors.ts'
import { AGENT_FILES_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import type { DataPlugin } from '#rpc/data-plugin.ts'
import { parseDdlFile } from '#rpc/ddl/parse.ts'
import type { Host } from '#rpc/host.ts'
import { importModule, mayBeRun } from './import-module.ts'

export interface DataFilesOptions {
  readonly libdirs: readonly string[]
  readonly version: string
  readonly host: Host
  readonly log: Log
}

/** A reader of the site's data plugins, by name without `_data`; the first libdir that has one wins. */
export function createDataFiles(options: DataFilesOptions): () => Promise<ReadonlyMap<string, DataPlugin>> {
  let generation = 0
  return async () => {
    const found = new Map<string, DataPlugin>()
    for (const directory of directories(options.libdirs)) {
      for (const name of namesIn(directory)) {
        if (found.has(name)) continue
        try {
          found.set(name, await load(directory, name, ++generation, options))
        } catch (error) {
          options.log.error(`cannot load data plugin ${name} from ${directory}: ${messageOf(error)}`)
        }
      }
    }
    return found
  }
}

function directories(libdirs: readonly string[]): string[] {
  return libdirs
    .flatMap((libdir) => [join(libdir, 'mcollective', 'data'), join(libdir, 'data')])
    .filter((d) => existsSync(d))
}

function namesIn(directory: string): string[] {
  const files = readdirSync(directory).sort().slice(0, AGENT_FILES_MAX)
  return files.flatMap((file) => /^([A-Za-z0-9_]+)_data\.ddl$/.exec(file)?.[1] ?? [])
}

async function load(
  directory: string,
  name: string,
  generation: number,
  options: DataFilesOptions,
): Promise<DataPlugin> {
  const ddlFile = join(directory, `${name}_data.ddl`)
  const file = ['.mjs', '.js', '.ts']
    .map((ending) => join(directory, `${name}_data${ending}`))
    .find((f) => existsSync(f))
  if (file === undefined) throw new Error(`there is no ${name}_data.mjs, .js or .ts beside its DDL`)
  mayBeRun(ddlFile)
  mayBeRun(file)
  const text = readFileSync(ddlFile, 'utf8')
  const ddl = parseDdlFile(text, { kind: 'data', name, file: ddlFile, version: options.version })
  const exported = (await importModule(file, 'data', generation, options.host)) as Partial<DataPlugin> | undefined
  if (typeof exported?.query !== 'function') throw new Error(`${file} must export an object with a function 'query'`)
  return { ...(exported as DataPlugin), ddl }
}
