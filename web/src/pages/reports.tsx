// The last Puppet run of every node, sorted and filtered; refreshed by asking all of them. [live 5, O15]

import { Button, Chip, Group, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useMemo } from 'react'
import type { LastRun } from '#console/api/puppet.ts'
import { call } from '../api/client.ts'
import { sentenceOf } from '../api/error.ts'
import { puppetRunsQuery } from '../api/queries.ts'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { durationText, nodesText, numberText } from '../components/format.ts'
import { IconRefresh, IconSearch } from '../components/icons.ts'
import { TextLink } from '../components/link.tsx'
import { Mark } from '../components/mark.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { RunOutcome, wordOfRun } from '../components/run-outcome.tsx'
import { Empty, ErrorState, Loading } from '../components/state.tsx'
import { type VirtualColumn, type VirtualSort, VirtualTable } from '../components/virtual-table.tsx'
import { visibleString } from '../components/visible-text.ts'
import { Page } from '../frame/page.tsx'
import { globTest } from '../nodes/glob.ts'
import type { ReportsSearch } from './page-search.ts'
import styles from './reports.module.css'

const OUTCOMES = ['failed', 'changed', 'unchanged', 'never', 'unknown'] as const
const RANK: Record<LastRun['outcome'], number> = { failed: 0, changed: 1, unchanged: 2, never: 3, unknown: 4 }

