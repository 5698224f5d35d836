// Name and password, or the site's own sign-in. Used by the page and by the dialog of a session that has ended.

import { Button, Divider, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Session } from '#console/api/session.ts'
import { call, rememberCsrfToken } from '../../api/client.ts'
import { PasswordField } from '../../components/password-field.tsx'
import { SignInError } from './sign-in-error.tsx'

export interface SignInFormProps {
  /** Filled in. */
  readonly name?: string | undefined
  readonly oidcName?: string | undefined
  /** Where to go after signing in elsewhere; default: here. */
  readonly to?: string | undefined
  onSignedIn(session: Session): void
}

export function SignInForm({ name: known, oidcName, to, onSignedIn }: SignInFormProps) {
  const [name, setName] = useState(known ?? '')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: async () => {
      // A token from before the session ended may be no good any more.
      rememberCsrfToken(await call('GET /api/session'))
      return rememberCsrfToken(await call('POST /api/session', { body: { name: name.trim().toLowerCase(), password } }))
    },
    onSuccess: onSignedIn,
    onError: () => setPassword(''),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() !== '' && password !== '') signIn.mutate()
  }
  const elsewhere = `/api/session/oidc?to=${encodeURIComponent(to ?? window.location.pathname + window.location.search)}`
  return (
    <>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <SignInError error={signIn.error} />
          <TextInput
            label="Name"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            {...(known === undefined ? { 'data-autofocus': true, autoFocus: true } : {})}
          />
          <PasswordField
            label="Password"
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            {...(known === undefined ? {} : { 'data-autofocus': true })}
          />
          <Button
            type="submit"
            mt="xs"
            fullWidth
            loading={signIn.isPending}
            disabled={name.trim() === '' || password === ''}
          >
            Sign in
          </Button>
        </Stack>
      </form>
      {oidcName === undefined ? null : (
        <>
          <Divider label="or" my="md" />
          <Button component="a" href={elsewhere} variant="default" fullWidth>
            Sign in with {oidcName}
          </Button>
        </>
      )}
    </>
  )
}
