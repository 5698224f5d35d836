// Holds the data tests of compound filters against the DDLs of their plugins, before anything is sent. [cli 4.4, B-007, X10]

import { TroupeError } from '#base/errors.ts'
import type { CompoundToken, DataTest, Filter } from '#message/filter.ts'
import type { DataDdl } from '../ddl/ddl.ts'

/** The DDL of a data plugin by its name without `_data`, e.g. `fstat`; undefined: none is installed. */
export type DataDdlLookup = (source: string) => DataDdl | undefined

/**
 * Throws FILTER_BAD_DATA for a plugin without DDL, an output it does not declare, and a query that is missing or not taken. Whether the
 * query fits its declared type is rpc/validate's.
 */
export function checkCompound(tokens: readonly CompoundToken[], lookup: DataDdlLookup): void {
  for (const token of tokens) if (token.kind === 'data') checkDataTest(token.test, lookup)
}

function checkDataTest(test: DataTest, lookup: DataDdlLookup): void {
  const { source, output } = test
  const bad = (message: string): TroupeError =>
    new TroupeError('FILTER_BAD_DATA', message, { details: { source, output } })
  const ddl = lookup(source)
  if (!ddl) throw bad(`Can't find DDL for data plugin '${source}_data'`)
  if (!ddl.outputs.some((declared) => declared.name === output)) {
    throw bad(`Data plugin '${source}()' does not return a '${output}' value`)
  }
  if (test.query !== null && !ddl.query) throw bad(`Data plugin '${source}()' takes no query`)
  if (test.query === null && ddl.query && !ddl.query.optional) throw bad(`Data plugin '${source}()' needs a query`)
}

/** Data plugins a filter asks, without `_data`, each once. */
export function dataSources(filter: Filter): string[] {
  const sources = new Set<string>()
  for (const token of filter.compounds.flat()) if (token.kind === 'data') sources.add(token.test.source)
  return [...sources]
}

/** Seconds by which a filter lengthens discovery: the time-out of every data plugin it asks. */
export function dataTimeoutSeconds(filter: Filter, lookup: DataDdlLookup): number {
  return dataSources(filter).reduce((sum, source) => sum + (lookup(source)?.metadata.timeoutSeconds ?? 0), 0)
}
