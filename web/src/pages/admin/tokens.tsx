// API tokens: what scripts send instead of signing in. One's own; for administrators everybody's. The secret is shown once.

import { Button, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { ApiToken, MadeApiToken } from '#console/api/session.ts'
import type { Role } from '#console/api/words.ts'
import { ROLES } from '../../admin/account-dialog.tsx'
import styles from '../../admin/admin.module.css'
import { call } from '../../api/client.ts'
import { queryClient } from '../../api/query-client.ts'
import { useMay, useSession } from '../../api/session.ts'
import { CommandToCopy } from '../../components/command-to-copy.tsx'
import { ConfirmTyped } from '../../components/confirm-typed.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { FormError } from '../../components/form-error.tsx'
import { IconCheck, IconCopy, IconPlus, IconTrash } from '../../components/icons.ts'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Empty, ErrorState, Loading } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

const KEY = ['tokens'] as const

export function TokensPage() {
  const administrator = useMay('administrator')
  const found = useQuery({ queryKey: KEY, queryFn: ({ signal }) => call('GET /api/tokens', { signal }) })
  const [making, setMaking] = useState(false)
  const [removing, setRemoving] = useState<ApiToken>()
  const button = (
    <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setMaking(true)}>
      New token
    </Button>
  )
  return (
    <Page
      title="API tokens"
      intro="A script sends a token instead of signing in. It may never do more than the account it belongs to."
      actions={found.data !== undefined && found.data.tokens.length > 0 ? button : undefined}
    >
      {found.data === undefined ? (
        found.error === null ? (
          <Loading>Reading the tokens ...</Loading>
        ) : (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : found.data.tokens.length === 0 ? (
        <Empty title="No tokens" action={button}>
          With a token, a script uses the same API as these pages.
        </Empty>
      ) : (
        <Table.ScrollContainer minWidth={680} type="native">
          <Table highlightOnHover>
            <caption className="visually-hidden">API tokens, the newest first</caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">What for</Table.Th>
                {administrator ? <Table.Th scope="col">Account</Table.Th> : null}
                <Table.Th scope="col">Role</Table.Th>
                <Table.Th scope="col">Made</Table.Th>
                <Table.Th scope="col">Ends</Table.Th>
                <Table.Th scope="col">Last used</Table.Th>
                <Table.Th scope="col">
                  <span className="visually-hidden">End it</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.tokens.map((token) => (
                <Table.Tr key={token.id}>
                  <Table.Th scope="row">{token.label}</Table.Th>
                  {administrator ? <Table.Td>{token.account}</Table.Td> : null}
                  <Table.Td>{token.role}</Table.Td>
                  <Table.Td>
                    <RelativeTime atMs={token.createdAtMs} />
                  </Table.Td>
                  <Table.Td>
                    {token.expiresAtMs === undefined ? 'never' : <RelativeTime atMs={token.expiresAtMs} />}
                  </Table.Td>
                  <Table.Td>
                    {token.lastUsedMs === undefined ? 'never' : <RelativeTime atMs={token.lastUsedMs} />}
                  </Table.Td>
                  <Table.Td ta="right">
                    <Button
                      variant="default"
                      size="compact-sm"
                      leftSection={<IconTrash size={14} aria-hidden="true" />}
                      aria-label={`End the token ${token.label}`}
                      onClick={() => setRemoving(token)}
                    >
                      End
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {making ? <NewToken onClose={() => setMaking(false)} /> : null}
      {removing === undefined ? null : <EndToken token={removing} onClose={() => setRemoving(undefined)} />}
    </Page>
  )
}

const ENDS = [
  { value: '7', label: 'in a week' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: '', label: 'never' },
]
const RANK: Record<Role, number> = { viewer: 0, operator: 1, administrator: 2 }

function NewToken({ onClose }: { onClose: () => void }) {
  const own = useSession().account?.role ?? 'viewer'
  const [label, setLabel] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [days, setDays] = useState('90')
  const [made, setMade] = useState<MadeApiToken>()
  const make = useMutation({
    mutationFn: () =>
      call('POST /api/tokens', {
        body: { label: label.trim(), role, ...(days === '' ? {} : { expiresInDays: Number(days) }) },
      }),
    onSuccess: (answer) => {
      setMade(answer)
      void queryClient.invalidateQueries({ queryKey: KEY })
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (label.trim() !== '') make.mutate()
  }
  if (made !== undefined) return <Secret made={made} onClose={onClose} />
  return (
    <Dialog opened onClose={onClose} title="New token">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <FormError error={make.error} />
          <TextInput
            label="What for"
            placeholder="nightly inventory"
            required
            data-autofocus
            maxLength={100}
            autoComplete="off"
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <Select
            label="Role"
            description="The least that will do."
            data={ROLES.filter(({ value }) => RANK[value as Role] <= RANK[own])}
            value={role}
            onChange={(value) => setRole((value ?? 'viewer') as Role)}
            allowDeselect={false}
          />
          <Select
            label="Ends"
            data={ENDS}
            value={days}
            onChange={(value) => setDays(value ?? '')}
            allowDeselect={false}
          />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={make.isPending} disabled={label.trim() === ''}>
              Make the token
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

/** A click beside it does not close it: what is here is never shown again. */
function Secret({ made, onClose }: { made: MadeApiToken; onClose: () => void }) {
  const { copied, copy } = useClipboard({ timeout: 2_000 })
  return (
    <Dialog
      opened
      onClose={onClose}
      title={`Token ${made.token.label}`}
      closeOnClickOutside={false}
      closeOnEscape={false}
      size="lg"
    >
      <Text size="sm">
        Copy it now: <b>it is not shown again</b>, and not kept. Whoever has it may do what it may.
      </Text>
      <div className={styles.secret}>
        <code>{made.secret}</code>
        <Button
          size="compact-sm"
          variant="default"
          data-autofocus
          leftSection={copied ? <IconCheck size={14} aria-hidden="true" /> : <IconCopy size={14} aria-hidden="true" />}
          onClick={() => copy(made.secret)}
        >
          <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
        </Button>
      </div>
      <CommandToCopy
        label="How a script uses it"
        command={`curl -H "Authorization: Bearer $TROUPE_TOKEN" ${window.location.origin}/api/nodes`}
      />
      <Group justify="flex-end" mt="lg">
        <Button onClick={onClose}>I have copied it</Button>
      </Group>
    </Dialog>
  )
}

function EndToken({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const end = useMutation({
    mutationFn: () => call('DELETE /api/tokens/:id', { params: { id: token.id } }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: KEY })
      onClose()
    },
  })
  return (
    <ConfirmTyped
      opened
      title={`End the token ${token.label}?`}
      action="End it"
      busy={end.isPending}
      error={end.error}
      onConfirm={() => end.mutate()}
      onCancel={onClose}
    >
      <Text size="sm">Scripts that use it are refused from now on. It cannot be brought back.</Text>
    </ConfirmTyped>
  )
}
