// What a DDL file says, as plain data: the only description of a plugin that clients and nodes share. parse.ts makes it from
// MCollective's language, validate/ checks inputs against it. [agents 2]

import type { Value } from '#message/request.ts'

export type PluginKind = 'agent' | 'data' | 'discovery' | 'aggregate' | 'validator' | 'connector'

export interface Metadata {
  readonly name: string
  readonly description: string
  readonly author: string
  readonly license: string
  readonly version: string
  readonly url: string
  /** Agents: run limit and client wait; data plugins: run limit and extra discovery time. */
  readonly timeoutSeconds: number
}

export type InputType = 'string' | 'list' | 'boolean' | 'integer' | 'float' | 'number' | 'any'

/**
 * `:validation`: a regular expression in Ruby's syntax (a literal `/x/i` is kept as Ruby prints it, `(?i-mx:x)`), the name of
 * a validator plugin, or a list of the allowed values.
 */
export type Validation =
  | { readonly kind: 'regex'; readonly source: string }
  | { readonly kind: 'validator'; readonly name: string }
  | { readonly kind: 'list'; readonly values: readonly Value[] }

export interface InputDdl {
  readonly name: string
  readonly prompt: string
  readonly description: string
  readonly type: InputType
  readonly optional: boolean
  /** Type string: characters; 0 is unlimited. */
  readonly maxlength?: number
  readonly validation?: Validation
  /** Type list: the allowed values. */
  readonly list?: readonly Value[]
  /** Filled in by the client when a non-optional input is absent. */
  readonly default?: Value
}

export interface OutputDdl {
  readonly name: string
  readonly description: string
  readonly displayAs: string
  /** For generated types and documentation only; replies are not checked against it. */
  readonly type?: OutputType
  /** Filled into every reply before the action runs; absent and null are the same. */
  readonly default?: Value
}

export type OutputType = 'string' | 'integer' | 'float' | 'number' | 'boolean' | 'array' | 'hash' | 'any'

/** `aggregate boolean_summary(:enabled, {:true => "enabled", ...})`. */
export interface AggregateDdl {
  readonly function: string
  readonly output: string
  readonly arguments: { readonly [key: string]: Value }
  /** printf format. */
  readonly format?: string
}

export type DisplayMode = 'ok' | 'failed' | 'always' | 'flatten'

export interface ActionDdl {
  readonly name: string
  readonly description: string
  readonly display: DisplayMode
  /** In order of declaration. */
  readonly inputs: readonly InputDdl[]
  readonly outputs: readonly OutputDdl[]
  readonly aggregates: readonly AggregateDdl[]
}

interface CommonDdl {
  /** The plugin's name, from its file name, e.g. `puppetd`; `metadata.name` is free text such as `SimpleRPC Puppet Agent`. */
  readonly name: string
  readonly metadata: Metadata
  /** `requires :mcollective => "2.2.1"`. */
  readonly requires?: string
  readonly usage?: string
}

export interface AgentDdl extends CommonDdl {
  readonly kind: 'agent'
  /** In order of declaration. */
  readonly actions: readonly ActionDdl[]
}

export interface DataDdl extends CommonDdl {
  readonly kind: 'data'
  readonly description: string
  /** The one input, named `query`; absent: the plugin takes none. */
  readonly query?: InputDdl
  readonly outputs: readonly OutputDdl[]
}

export interface DiscoveryDdl extends CommonDdl {
  readonly kind: 'discovery'
  readonly capabilities: readonly ('classes' | 'facts' | 'identity' | 'agents' | 'compound')[]
}

/** Plugins of which a DDL holds only metadata. */
export interface PlainDdl extends CommonDdl {
  readonly kind: 'aggregate' | 'validator' | 'connector'
}

export type Ddl = AgentDdl | DataDdl | DiscoveryDdl | PlainDdl

/** The shape of a kind: `DdlOf<'agent'>` is AgentDdl. */
export type DdlOf<K extends PluginKind> = K extends 'agent'
  ? AgentDdl
  : K extends 'data'
    ? DataDdl
    : K extends 'discovery'
      ? DiscoveryDdl
      : PlainDdl
