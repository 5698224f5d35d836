// Why what was sent was not taken: above the fields of a form. Errors of single fields stand at these: `fieldError`.

import { Alert } from '@mantine/core'
import { ApiError, wholeSentenceOf } from '../api/error.ts'

export function FormError({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null
  return (
    <Alert color="red" variant="light" role="alert" p="sm">
      {wholeSentenceOf(error)}
    </Alert>
  )
}

/** What the console said about one field, e.g. `fieldError(mutation.error, 'inputs.service')`. */
export function fieldError(error: unknown, path: string): string | undefined {
  return error instanceof ApiError ? error.fields.get(path) : undefined
}
