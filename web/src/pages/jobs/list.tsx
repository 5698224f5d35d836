// Job history: who ran what, where, when, with which outcome; the newest first. Filters are in the address. [issue: job history]

import { Button, Select, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Job } from '#console/api/jobs.ts'
import { call } from '../../api/client.ts'
import { usePages } from '../../api/use-pages.ts'
import { countText } from '../../components/format.ts'
import { IconSearch } from '../../components/icons.ts'
import { PagesFoot } from '../../components/pages-foot.tsx'
import { Empty, ErrorState, Loading } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'
import { JobTable } from '../../results/job-table.tsx'
import type { JobsSearch } from '../page-search.ts'
import styles from './list.module.css'

const PAGE = 50
const KINDS = [
  { value: '', label: 'Any kind' },
  { value: 'call', label: 'Actions' },
  { value: 'runall', label: 'Puppet on all' },
  { value: 'clone', label: 'Clones' },
  { value: 'undo', label: 'Undone' },
  { value: 'inspect', label: 'Inspections' },
]
const STATES = [
  { value: '', label: 'Any state' },
  { value: 'running', label: 'Running' },
  { value: 'done', label: 'Done' },
  { value: 'stopped', label: 'Stopped' },
  { value: 'failed', label: 'Could not be done' },
  { value: 'interrupted', label: 'Interrupted' },
]

export function JobsPage() {
  const search = useSearch({ from: '/frame/plain/jobs' })
  const navigate = useNavigate({ from: '/jobs' })
  const found = usePages({
    queryKey: ['jobs', 'list', search],
    ask: (before, signal) => call('GET /api/jobs', { query: { ...search, limit: PAGE, before }, signal }),
  })
  const jobs: readonly Job[] = found.data?.pages.flatMap((page) => page.jobs) ?? []
  const filtered = Object.keys(search).length > 0
  return (
    <Page title="Jobs" intro="Everything that was run from this console, whoever ran it.">
      <Filters
        key={JSON.stringify(search)}
        search={search}
        onChange={(next) => void navigate({ search: next, replace: true })}
      />
      {found.error !== null && jobs.length === 0 ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : found.isPending ? (
        <Loading>Reading the jobs ...</Loading>
      ) : jobs.length === 0 ? (
        <Empty
          title={filtered ? 'No job fits' : 'No jobs yet'}
          action={
            filtered ? (
              <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                Show all
              </Button>
            ) : undefined
          }
        >
          {filtered ? undefined : 'What is run under Live Management is kept here, with the answer of every node.'}
        </Empty>
      ) : (
        <>
          <JobTable jobs={jobs} caption="Jobs, the newest first" />
          <PagesFoot shown={countText(jobs.length, 'job')} found={found} />
        </>
      )}
    </Page>
  )
}

function Filters({ search, onChange }: { search: JobsSearch; onChange: (search: JobsSearch) => void }) {
  const [text, setText] = useState(search.text ?? '')
  const [account, setAccount] = useState(search.account ?? '')
  const [node, setNode] = useState(search.node ?? '')
  const change = (part: JobsSearch): void => onChange(kept({ ...search, ...kept({ text, account, node }), ...part }))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    change({ text: text.trim(), account: account.trim().toLowerCase(), node: node.trim() })
  }
  return (
    <search>
      <form className={styles.filters} onSubmit={submit}>
        <TextInput
          aria-label="What"
          placeholder="service restart"
          leftSection={<IconSearch size={15} aria-hidden="true" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <TextInput
          aria-label="Node"
          placeholder="on node web1.example.com"
          value={node}
          onChange={(event) => setNode(event.currentTarget.value)}
        />
        <TextInput
          aria-label="Account"
          placeholder="by account"
          value={account}
          onChange={(event) => setAccount(event.currentTarget.value)}
          w="9rem"
        />
        <Select
          aria-label="Kind"
          data={KINDS}
          value={search.kind ?? ''}
          onChange={(kind) => change({ kind: kind ?? '' })}
          allowDeselect={false}
          w="9.5rem"
        />
        <Select
          aria-label="State"
          data={STATES}
          value={search.state ?? ''}
          onChange={(state) => change({ state: state ?? '' })}
          allowDeselect={false}
          w="10rem"
        />
        <Button type="submit" variant="default">
          Filter
        </Button>
        {Object.keys(search).length === 0 ? null : (
          <Button variant="subtle" onClick={() => onChange({})}>
            Reset filter
          </Button>
        )}
      </form>
    </search>
  )
}

function kept(search: JobsSearch): JobsSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''))
}
