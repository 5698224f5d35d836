// A `.ddl` file of MCollective to the Ddl it declares, without Ruby: the language is a subset of Ruby and nothing is executed.
// Reading files and finding them is left to the caller. The stages are lexer.ts, statements.ts, declare.ts. [agents 2]

import type { DdlOf, PluginKind } from './ddl.ts'
import { type DeclareOptions, declareDdl } from './declare.ts'
import { ddlFromJson } from './json.ts'
import { tokenize } from './lexer.ts'
import { parseStatements } from './statements.ts'

export type ParseOptions<K extends PluginKind = PluginKind> = DeclareOptions & { readonly kind: K }

/**
 * `parseDdl(text, { kind: 'agent', name: 'rpcutil', file: 'agent/rpcutil.ddl', version: '3.0.0' })`; `file` is for messages.
 * Throws DDL_SYNTAX (outside the language: file, line, column, what is allowed), DDL_INVALID (a declaration that is incomplete
 * or impossible), DDL_REQUIRES (needs a newer framework than `version`), DDL_TOO_LARGE. Nothing else, whatever the text is.
 */
export function parseDdl<K extends PluginKind>(text: string, options: ParseOptions<K>): DdlOf<K> {
  return declareDdl(parseStatements(tokenize(text, options.file), options.file), options) as DdlOf<K>
}

/** As parseDdl, for either form: a file whose name ends in `.json` holds JSON. Same errors. */
export function parseDdlFile<K extends PluginKind>(text: string, options: ParseOptions<K>): DdlOf<K> {
  return options.file.endsWith('.json') ? ddlFromJson(text, options) : parseDdl(text, options)
}
