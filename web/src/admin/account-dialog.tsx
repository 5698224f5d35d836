// Making an account, and changing one.

import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Account } from '#console/api/session.ts'
import type { Role } from '#console/api/words.ts'
import { call } from '../api/client.ts'
import { ApiError } from '../api/error.ts'
import { Dialog } from '../components/dialog.tsx'
import { FormError, fieldError } from '../components/form-error.tsx'
import { PasswordField } from '../components/password-field.tsx'
import { PASSWORD_RULE, passwordProblem } from '../pages/session/password-rule.ts'

export const ROLES = [
  { value: 'viewer', label: 'viewer: looks, changes nothing' },
  { value: 'operator', label: 'operator: acts on nodes' },
  { value: 'administrator', label: 'administrator: everything' },
]

/** `account` undefined: a new one. */
export function AccountDialog({
  account,
  onClose,
  onSaved,
}: {
  account: Account | undefined
  onClose: () => void
  onSaved: () => void
}) {
  const [name, setName] = useState('')
  const [displayName, setDisplayName] = useState(account?.displayName ?? '')
  const [role, setRole] = useState<Role>(account?.role ?? 'viewer')
  const [password, setPassword] = useState('')
  const [tried, setTried] = useState(false)
  const fresh = account === undefined
  const local = fresh || account.source === 'local'
  const save = useMutation({
    mutationFn: () =>
      fresh
        ? call('POST /api/accounts', {
            body: {
              ...{ name: name.trim().toLowerCase(), role, password },
              ...(displayName.trim() === '' ? {} : { displayName: displayName.trim() }),
            },
          })
        : call('PATCH /api/accounts/:name', {
            params: { name: account.name },
            body: { displayName: displayName.trim(), role, ...(password === '' ? {} : { password }) },
          }),
    onSuccess: () => {
      onSaved()
      onClose()
    },
  })
  const badName =
    !fresh || /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name.trim().toLowerCase())
      ? undefined
      : 'Letters, digits and . _ -, beginning with a letter or a digit.'
  const badPassword = fresh || password !== '' ? passwordProblem(password) : undefined
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (badName === undefined && badPassword === undefined) save.mutate()
  }
  const placed = save.error instanceof ApiError && save.error.fields.size > 0
  return (
    <Dialog opened onClose={onClose} title={fresh ? 'New account' : `Account ${account.name}`}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <FormError error={placed ? undefined : save.error} />
          {fresh ? (
            <TextInput
              label="Name"
              description="Nodes and audit see it as user=name."
              required
              data-autofocus
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={(tried ? badName : undefined) ?? fieldError(save.error, 'name')}
            />
          ) : null}
          <TextInput
            label="Name shown"
            data-autofocus={fresh ? undefined : true}
            autoComplete="off"
            value={displayName}
            onChange={(event) => setDisplayName(event.currentTarget.value)}
            error={fieldError(save.error, 'displayName')}
          />
          <Select
            label="Role"
            data={ROLES}
            value={role}
            onChange={(value) => setRole((value ?? 'viewer') as Role)}
            allowDeselect={false}
            error={fieldError(save.error, 'role')}
          />
          {local ? (
            <PasswordField
              label={fresh ? 'Password' : 'New password'}
              description={fresh ? PASSWORD_RULE : `${PASSWORD_RULE} Left empty, it stays as it is.`}
              required={fresh}
              autoComplete="new-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={(tried ? badPassword : undefined) ?? fieldError(save.error, 'password')}
            />
          ) : null}
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              {fresh ? 'Make the account' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}
