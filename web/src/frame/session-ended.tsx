// The session ended while a page was open: sign in again in a dialog, and the page, with all that was typed into it, stays.

import { Button, Group, Modal, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { setConnection } from '../api/connection.ts'
import { useSession } from '../api/session.ts'
import { SignInForm } from '../pages/session/sign-in-form.tsx'

export function SessionEnded() {
  const { account, oidcName } = useSession()
  const cache = useQueryClient()
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title="Your session has ended"
    >
      <Text size="sm" c="dimmed" mb="md">
        Sign in again to go on where you are. Jobs that run go on without you.
      </Text>
      <SignInForm
        name={account?.name}
        oidcName={oidcName}
        onSignedIn={(session) => {
          const same = session.account?.name === account?.name
          setConnection({ signedOut: false, stream: 'connecting' })
          cache.setQueryData(['session'], session)
          // Another account sees other things: nothing of the former stays.
          if (same) void cache.invalidateQueries()
          else void cache.resetQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
        }}
      />
      <Group justify="flex-end" mt="md">
        <Button variant="subtle" size="compact-sm" onClick={() => window.location.assign('/sign-in')}>
          To the sign-in page instead
        </Button>
      </Group>
    </Modal>
  )
}
