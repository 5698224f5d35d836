// What an agent is: a DDL that says what its actions take and give, and a handler per action. Written in TypeScript or
// JavaScript with `defineAgent`, or in any language as executables (daemon/external.ts wraps those in the same contract).
// The daemon validates inputs against the DDL, authorizes and audits before a handler runs. [agents 1]

import type { Value, Values } from '#message/request.ts'
import type { AgentDdl } from './ddl/ddl.ts'

export interface Agent {
  readonly ddl: AgentDdl
  /** Action name -> handler. An action of the DDL without one answers code 2. */
  readonly actions: Readonly<Record<string, ActionHandler>>
  /**
   * Absent: always active. false or a text: not listed, not discovered; the text says why, for whoever wonders (`mco inventory`). Called at
   * load, and now and then while it is not active, so it has to be cheap.
   */
  activate?(node: NodeView): boolean | string | Promise<boolean | string>
  /** Answer to bare text (discovery, controller); null: no reply. Absent: the agent takes no text. */
  text?(
    text: string,
    call: Omit<Call, 'action' | 'data' | 'reply' | 'progress'>,
  ): Promise<string | Values | null> | string | Values | null
  /** Releases what the agent holds; called at reload and shutdown. */
  stop?(): void | Promise<void>
}

/** Runs one action. Returns outputs (merged over the DDL's defaults) or throws; `ActionFailed` chooses the status code. */
export type ActionHandler = (call: Call, node: NodeView) => Values | undefined | Promise<Values | undefined>

export interface Call {
  readonly action: string
  /** Validated inputs, e.g. `{ fact: 'osfamily' }`; may hold undeclared ones as well. */
  readonly data: Values
  readonly caller: string
  readonly sender: string
  readonly requestId: string
  readonly sentAtMs: number
  readonly collective: string
  /** Aborted at the agent's time-out and at shutdown. */
  readonly signal: AbortSignal
  /** Outputs set so far; what is set here is kept when the handler throws. Starts with the DDL's defaults. */
  readonly reply: Record<string, Value>
  /**
   * Says how far it is, e.g. `progress('Unpacking hello', 40)`, to a caller who listens; does nothing otherwise. May be called as often
   * as wanted: the latest is sent, at most one a second.
   */
  progress(text: string, percent?: number): void
}

/** What an agent may know of the node it runs on. */
export interface NodeView {
  readonly identity: string
  readonly version: string
  readonly configFile: string
  readonly collectives: readonly string[]
  readonly mainCollective: string
  facts(): Values
  classes(): readonly string[]
  /** Active agents, sorted by their name. */
  agents(): readonly AgentDdl[]
  /** Names of active data plugins without the `_data` suffix, sorted. */
  dataPlugins(): readonly string[]
  queryData(source: string, query: string | null): Promise<Values>
  stats(): NodeStats
  /** A configuration item as shown to operators (secrets masked); undefined: no such item. */
  configItem(name: string): Value | undefined
  /** `plugin.NAME.KEY` settings of the agent, e.g. `setting('puppetd.splaytime')`. */
  setting(name: string): string | undefined
  /** Human-readable warnings about facts, classes and agents that are stale or broken; empty when all is well. */
  warnings(): readonly string[]
}

export interface NodeStats {
  readonly validated: number
  readonly unvalidated: number
  readonly passed: number
  readonly filtered: number
  readonly total: number
  readonly replies: number
  readonly ttlExpired: number
  readonly replayed: number
  /** Seconds since 1970. */
  readonly startTime: number
  readonly pid: number
  /** Seconds of processor time. */
  readonly times: { readonly utime: number; readonly stime: number; readonly cutime: number; readonly cstime: number }
  /** What the daemon is doing now, free text. */
  readonly threads: readonly string[]
}

/** Thrown by handlers to choose the reply's status, e.g. `throw new ActionFailed(1, 'Already disabled')`. */
export class ActionFailed extends Error {
  readonly statusCode: number
  readonly data: Values

  constructor(statusCode: number, message: string, data: Values = {}) {
    super(message)
    this.name = 'ActionFailed'
    this.statusCode = statusCode
    this.data = data
  }
}
