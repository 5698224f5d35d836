// A field for a password or another secret. Mantine's own shows a wrong one by its colour alone; this one tells readers of the screen as well, and
// whoever looks for the first wrong field of a form.

import { PasswordInput, type PasswordInputProps } from '@mantine/core'

export function PasswordField({ error, ...rest }: PasswordInputProps) {
  return <PasswordInput {...rest} error={error} aria-invalid={error ? true : undefined} />
}
