// What a client says to nodes (and a node to the keepers of the roster). Everything here is authenticated, because
// everything here is acted on.

import type { Filter } from './filter.ts'

/** JSON-able values: what inputs, outputs, facts and configuration items are made of. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }
export type Values = { readonly [key: string]: Value }

export interface Request {
  /** 32 hex digits; all groups of one batched call share it. */
  readonly id: string
  readonly agent: string
  readonly collective: string
  /** Identity of the asking process, e.g. `puppetmaster.example.com`. */
  readonly sender: string
  /** Who asks, e.g. `uid=0`; checked against CALLER_PATTERN. */
  readonly caller: string
  readonly filter: Filter
  /** Milliseconds since 1970 on the sender's clock. */
  readonly sentAtMs: number
  /** Seconds of validity, 1 to TTL_SECONDS_MAX. */
  readonly ttlSeconds: number
  /** Where replies go: an address made by the connector, e.g. `/queue/mcollective.reply.host_4711.1`; null: no replies wanted,
   * or, over a broker that rewrites reply addresses, the one that comes with the delivery. */
  readonly replyTo: string | null
  readonly body: RequestBody
}

export type RequestBody = RpcRequestBody | TextBody | RegistrationBody

/** A call of an action. [wire 5.2] */
export interface RpcRequestBody {
  readonly kind: 'rpc'
  readonly action: string
  /** Inputs by name, e.g. `{ service: 'sshd' }`. */
  readonly data: Values
  /** false: run, but do not answer. */
  readonly processResults: boolean
  /** true: the caller listens to what a running action reports (reply.ts, ProgressBody). Others never get any. */
  readonly wantsProgress?: boolean
}

/** Bare text: `ping` to the discovery agent, `reload_agents` to the controller. [wire 5.1, agents 6 and 8] */
export interface TextBody {
  readonly kind: 'text'
  readonly text: string
}

/** What a node tells the keepers of the roster about itself. [wire 7.4; the original sent agent names only] */
export interface RegistrationBody {
  readonly kind: 'registration'
  readonly registration: Registration
}

export interface Registration {
  readonly agents: readonly string[]
  readonly collectives: readonly string[]
  readonly classes: readonly string[]
  /** Normalised facts; null when they are too large to send (then fact filters cannot be decided from the roster). */
  readonly facts: Values | null
  readonly version: string
  /** Seconds until the next registration is due; 0: none will follow. */
  readonly intervalSeconds: number
  /** true: the node is leaving on purpose and must no longer be expected. */
  readonly leaving: boolean
}
