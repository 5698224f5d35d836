// Accounts: who may sign in and with which role. For administrators. [issue: accounts and roles]

import { Alert, Button, Menu, Table, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Account, AccountChange } from '#console/api/session.ts'
import { AccountDialog } from '../../admin/account-dialog.tsx'
import styles from '../../admin/admin.module.css'
import { call } from '../../api/client.ts'
import { sentenceOf } from '../../api/error.ts'
import { queryClient } from '../../api/query-client.ts'
import { useMay, useSession } from '../../api/session.ts'
import { ConfirmTyped } from '../../components/confirm-typed.tsx'
import { IconChevronDown, IconUserPlus } from '../../components/icons.ts'
import { Pill } from '../../components/pill.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Empty, ErrorState, Loading } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

const KEY = ['accounts'] as const

export function AccountsPage() {
  const administrator = useMay('administrator')
  const found = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call('GET /api/accounts', { signal }),
    enabled: administrator,
  })
  const [editing, setEditing] = useState<Account | 'new'>()
  const [removing, setRemoving] = useState<Account>()
  if (!administrator) {
    return (
      <Page title="Accounts">
        <Empty title="This page is for administrators" />
      </Page>
    )
  }
  return (
    <Page
      title="Accounts"
      intro="A viewer sees everything but secrets; an operator may also act on nodes, as far as their policy allows; an administrator may also change accounts and settings."
      actions={
        <Button leftSection={<IconUserPlus size={16} aria-hidden="true" />} onClick={() => setEditing('new')}>
          New account
        </Button>
      }
    >
      {found.data === undefined ? (
        found.error === null ? (
          <Loading>Reading the accounts ...</Loading>
        ) : (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : (
        <Table.ScrollContainer minWidth={720} type="native">
          <Table highlightOnHover>
            <caption className="visually-hidden">Accounts, by name</caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Name</Table.Th>
                <Table.Th scope="col">Role</Table.Th>
                <Table.Th scope="col">State</Table.Th>
                <Table.Th scope="col">Signs in by</Table.Th>
                <Table.Th scope="col">Last sign-in</Table.Th>
                <Table.Th scope="col">
                  <span className="visually-hidden">Change</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.accounts.map((account) => (
                <Row key={account.name} account={account} onEdit={setEditing} onRemove={setRemoving} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {editing === undefined ? null : (
        <AccountDialog
          account={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={() => void queryClient.invalidateQueries({ queryKey: KEY })}
        />
      )}
      {removing === undefined ? null : <RemoveDialog account={removing} onClose={() => setRemoving(undefined)} />}
    </Page>
  )
}

function Row({
  account,
  onEdit,
  onRemove,
}: {
  account: Account
  onEdit: (account: Account) => void
  onRemove: (account: Account) => void
}) {
  const self = useSession().account?.name === account.name
  const change = useMutation({
    mutationFn: (body: AccountChange) => call('PATCH /api/accounts/:name', { params: { name: account.name }, body }),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: KEY }),
    onError: (error) => notifications.show({ color: 'red', title: 'Not changed', message: sentenceOf(error) }),
  })
  const locked = account.lockedUntilMs !== undefined && account.lockedUntilMs > Date.now()
  return (
    <Table.Tr>
      <Table.Th scope="row">
        {account.name}
        {self ? <span className={styles.dim}> (you)</span> : null}
        {account.displayName === account.name ? null : <span className={styles.second}>{account.displayName}</span>}
      </Table.Th>
      <Table.Td>{account.role}</Table.Td>
      <Table.Td>
        {account.disabled ? (
          <Pill meaning="off">disabled</Pill>
        ) : locked ? (
          <Pill meaning="warn">
            locked, <RelativeTime atMs={account.lockedUntilMs ?? 0} />
          </Pill>
        ) : (
          <Pill meaning="ok">may sign in</Pill>
        )}
      </Table.Td>
      <Table.Td>{account.source === 'local' ? 'password' : 'OpenID provider'}</Table.Td>
      <Table.Td>
        {account.lastSignInMs === undefined ? (
          <span className={styles.dim}>never</span>
        ) : (
          <RelativeTime atMs={account.lastSignInMs} />
        )}
      </Table.Td>
      <Table.Td ta="right">
        <Menu position="bottom-end" width={190}>
          <Menu.Target>
            <Button
              variant="default"
              size="compact-sm"
              rightSection={<IconChevronDown size={14} aria-hidden="true" />}
              loading={change.isPending}
              aria-label={`Change ${account.name}`}
            >
              Change
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => onEdit(account)}>Edit</Menu.Item>
            {locked ? <Menu.Item onClick={() => change.mutate({ disabled: false })}>Unlock</Menu.Item> : null}
            <Menu.Item disabled={self} onClick={() => change.mutate({ disabled: !account.disabled })}>
              {account.disabled ? 'Enable' : 'Disable'}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" disabled={self} onClick={() => onRemove(account)}>
              Remove
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Table.Td>
    </Table.Tr>
  )
}

function RemoveDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const remove = useMutation({
    mutationFn: () => call('DELETE /api/accounts/:name', { params: { name: account.name } }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: KEY })
      notifications.show({ message: `The account ${account.name} is removed.` })
      onClose()
    },
  })
  return (
    <ConfirmTyped
      opened
      title={`Remove ${account.name}?`}
      action="Remove the account"
      word={account.name}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onCancel={onClose}
    >
      <Text size="sm">Its sessions and tokens end at once. Its jobs and what the audit says of it stay.</Text>
      <Alert color="gray" variant="light" mt="sm" p="xs">
        To keep somebody out for a while, disable the account instead.
      </Alert>
    </ConfirmTyped>
  )
}
