// Signing in: by password, by the site's own sign-in, by a one-time link (its token behind #), and making the first account.

import { Alert, Button, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Session } from '#console/api/session.ts'
import { call, rememberCsrfToken } from '../../api/client.ts'
import { setConnection } from '../../api/connection.ts'
import { sessionQuery } from '../../api/queries.ts'
import { fieldError } from '../../components/form-error.tsx'
import { PasswordField } from '../../components/password-field.tsx'
import { ErrorState, Loading } from '../../components/state.tsx'
import { Logo } from '../../frame/logo.tsx'
import { PASSWORD_RULE, passwordProblem } from './password-rule.ts'
import styles from './sign-in.module.css'
import { SignInError } from './sign-in-error.tsx'
import { SignInForm } from './sign-in-form.tsx'

/** What a sign-in elsewhere came back with. */
const PROBLEMS = new Map([
  ['oidc-failed', 'Signing in there did not work. Try again; if it stays so, the log of the console tells why.'],
  [
    'oidc-refused',
    'You are signed in there, but have no right to use this console. An administrator can give it to you.',
  ],
])

export function SignInPage() {
  const session = useQuery(sessionQuery)
  const search = useSearch({ strict: false })
  const to = safeAddress(search.to)
  const enter = useEnter(to)
  const problem = typeof search.problem === 'string' ? PROBLEMS.get(search.problem) : undefined
  useEffect(() => {
    document.title = 'Sign in · Troupe'
  }, [])
  const link = useLink(enter)
  return (
    <main id="main" className={styles.page}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <Logo size={40} />
          <div>
            <Title order={1} tabIndex={-1} className={styles.name}>
              Troupe
            </Title>
            <Text size="sm" c="dimmed">
              {session.data === undefined ? 'Live orchestration' : `Collective ${session.data.collective}`}
            </Text>
          </div>
        </div>
        {session.error !== null ? (
          <ErrorState error={session.error} onRetry={() => void session.refetch()} />
        ) : session.data === undefined || link.isPending ? (
          <Loading>{link.isPending ? 'Signing in by the link ...' : 'Asking the console ...'}</Loading>
        ) : session.data.mustChoosePassword ? (
          <ChooseForm named={session.data.account?.name} onDone={enter} />
        ) : (
          <>
            {link.error === null ? null : (
              <div className={styles.linkError}>
                <SignInError error={link.error} />
              </div>
            )}
            {problem === undefined ? null : (
              <Alert color="red" variant="light" role="alert" p="sm" mb="md">
                {problem}
              </Alert>
            )}
            {session.data.needsSetup ? (
              <NeedsSetup />
            ) : (
              <SignInForm oidcName={session.data.oidcName} to={to} onSignedIn={enter} />
            )}
          </>
        )}
      </div>
      <p className={styles.foot}>{session.data === undefined ? '' : `Troupe ${session.data.version}`}</p>
    </main>
  )
}

function useEnter(to: string): (session: Session) => void {
  const cache = useQueryClient()
  const navigate = useNavigate()
  return (session) => {
    cache.clear()
    cache.setQueryData(sessionQuery.queryKey, session)
    setConnection({ signedOut: false, stream: 'connecting', busProblem: undefined })
    if (session.account !== undefined && !session.mustChoosePassword) void navigate({ href: to, replace: true })
  }
}

/** A token behind # is used once, and vanishes from the address before anything else happens. */
function useLink(enter: (session: Session) => void) {
  const token = useRef(/^#(?:token=)?([\w-]{16,256})$/.exec(window.location.hash)?.[1])
  const signIn = useMutation({
    mutationFn: async (secret: string) => {
      rememberCsrfToken(await call('GET /api/session'))
      return rememberCsrfToken(await call('POST /api/session/link', { body: { token: secret } }))
    },
    onSuccess: enter,
  })
  const { mutate } = signIn
  useEffect(() => {
    const secret = token.current
    if (secret === undefined) return
    token.current = undefined
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search)
    mutate(secret)
  }, [mutate])
  return signIn
}

function NeedsSetup() {
  return (
    <Stack gap="sm">
      <Text fw={600}>This console has no accounts yet</Text>
      <Text size="sm">
        Open the one-time link that <code>mco console</code> or <code>npm start</code> printed when it started. It signs
        you in as the first administrator.
      </Text>
      <Text size="sm" c="dimmed">
        Link lost? <code>mco console link</code> on the console's machine prints a new one.
      </Text>
    </Stack>
  )
}

/** Having come by a link: a name and a password for the first account, or a password for an account there is. */
function ChooseForm({ named, onDone }: { named: string | undefined; onDone: (session: Session) => void }) {
  const [name, setName] = useState(named ?? '')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const make = useMutation({
    mutationFn: async () => {
      if (named === undefined) {
        const body = { name: name.trim().toLowerCase(), password }
        return rememberCsrfToken(await call('POST /api/session/setup', { body }))
      }
      await call('POST /api/session/password', { body: { old: '', new: password } })
      return rememberCsrfToken(await call('GET /api/session'))
    },
    onSuccess: onDone,
  })
  const nameProblem = /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name.trim().toLowerCase())
    ? undefined
    : 'Letters, digits and . _ -, beginning with a letter or a digit.'
  const weak = passwordProblem(password)
  const differs = again !== password
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (nameProblem === undefined && weak === undefined && !differs) make.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Text fw={600}>{named === undefined ? 'Choose a name and a password' : `Choose a password for ${named}`}</Text>
        {named === undefined ? (
          <Text size="sm" c="dimmed">
            This makes the first account. It may do everything, and make others that may do less.
          </Text>
        ) : null}
        <SignInError error={make.error} />
        <TextInput
          label="Name"
          description="Nodes and audit see it as user=name."
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus={named === undefined}
          readOnly={named !== undefined}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={tried ? (nameProblem ?? fieldError(make.error, 'name')) : undefined}
        />
        <PasswordField
          label="Password"
          description={PASSWORD_RULE}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={tried ? (weak ?? fieldError(make.error, 'password')) : undefined}
        />
        <PasswordField
          label="Password again"
          autoComplete="new-password"
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={tried && differs ? 'The two are not the same.' : undefined}
        />
        <Button type="submit" mt="xs" fullWidth loading={make.isPending}>
          {named === undefined ? 'Make the account' : 'Set the password'}
        </Button>
      </Stack>
    </form>
  )
}

/** Only addresses of this console: `//elsewhere` and `https:` lead nowhere. */
function safeAddress(to: unknown): string {
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) && !to.startsWith('/sign-in') ? to : '/'
}
