// Changing one's own password.

import { Button, Group, Modal, Stack } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { call } from '../api/client.ts'
import { useSession } from '../api/session.ts'
import { FormError } from '../components/form-error.tsx'
import { PasswordField } from '../components/password-field.tsx'
import { PASSWORD_RULE, passwordProblem } from '../pages/session/password-rule.ts'

export function PasswordDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Change password">
      {opened ? <PasswordForm onClose={onClose} /> : null}
    </Modal>
  )
}

function PasswordForm({ onClose }: { onClose: () => void }) {
  const { account } = useSession()
  const [old, setOld] = useState('')
  const [fresh, setFresh] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const change = useMutation({
    mutationFn: () => call('POST /api/session/password', { body: { old, new: fresh } }),
    onSuccess: () => {
      notifications.show({ message: 'Your password is changed.' })
      onClose()
    },
  })
  const problem = passwordProblem(fresh)
  const differs = again !== fresh
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (problem === undefined && !differs && old !== '') change.mutate()
  }
  return (
    <form onSubmit={submit}>
      <input type="text" name="username" autoComplete="username" value={account?.name ?? ''} readOnly hidden />
      <Stack gap="sm">
        <FormError error={change.error} />
        <PasswordField
          label="Present password"
          autoComplete="current-password"
          value={old}
          onChange={(event) => setOld(event.currentTarget.value)}
          error={tried && old === '' ? 'Needed to know that it is you.' : undefined}
          data-autofocus
        />
        <PasswordField
          label="New password"
          description={PASSWORD_RULE}
          autoComplete="new-password"
          value={fresh}
          onChange={(event) => setFresh(event.currentTarget.value)}
          error={tried ? problem : undefined}
        />
        <PasswordField
          label="New password again"
          autoComplete="new-password"
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={tried && differs ? 'The two are not the same.' : undefined}
        />
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