export function ReportsPage() {
  const found = useQuery(puppetRunsQuery)
  const search = useSearch({ from: '/frame/plain/reports' })
  const navigate = useNavigate({ from: '/reports' })
  const change = (part: ReportsSearch): void =>
    void navigate({ search: (old) => kept({ ...old, ...part }), replace: true })
  const refresh = useRefresh()
  return (
    <Page
      title="Reports"
      intro={
        found.data?.asOfMs === undefined ? (
          'The last Puppet run of every node.'
        ) : (
          <>
            The last Puppet run of every node, as they told <RelativeTime atMs={found.data.asOfMs} />.
          </>
        )
      }
      actions={
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden="true" />}
          loading={refresh.isPending}
          onClick={() => refresh.mutate()}
        >
          Ask all nodes
        </Button>
      }
    >
      {found.data === undefined ? (
        found.error === null ? (
          <Loading>Reading the last runs ...</Loading>
        ) : (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : found.data.runs.length === 0 ? (
        <Empty title="No runs are known">
          The console asks the nodes from time to time; nobody has told of a run yet. Ask all nodes does it now.
        </Empty>
      ) : (
        <Runs runs={found.data.runs} search={search} onChange={change} />
      )}
      <div className={styles.command}>
        <CommandToCopy command="mco rpc puppet last_run_summary" />
      </div>
    </Page>
  )
}

function useRefresh() {
  return useMutation({
    mutationFn: () => call('POST /api/puppet/refresh'),
    onSuccess: () =>
      notifications.show({ title: 'Asking all nodes', message: 'The table follows when they have answered.' }),
    onError: (error) => notifications.show({ color: 'red', title: 'Not asked', message: sentenceOf(error) }),
  })
}

function Runs({
  runs,
  search,
  onChange,
}: {
  runs: readonly LastRun[]
  search: ReportsSearch
  onChange: (part: ReportsSearch) => void
}) {
  const name = useDeferredValue((search.name ?? '').trim())
  const counts = useMemo(() => {
    const all = { failed: 0, changed: 0, unchanged: 0, never: 0, unknown: 0 }
    for (const { outcome } of runs) all[outcome]++
    return all
  }, [runs])
  const shown = useMemo(() => {
    const test = name === '' ? () => true : globTest(/[*?]/.test(name) ? name : `*${name}*`)
    return runs.filter((run) => (search.outcome === undefined || run.outcome === search.outcome) && test(run.node))
  }, [runs, name, search.outcome])
  const sort = sortOf(search.sort)
  return (
    <>
      <div className={styles.filters}>
        <TextInput
          aria-label="Node"
          placeholder="web* or a part of a name"
          leftSection={<IconSearch size={15} aria-hidden="true" />}
          value={search.name ?? ''}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          w="17rem"
        />
        <Chip.Group
          multiple={false}
          value={search.outcome ?? ''}
          onChange={(outcome) => onChange({ outcome: Array.isArray(outcome) ? '' : outcome })}
        >
          <Group gap="xs" role="radiogroup" aria-label="Outcome">
            <Chip value="" size="xs" variant="outline">
              all {numberText(runs.length)}
            </Chip>
            {OUTCOMES.map((outcome) => (
              <Chip key={outcome} value={outcome} size="xs" variant="outline">
                {wordOfRun(outcome)} {numberText(counts[outcome])}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <span className={styles.count} role="status">
          {nodesText(shown.length)}
        </span>
      </div>
      {shown.length === 0 ? (
        <Empty
          title="No node fits"
          action={
            <Button variant="default" onClick={() => onChange({ name: '', outcome: '' })}>
              Show all
            </Button>
          }
        />
      ) : (
        <VirtualTable
          caption="Last Puppet runs"
          columns={COLUMNS}
          rows={shown}
          keyOf={(run) => run.node}
          sort={sort}
          onSort={({ key, descending }) => onChange({ sort: `${descending ? '-' : ''}${key}` })}
        />
      )}
    </>
  )
}

const byNumber = (of: (run: LastRun) => number) => (a: LastRun, b: LastRun) => of(a) - of(b)

const COLUMNS: readonly VirtualColumn<LastRun>[] = [
  {
    key: 'node',
    label: 'Node',
    width: 'minmax(12rem, 1.5fr)',
    compare: (a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0),
    cell: ({ node }) => (
      <TextLink to="/nodes/$name" params={{ name: node }} search={{ tab: 'runs' }} preload={false}>
        {node}
      </TextLink>
    ),
  },
  {
    key: 'outcome',
    label: 'Outcome',
    width: '7.5rem',
    compare: byNumber(({ outcome }) => RANK[outcome]),
    cell: ({ outcome }) => <RunOutcome outcome={outcome} />,
  },
  {
    key: 'at',
    label: 'When',
    width: '9rem',
    compare: byNumber(({ atMs }) => -(atMs ?? 0)),
    cell: ({ atMs }) => (atMs === undefined ? null : <RelativeTime atMs={atMs} />),
  },
  {
    key: 'state',
    label: 'Puppet',
    width: 'minmax(8rem, 1.4fr)',
    compare: byNumber(({ enabled }) => (enabled === false ? 0 : enabled === true ? 1 : 2)),
    cell: ({ enabled, disabledReason }) =>
      enabled === false ? (
        <span title={visibleString((disabledReason ?? '').slice(0, 300))}>
          <Mark meaning="off" /> {disabledText(disabledReason)}
        </span>
      ) : enabled === true ? (
        'enabled'
      ) : null,
  },
  {
    key: 'changed',
    label: 'Changed',
    width: '6rem',
    right: true,
    compare: byNumber(({ changed }) => changed),
    cell: ({ changed, outcome }) => figure(changed, outcome),
  },
  {
    key: 'failed',
    label: 'Failed',
    width: '5.5rem',
    right: true,
    compare: byNumber(({ failed }) => failed),
    cell: ({ failed, outcome }) => figure(failed, outcome),
  },
  {
    key: 'outOfSync',
    label: 'Out of sync',
    width: '7rem',
    right: true,
    compare: byNumber(({ outOfSync }) => outOfSync),
    cell: ({ outOfSync, outcome }) => figure(outOfSync, outcome),
  },
  {
    key: 'total',
    label: 'Resources',
    width: '7rem',
    right: true,
    compare: byNumber(({ total }) => total),
    cell: ({ total, outcome }) => figure(total, outcome),
  },
  {
    key: 'seconds',
    label: 'Took',
    width: '6rem',
    right: true,
    compare: byNumber(({ seconds }) => seconds),
    cell: ({ seconds, outcome }) => (isRun(outcome) ? durationText(seconds) : null),
  },
]

function disabledText(reason = ''): string {
  return reason === '' ? 'disabled' : `disabled: ${visibleString(reason.slice(0, 200))}`
}

function isRun(outcome: LastRun['outcome']): boolean {
  return outcome !== 'never' && outcome !== 'unknown'
}

function figure(value: number, outcome: LastRun['outcome']): string {
  return isRun(outcome) ? numberText(value) : ''
}

/** `-changed` is descending by `changed`. */
function sortOf(text = 'outcome'): VirtualSort {
  return text.startsWith('-') ? { key: text.slice(1), descending: true } : { key: text, descending: false }
}

function kept(search: ReportsSearch): ReportsSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''))
}
