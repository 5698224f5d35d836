// The audit: who did what, when, from where. For administrators.

import { Button, Select, Table, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { AuditEntry } from '#console/api/fleet.ts'
import styles from '../../admin/admin.module.css'
import { call } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { usePages } from '../../api/use-pages.ts'
import { ForeignText } from '../../components/foreign-text.tsx'
import { countText, timeText } from '../../components/format.ts'
import { IconRefresh } from '../../components/icons.ts'
import { inputsText, inputText } from '../../components/inputs-text.ts'
import { TextLink } from '../../components/link.tsx'
import { PagesFoot } from '../../components/pages-foot.tsx'
import { Empty, ErrorState, Loading } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

const PAGE = 100
const WHAT = [
  'sign-in',
  'sign-in-failed',
  'sign-out',
  'password-changed',
  'link-made',
  'job',
  'job-stopped',
  'clone-preview',
  'reveal',
  'account-made',
  'account-changed',
  'account-removed',
  'token-made',
  'token-removed',
  'setting-changed',
]

export function AuditPage() {
  const administrator = useMay('administrator')
  const [account, setAccount] = useState('')
  const [typed, setTyped] = useState('')
  const [what, setWhat] = useState('')
  const found = usePages({
    queryKey: ['audit', account, what],
    ask: (before, signal) =>
      call('GET /api/audit', {
        query: {
          limit: PAGE,
          ...(account === '' ? {} : { account }),
          ...(what === '' ? {} : { what }),
          ...(before === undefined ? {} : { before }),
        },
        signal,
      }),
    enabled: administrator,
    keep: false,
  })
  if (!administrator) {
    return (
      <Page title="Audit">
        <Empty title="This page is for administrators" />
      </Page>
    )
  }
  const entries = found.data?.pages.flatMap((page) => page.entries) ?? []
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setAccount(typed.trim().toLowerCase())
  }
  return (
    <Page
      title="Audit"
      intro="Who did what in this console, the newest first. Nodes keep their own audit besides."
      actions={
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden="true" />}
          loading={found.isFetching && !found.isFetchingNextPage}
          onClick={() => void found.refetch()}
        >
          Refresh
        </Button>
      }
    >
      <search>
        <form className={styles.filters} onSubmit={submit}>
          <TextInput
            aria-label="Account"
            placeholder="by account"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Select
            aria-label="What"
            data={[{ value: '', label: 'Anything' }, ...WHAT.map((value) => ({ value, label: value }))]}
            value={what}
            onChange={(value) => setWhat(value ?? '')}
            allowDeselect={false}
          />
          <Button type="submit" variant="default">
            Filter
          </Button>
        </form>
      </search>
      {found.error !== null && entries.length === 0 ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : found.isPending ? (
        <Loading>Reading the audit ...</Loading>
      ) : entries.length === 0 ? (
        <Empty title="Nothing fits" />
      ) : (
        <>
          <Table.ScrollContainer minWidth={720} type="native">
            <Table>
              <caption className="visually-hidden">Audit, the newest first</caption>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">When</Table.Th>
                  <Table.Th scope="col">Who</Table.Th>
                  <Table.Th scope="col">What</Table.Th>
                  <Table.Th scope="col">Detail</Table.Th>
                  <Table.Th scope="col">From</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {entries.map((entry) => (
                  <Table.Tr key={entry.id}>
                    <Table.Td className={styles.nowrap ?? ''}>{timeText(entry.atMs)}</Table.Td>
                    <Table.Td>{entry.account}</Table.Td>
                    <Table.Td className={styles.nowrap ?? ''}>{entry.what}</Table.Td>
                    <Table.Td className={styles.detail ?? ''}>
                      <Detail entry={entry} />
                    </Table.Td>
                    <Table.Td className={styles.dim ?? ''}>{entry.address}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          <PagesFoot shown={countText(entries.length, 'entry', 'entries')} found={found} />
        </>
      )}
    </Page>
  )
}

function Detail({ entry: { detail, what } }: { entry: AuditEntry }) {
  const entries = Object.entries(detail).filter(([, value]) => value !== undefined && JSON.stringify(value) !== '{}')
  if (entries.length === 0) return null
  return (
    <ul>
      {entries.map(([name, value]) => {
        const text =
          name === 'inputs' && typeof value === 'object' && value !== null ? inputsText({ ...value }) : inputText(value)
        return (
          <li key={name}>
            {name}:{' '}
            {name === 'id' && what.startsWith('job') ? (
              <TextLink to="/jobs/$id" params={{ id: text }} preload={false}>
                {text}
              </TextLink>
            ) : (
              <ForeignText>{text}</ForeignText>
            )}
          </li>
        )
      })}
    </ul>
  )
}
