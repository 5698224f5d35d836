// What a node answers. Bound to one request: the security scheme puts the request's proof into the reply's bytes.

import type { TextBody, Values } from './request.ts'

export interface Reply {
  readonly requestId: string
  /** Identity of the answering node. */
  readonly sender: string
  readonly agent: string
  /** Milliseconds since 1970 on the node's clock. */
  readonly sentAtMs: number
  readonly body: ReplyBody
}

export type ReplyBody = RpcReplyBody | TextBody | ProgressBody

/** What a running action says of itself before its reply. Answers nothing; only sent to who asked for it (`wantsProgress`). */
export interface ProgressBody {
  readonly kind: 'progress'
  /** e.g. `Unpacking hello`; at most PROGRESS_TEXT_LENGTH_MAX characters. */
  readonly text: string
  /** How much is done, 0 to 100; absent: not known. */
  readonly percent?: number
}

/**
 * Why a node did not run the action although it was addressed. `unauthorized`: policy; `expired`, `skewed`: time of the
 * request against the node's clock; `overloaded`: a bound of the node was reached; `stopping`: the daemon is going down.
 */
export type RefusalReason = 'unauthorized' | 'expired' | 'skewed' | 'overloaded' | 'stopping'

export interface RpcReplyBody {
  readonly kind: 'rpc'
  /** 0 to 5 (status.ts) or any other integer an agent chose. */
  readonly statusCode: number
  readonly statusMessage: string
  readonly data: Values
  /** Present when the action was not even started; statusCode is then not 0. */
  readonly refused?: RefusalReason
}
