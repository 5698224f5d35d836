// The answers of a job one line per node, by name, asked for in pages as one scrolls; a line opens into the whole answer. [live 7]

import { Button, Group, Select } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import type { Job, JobOutcome, JobResult } from '#console/api/jobs.ts'
import type { TaskAction } from '#console/api/tasks.ts'
import { call } from '../api/client.ts'
import { SideDialog } from '../components/dialog.tsx'
import { ForeignText } from '../components/foreign-text.tsx'
import { millisecondsText, numberText, timeText } from '../components/format.ts'
import { LinkButton, TextLink } from '../components/link.tsx'
import { Mark, meaningOfOutcome, wordOfOutcome } from '../components/mark.tsx'
import { Empty, ErrorState, Loading } from '../components/state.tsx'
import { ValueLine, ValueView } from '../components/value-view.tsx'
import { type VirtualColumn, VirtualTable } from '../components/virtual-table.tsx'
import { isMap, labelsOf } from './data-view.ts'

const PAGE = 200
const COLUMNS_MAX = 6
const OUTCOMES: readonly JobOutcome[] = ['ok', 'failed', 'refused', 'noResponse', 'notAddressed', 'unknown', 'waiting']

export function NodeLines({ job, action }: { job: Job; action: TaskAction | undefined }) {
  const [outcome, setOutcome] = useState<JobOutcome>()
  const [opened, setOpened] = useState<JobResult>()
  const found = useInfiniteQuery({
    queryKey: ['jobs', 'results', job.id, 'lines', outcome ?? ''],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/jobs/:id/results', {
        params: { id: job.id },
        query: {
          limit: PAGE,
          ...(pageParam === '' ? {} : { after: pageParam }),
          ...(outcome === undefined ? {} : { outcome }),
        },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    placeholderData: (previous) => previous,
  })
  const rows = useMemo(() => found.data?.pages.flatMap(({ results }) => results) ?? [], [found.data])
  const columns = useMemo(() => columnsOf(action, rows, setOpened), [action, rows])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  if (found.isPending) return <Loading>Reading the answers ...</Loading>
  const total = outcome === undefined ? job.counts.targeted : job.counts[outcome]
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Select
          aria-label="Which outcome"
          w="14rem"
          data={[
            { value: '', label: `All outcomes (${numberText(job.counts.targeted)})` },
            ...OUTCOMES.filter((one) => job.counts[one] > 0 || one === outcome).map((one) => ({
              value: one,
              label: `${wordOfOutcome(one)} (${numberText(job.counts[one])})`,
            })),
          ]}
          value={outcome ?? ''}
          onChange={(value) => setOutcome(value === null || value === '' ? undefined : (value as JobOutcome))}
          allowDeselect={false}
        />
      </Group>
      {rows.length === 0 ? (
        <Empty title="No node has this outcome" />
      ) : (
        <VirtualTable
          caption={`Answers of ${job.title}, one line per node`}
          columns={columns}
          rows={rows}
          total={total}
          keyOf={keyOfResult}
          onEnd={onEnd}
        />
      )}
      <SideDialog
        opened={opened !== undefined}
        onClose={() => setOpened(undefined)}
        position="right"
        size="xl"
        title={opened?.node ?? ''}
      >
        {opened === undefined ? null : <WholeAnswer result={opened} action={action} />}
      </SideDialog>
    </>
  )
}

const keyOfResult = (result: JobResult): string => result.node

function WholeAnswer({ result, action }: { result: JobResult; action: TaskAction | undefined }) {
  return (
    <>
      <Group gap="xs" mb="sm">
        <Mark meaning={meaningOfOutcome(result.outcome)} /> {wordOfOutcome(result.outcome)}
        {result.elapsedMs === undefined ? null : <span>after {millisecondsText(result.elapsedMs)}</span>}
        {result.atMs === undefined ? null : <span>at {timeText(result.atMs)}</span>}
      </Group>
      {result.message === undefined || result.message === '' ? null : (
        <p>
          <ForeignText>{result.message}</ForeignText>
        </p>
      )}
      <ValueView value={result.data} labelOf={labelsOf(action)} />
      {result.cut === true ? <p>The answer was larger than what is kept of one: this is its beginning.</p> : null}
      <LinkButton to="/nodes/$name" params={{ name: result.node }} variant="default" size="xs" mt="lg">
        To the page of the node
      </LinkButton>
    </>
  )
}

const MESSAGE: VirtualColumn<JobResult> = {
  key: 'message',
  label: 'Message',
  width: 'minmax(8rem, 1.6fr)',
  cell: ({ message }) => (message === undefined ? null : <ForeignText oneLine>{message.slice(0, 500)}</ForeignText>),
}

function columnsOf(
  action: TaskAction | undefined,
  rows: readonly JobResult[],
  onOpen: (result: JobResult) => void,
): readonly VirtualColumn<JobResult>[] {
  const names = outputNames(action, rows)
  const label = labelsOf(action)
  return [
    {
      key: 'node',
      label: 'Node',
      width: 'minmax(13rem, 1.4fr)',
      cell: ({ node }) => (
        <TextLink to="/nodes/$name" params={{ name: node }} preload={false}>
          {node}
        </TextLink>
      ),
    },
    {
      key: 'outcome',
      label: 'Outcome',
      width: '9rem',
      cell: ({ outcome }) => (
        <span>
          <Mark meaning={meaningOfOutcome(outcome)} /> {wordOfOutcome(outcome)}
        </span>
      ),
    },
    ...(rows.some(({ message }) => message !== undefined && message !== '' && message !== 'OK') ? [MESSAGE] : []),
    ...names.map((name) => ({
      key: `data ${name}`,
      label: label(name),
      width: 'minmax(7rem, 1fr)',
      cell: ({ data }: JobResult) => <ValueLine value={isMap(data) ? data[name] : undefined} />,
    })),
    {
      key: 'elapsed',
      label: 'After',
      width: '5.5rem',
      right: true,
      cell: ({ elapsedMs }) => (elapsedMs === undefined ? null : millisecondsText(elapsedMs)),
    },
    {
      key: 'open',
      label: 'Answer',
      width: '5.5rem',
      stays: true,
      cell: (result) =>
        result.data === undefined && result.message === undefined ? null : (
          <Button
            variant="subtle"
            size="compact-xs"
            onClick={() => onOpen(result)}
            aria-label={`Whole answer of ${result.node}`}
          >
            Open
          </Button>
        ),
    },
  ]
}

/** Those of the DDL, or what the first answers have. */
function outputNames(action: TaskAction | undefined, rows: readonly JobResult[]): readonly string[] {
  const declared = action?.outputs.map(({ name }) => name) ?? []
  if (declared.length > 0) return declared.slice(0, COLUMNS_MAX)
  const seen = new Set<string>()
  for (const { data } of rows.slice(0, 20)) if (isMap(data)) for (const name of Object.keys(data)) seen.add(name)
  return [...seen].slice(0, COLUMNS_MAX)
}
