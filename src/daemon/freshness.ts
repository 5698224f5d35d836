// Is a request to be believed at this time? Only of requests whose authenticity is proven. The text of a refusal names both clocks
// and their difference, so that the operator sees what is wrong instead of silence. [wire 2.3, R-008]

import type { RefusalReason } from '#message/reply.ts'
import type { Request } from '#message/request.ts'

export interface Refusal {
  readonly reason: RefusalReason
  readonly message: string
}

export interface FreshnessRules {
  readonly nowMs: number
  /** How far a client's clock may be ahead. */
  readonly skewSeconds: number
  /** Requests sent before this may have run already: see replay-journal.ts. */
  readonly mistrustBeforeMs: number
}

/** undefined: fresh. An age of exactly the ttl is still accepted. */
export function staleBecause(request: Request, rules: FreshnessRules): Refusal | undefined {
  const { nowMs, skewSeconds, mistrustBeforeMs } = rules
  const ageMs = nowMs - request.sentAtMs
  const clocks = (): string =>
    `sent ${iso(request.sentAtMs)} by the clock of ${request.sender}, received ${iso(nowMs)} by this node's clock`
  if (ageMs > request.ttlSeconds * 1000) {
    const ago = `${seconds(ageMs)} s apart, the request was valid for ${request.ttlSeconds} s`
    return {
      reason: 'expired',
      message: `The request has expired: ${clocks()}: ${ago}; if it was not delayed, the clocks differ`,
    }
  }
  if (-ageMs > skewSeconds * 1000) {
    const ahead = `${seconds(-ageMs)} s in the future, at most ${skewSeconds} s are accepted`
    return {
      reason: 'skewed',
      message: `The request comes from the future: ${clocks()}: ${ahead}; set the clocks right`,
    }
  }
  if (request.sentAtMs < mistrustBeforeMs) {
    const why = `this node cannot tell whether it has run requests sent before ${iso(mistrustBeforeMs)}: it was started without a complete record of them`
    return {
      reason: 'expired',
      message: `The request may have run already: ${clocks()}: ${why}; send it again after that time`,
    }
  }
  return undefined
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
