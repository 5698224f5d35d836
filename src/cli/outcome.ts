// The part of a call's account that decides the exit code.

import type { CallSummary } from '#client/api.ts'
import type { Outcome } from './exit-codes.ts'

export function outcomeOf(summary: CallSummary): Outcome {
  const { targeted, ok, failed, refused, noResponse, notAddressed, discovery } = summary
  return { targeted, ok, failed, refused, noResponse: noResponse.length, notAddressed: notAddressed.length, discovery }
}
