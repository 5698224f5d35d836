// What goes wrong between browser and console, as one type: the console's ErrorBody, or that it could not be reached.

import type { ErrorBody } from '#console/api/words.ts'

export class ApiError extends Error {
  /** HTTP status; 0: no answer came. */
  readonly status: number
  /** Of docs/reference/errors.md, e.g. `CONSOLE_LOCKED`; `UNREACHABLE`: no answer; `UNREADABLE`: not the console's words. */
  readonly code: string
  /** Which input does not fit, by its path, e.g. `inputs.service`. */
  readonly fields: ReadonlyMap<string, string>
  /** Of the header retry-after. */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, body: ErrorBody, retryAfterSeconds?: number) {
    super(body.message)
    this.name = 'ApiError'
    this.status = status
    this.code = body.code
    this.fields = new Map(Object.entries(body.fields ?? {}))
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export function isErrorBody(value: unknown): value is ErrorBody {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'message' in value &&
    typeof value.code === 'string' &&
    typeof value.message === 'string'
  )
}

/** One sentence for people, of anything that was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Error && error.message !== '') return error.message
  return 'Something went wrong that has no name.'
}

/** The same where it stands alone, and not behind a colon. */
export function wholeSentenceOf(error: unknown): string {
  const text = sentenceOf(error)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

/** True when what was asked for is not there: asking again does not bring it. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

/** True when nobody is signed in any more. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}
