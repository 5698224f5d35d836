// What a browser is told when something went wrong: status and ErrorBody for a code of ours, and nothing of the inside for anything else.

import { type ErrorCode, isTroupeError, TroupeError } from '#base/errors.ts'
import { CONSOLE_FIELDS_MAX } from '#base/limits.ts'
import type { ErrorBody } from './api/words.ts'

const STATUS: Partial<Record<ErrorCode, number>> = {
  CONSOLE_BAD_CSRF: 403,
  CONSOLE_CONFLICT: 409,
  CONSOLE_INVALID: 422,
  CONSOLE_LOCKED: 423,
  CONSOLE_NOT_ALLOWED: 403,
  CONSOLE_NOT_FOUND: 404,
  CONSOLE_NOT_SIGNED_IN: 401,
  CONSOLE_NO_BUS: 503,
  CONSOLE_NO_CALLER_KEY: 503,
  CONSOLE_OFF: 403,
  CONSOLE_OIDC: 403,
  CONSOLE_PUPPETDB: 503,
  CONSOLE_STORE: 503,
  CONSOLE_TOO_LARGE: 413,
  CONSOLE_TOO_MANY: 429,
  RPC_DATA_REFUSED: 422,
  STORE_CONFLICT: 409,
}
/** Codes whose messages are meant for whoever asks; the others may tell of files and keys. */
const PREFIXES: readonly (readonly [prefix: string, status: number])[] = [
  ['DDL_', 422],
  ['FILTER_', 422],
  ['USAGE_', 422],
  ['TRANSPORT_', 503],
]

export interface ErrorAnswer {
  readonly status: number
  readonly body: ErrorBody
  /** true: whoever runs the console should hear of it. */
  readonly ours: boolean
}

export function errorAnswer(error: unknown): ErrorAnswer {
  if (isTroupeError(error)) {
    const { code, message } = error
    const status = STATUS[code] ?? PREFIXES.find(([prefix]) => code.startsWith(prefix))?.[1]
    if (status !== undefined) return { status, body: { code, message, ...fieldsOf(error) }, ours: false }
    if (code.startsWith('STORE_')) {
      const told = 'the console cannot read or write what it keeps just now; its log tells why'
      return { status: 503, body: { code: 'CONSOLE_STORE', message: `${told} (${code})` }, ours: true }
    }
  }
  return {
    status: 500,
    body: { code: 'CONSOLE_FAILED', message: 'the console failed at this; its log tells why' },
    ours: true,
  }
}

/** `details.fields`: which input does not fit. */
function fieldsOf({ details }: TroupeError): Pick<ErrorBody, 'fields'> {
  if (typeof details.fields !== 'object' || details.fields === null) return {}
  const entries = Object.entries(details.fields).slice(0, CONSOLE_FIELDS_MAX)
  return { fields: Object.fromEntries(entries.map(([path, why]) => [path, String(why)])) }
}

/** `invalid('cannot make the account', { name: 'is taken' })`. */
export function invalidFields(message: string, fields: Readonly<Record<string, string>>): TroupeError {
  return new TroupeError('CONSOLE_INVALID', message, { details: { fields } })
}
