// The error for words that are missing or wrong: its text is the whole explanation.

import { TroupeError } from '#base/errors.ts'

export function usageError(message: string): TroupeError {
  return new TroupeError('USAGE_INVALID', message)
}
