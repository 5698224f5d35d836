// The words of the scriptable API: what a script, the command line and the console say to the client and hear from it. Types only;
// client.ts makes the object, call.ts runs a call.

import type { Filter } from '#message/filter.ts'
import type { RefusalReason } from '#message/reply.ts'
import type { Values } from '#message/request.ts'

/**
 * Inputs and outputs per action of an agent, e.g.
 * `interface RpcutilActions { get_fact: { input: { fact: string }; output: { fact: string; value: Value } } }`.
 * `mco plugin types NAME` writes one from a DDL.
 */
export type ActionTypes = Record<string, { input: object; output: object }>

export interface Client {
  /** This process's identity, e.g. `puppetmaster.example.com`. */
  readonly identity: string
  /** An agent to call. Throws DDL_NOT_FOUND when its DDL is not installed here. */
  agent(name: string): AgentClient<ActionTypes>
  /** Sends bare text to an agent that takes it (discovery, the 1.x controller). */
  text(agent: string, text: string, options?: CallOptions): CallHandle
  /** Finds nodes without doing anything on them. */
  discover(options?: CallOptions): Discovery
  /** Leaves the bus. Calls still running end with what has arrived. */
  close(): Promise<void>
}

export interface AgentClient<Actions extends ActionTypes> {
  /** Calls an action on every node that matches; nothing is sent when the inputs do not fit the DDL (DDL_*). */
  call<Name extends keyof Actions & string>(
    action: Name,
    data?: Actions[Name]['input'],
    options?: CallOptions,
  ): CallHandle<Actions[Name]['output']>
}

export interface CallOptions {
  /** Which nodes; default all. */
  readonly filter?: Partial<Filter>
  /** Explicit nodes, addressed directly; excludes every filter but identities. */
  readonly nodes?: readonly string[]
  /** `mc` asks the nodes (default); `roster` trusts the roster alone. */
  readonly method?: 'mc' | 'roster'
  /** Default: the main collective. */
  readonly collective?: string
  /** Seconds to wait for replies; default: the DDL's timeout plus the discovery timeout. Given: silent nodes are waited for as long. */
  readonly timeoutSeconds?: number
  /** Seconds after which a node that has given no sign of life is not waited for any longer. Default 2. */
  readonly discoveryTimeoutSeconds?: number
  /** Seconds the request stays valid. Default 60. */
  readonly ttlSeconds?: number
  /** A number of nodes, or a percentage of those found, e.g. `'50%'`. */
  readonly limit?: number | `${number}%`
  /** `first` (default): those that answer first; `random`. */
  readonly limitMethod?: 'first' | 'random'
  /** Makes a random limit repeatable. */
  readonly limitSeed?: number
  /** Group size, or a percentage of those found. */
  readonly batch?: number | `${number}%`
  /** Seconds between groups. Default 1. */
  readonly batchSleepSeconds?: number
  /**
   * Begins no further group once so many nodes failed, refused or did not answer; a percentage is of the nodes to address, rounded up.
   * Throws USAGE_CONFLICT without groups.
   */
  readonly maxFailures?: number | `${number}%`
  /** false: run the action without answering; the handle ends when the request is sent. Default true. */
  readonly processResults?: boolean
  /** Replies go to this address instead; the handle ends when the request is sent. */
  readonly replyTo?: string
  /** Aborting ends the call at once with what has arrived; see `summary.interrupted`. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: CallProgress) => void
  /**
   * Called for what nodes say while they work, before their replies; without it nodes say nothing. At most one a second and node.
   * Agents that have nothing to say, and nodes that know no events, never do.
   */
  readonly onEvent?: (event: CallEvent) => void
  /**
   * Awaited before a request goes out to nodes that are addressed by name: who must know later what was sent writes it down here. Rejecting
   * ends the call before these nodes are reached. Not called for a broadcast.
   */
  readonly onGroup?: (nodes: readonly string[]) => Promise<void> | void
}

/** What the action of a node says of its progress, e.g. `Unpacking hello`, 40. */
export interface CallEvent {
  readonly kind: 'progress'
  readonly sender: string
  /** Foreign text: not for a terminal as it is. */
  readonly text: string
  /** How much is done, 0 to 100; absent: the node does not say. */
  readonly percent?: number
  /** Milliseconds from sending the request to receiving this. */
  readonly elapsedMs: number
}

export interface CallProgress {
  readonly phase: 'discovering' | 'calling' | 'sleeping' | 'done'
  readonly replied: number
  /** How many nodes are expected; undefined while that is being found out. */
  readonly expected: number | undefined
}

/** A call in progress: iterate it for replies as they arrive, await `summary` for the account. Starts at once. */
export interface CallHandle<Output = Values> extends AsyncIterable<CallReply<Output>> {
  /** 32 hex digits. */
  readonly requestId: string
  /** Settles when the call has ended; rejects when nothing could be sent. */
  readonly summary: Promise<CallSummary>
  /** Ends the call after the group that is running; later groups are accounted as not addressed. */
  stop(): void
}

export interface CallReply<Output = Values> {
  readonly sender: string
  readonly statusCode: number
  readonly statusMessage: string
  readonly data: Output
  readonly outcome: 'ok' | 'failed' | 'refused'
  readonly refused?: RefusalReason
  /** The bare text or value of a reply to `text`. */
  readonly text?: string
  /** false: a node that was not asked. */
  readonly expected: boolean
  /** Milliseconds from sending the request to receiving this reply. */
  readonly elapsedMs: number
}

/** The account of a call: targeted = ok + failed + refused + noResponse + notAddressed, always. */
export interface CallSummary {
  readonly requestId: string
  readonly agent: string
  readonly action: string
  readonly targeted: number
  readonly ok: number
  readonly failed: number
  readonly refused: number
  /** Names, sorted. */
  readonly noResponse: readonly string[]
  readonly notAddressed: readonly string[]
  readonly unexpected: readonly string[]
  /** Second answers of the same node. */
  readonly duplicates: number
  /** Messages on the reply address that could not be trusted or understood, with a sample reason. */
  readonly rejected: number
  readonly rejectedReason?: string
  readonly interrupted: boolean
  /** So many nodes failed that, by `maxFailures`, no further group was begun; absent: every group was, or it ended otherwise. */
  readonly stoppedAfterFailures?: number
  /** `roster`, `mc`, `named`: how the expected nodes became known; `none`: no results were asked for. */
  readonly discovery: 'roster' | 'mc' | 'named' | 'none'
  /** Milliseconds since 1970. */
  readonly startedAtMs: number
  /** Until the nodes to expect were known; runs beside the call unless it is limited or batched. */
  readonly discoveryMs: number
  readonly agentMs: number
  readonly totalMs: number
}

/** Nodes as they are found. */
export interface Discovery extends AsyncIterable<string> {
  readonly result: Promise<{
    readonly nodes: readonly string[]
    /** Expected by the roster or named by the caller, but without an answer; empty when a limit ended the search. */
    readonly silent: readonly string[]
    readonly method: 'roster' | 'mc' | 'named'
    readonly elapsedMs: number
  }>
}
