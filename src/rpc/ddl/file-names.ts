// Where the DDL of a plugin is looked for. Looking is the caller's: this layer does no I/O. [agents 2.2]

import type { PluginKind } from './ddl.ts'

/**
 * Paths below `libdir/mcollective`, the one to prefer first: `ddlFileNames('data', 'fstat')` is
 * `['data/fstat_data.ddl', 'data/fstat_data.ddl.json']`. The name must be checked by the caller before it becomes a path.
 */
export function ddlFileNames(kind: PluginKind, name: string): readonly string[] {
  const stems = kind === 'data' ? [`${name}_data`] : kind === 'validator' ? [`${name}_validator`, name] : [name]
  return stems.flatMap((stem) => [`${kind}/${stem}.ddl`, `${kind}/${stem}.ddl.json`])
}

/** The name of the plugin a DDL file is for, `fstat` for `fstat_data.ddl`; null: not a DDL file of that kind. */
export function pluginNameOf(kind: PluginKind, fileName: string): string | null {
  const stem = /^(.+)\.ddl(?:\.json)?$/.exec(fileName)?.[1]
  if (stem === undefined) return null
  if (kind === 'data') return stem.endsWith('_data') && stem !== '_data' ? stem.slice(0, -'_data'.length) : null
  return kind === 'validator' ? stem.replace(/(?<=.)_validator$/, '') : stem
}
