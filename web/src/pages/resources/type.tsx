// Manage Resources, one type: what there is on the selected nodes, what stands out first. [live 3.2, 3.3]

import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import type { ResourceList, ResourceRow } from '#console/api/resources.ts'
import { CommandToCopy } from '../../components/command-to-copy.tsx'
import { ForeignText } from '../../components/foreign-text.tsx'
import { countText, nodesText, numberText } from '../../components/format.ts'
import { Help } from '../../components/help.tsx'
import { IconSearch, IconTrash } from '../../components/icons.ts'
import { LinkButton, TextLink } from '../../components/link.tsx'
import { Empty, ErrorState, Loading } from '../../components/state.tsx'
import { type VirtualColumn, VirtualTable } from '../../components/virtual-table.tsx'
import { Page } from '../../frame/page.tsx'
import { globTest, hasWildcard } from '../../nodes/glob.ts'
import { useSelection } from '../../nodes/node-selection.tsx'
import { SelectionHint } from '../../nodes/selection-hint.tsx'
import { FailedStrip } from '../../resources/failed-strip.tsx'
import { FiguresBand, StaleStrip } from '../../resources/figures-band.tsx'
import { InspectionProgress } from '../../resources/inspection-progress.tsx'
import { cannotBeListed, removeType, useAddedTypes } from '../../resources/known-types.ts'
import { usePuppetralCommand } from '../../resources/puppetral-command.ts'
import { ResourceColumns } from '../../resources/resource-nav.tsx'
import { listQuery, searchQuery, useInspect } from '../../resources/resource-queries.ts'
import styles from './type.module.css'

const FROM = '/frame/live/resources/$type'

export function ResourceTypePage() {
  const { type } = useParams({ from: FROM })
  return (
    <ResourceColumns type={type}>
      <TypePage key={type} type={type} />
    </ResourceColumns>
  )
}

function TypePage({ type }: { type: string }) {
  const { nodes, count, hint, ready } = useSelection()
  const list = useQuery({ ...listQuery(type, nodes), enabled: ready })
  const inspect = useInspect()
  const byName = cannotBeListed(type)
  const figures = list.data?.figures
  const job = figures?.job
  const busy = inspect.isPending || job !== undefined
  const known = figures !== undefined && (figures.similarity !== undefined || figures.nodes > 0)
  const find = (): void => inspect.mutate({ types: [type], nodes })
  const findMissing = (): void => inspect.mutate({ types: [type], nodes, onlyMissing: true })
  return (
    <Page
      title={`${type} resources`}
      heading={
        <>
          {type} <span className={styles.light}>resources</span>
        </>
      }
      actions={<SearchForm type={type} disabled={hint !== undefined} />}
    >
      {inspect.error === null ? null : (
        <ErrorState title="The nodes could not be asked" error={inspect.error} onRetry={find} />
      )}
      {job === undefined ? null : <InspectionProgress id={job} />}
      {list.error !== null && list.data === undefined ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data === undefined || figures === undefined ? (
        <Loading>Reading what is known ...</Loading>
      ) : known ? (
        <>
          <FiguresBand {...{ figures, busy, disabled: hint !== undefined, onUpdate: find }} />
          {busy ? null : (
            <StaleStrip notInspected={figures.notInspected} disabled={hint !== undefined} onUpdate={findMissing} />
          )}
          <FailedStrip failed={figures.failed} />
          <Rows type={type} nodes={nodes} list={list.data} />
          <SearchCommand type={type} />
        </>
      ) : (
        <>
          <FailedStrip failed={figures.failed} all key={figures.failed.length} />
          {byName ? (
            <Empty title={`${type} resources are searched by name`}>
              Nodes cannot list all of them. Type {type === 'file' ? 'a path, e.g. /etc/motd,' : 'a name'} into the
              field above.
            </Empty>
          ) : busy ? (
            <Loading>
              Finding all {type} resources on {nodesText(count)} ...
            </Loading>
          ) : (
            <Empty
              title={figures.failed.length > 0 ? 'No node could say' : 'Not inspected yet'}
              action={
                <div className={styles.find}>
                  <Button
                    leftSection={<IconSearch size={16} aria-hidden="true" />}
                    disabled={hint !== undefined}
                    onClick={find}
                  >
                    Find Resources
                  </Button>
                  <SelectionHint />
                </div>
              }
            >
              Find Resources asks {nodesText(count)} for every {type} they have. To look for a single one, type its name
              above.
            </Empty>
          )}
        </>
      )}
      <Added type={type} />
    </Page>
  )
}

function SearchCommand({ type }: { type: string }) {
  const { nodes } = useSelection()
  const command = usePuppetralCommand('search', { type })
  return (
    <div className={styles.command}>
      <CommandToCopy command={command} nodes={nodes} />
    </div>
  )
}

/** Exact: the nodes are asked. With wildcards: among what was inspected. */
function SearchForm({ type, disabled }: { type: string; disabled: boolean }) {
  const navigate = useNavigate()
  const [title, setTitle] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (title === '') return
    if (hasWildcard(title) && type !== 'file') {
      setTitle('')
      void navigate({ to: FROM_PATH, params: { type }, search: (old: object) => ({ ...old, text: title }) } as never)
    } else void navigate({ to: '/resources/$type/find', params: { type }, search: { title } })
  }
  return (
    <form onSubmit={submit} className={styles.search}>
      <TextInput
        aria-label={`Search ${type} by name`}
        placeholder={type === 'file' ? '/path/to/file' : 'Exact name, or web*'}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        maxLength={65_536}
        rightSection={
          <Help label="Search">
            An exact name asks the selected nodes for it. With <code>*</code> or <code>?</code> in it, what was
            inspected is searched.
          </Help>
        }
      />
      <Button type="submit" variant="default" disabled={disabled || title === ''}>
        Search
      </Button>
    </form>
  )
}

const FROM_PATH = '/resources/$type'
const FILTER_AFTER_MS = 150

function Rows({ type, nodes, list }: { type: string; nodes: readonly string[]; list: ResourceList }) {
  const { text = '', sort: sortWord = '-outlier' } = useSearch({ from: FROM })
  const navigate = useNavigate()
  const [typed, setTyped] = useState(text)
  useEffect(() => setTyped(text), [text])
  const [settled] = useDebouncedValue(typed, FILTER_AFTER_MS)
  const searched = useQuery({ ...searchQuery(type, nodes, settled), enabled: list.more > 0 && settled !== '' })
  const rows = useMemo(() => {
    if (settled === '') return list.rows
    if (list.more > 0) return searched.data?.rows ?? []
    const test = hasWildcard(settled) ? globTest(settled) : partTest(settled)
    return list.rows.filter(({ title }) => test(title))
  }, [list, settled, searched.data])
  const columns = useMemo(() => columnsOf(type), [type])
  const remember = (words: { text?: string; sort?: string }): void =>
    void navigate({ to: '.', search: (old: object) => ({ ...old, ...words }), replace: true } as never)
  if (list.rows.length === 0) return <Empty title={`No ${type} resources on these nodes`} />
  return (
    <>
      <div className={styles.toolbar}>
        <TextInput
          className={styles.filter ?? ''}
          size="xs"
          aria-label="Filter the table"
          placeholder="Filter by name"
          leftSection={<IconSearch size={14} aria-hidden="true" />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => (typed === text ? undefined : remember({ text: typed }))}
          autoComplete="off"
          spellCheck={false}
        />
        <span className={styles.count} role="status">
          {settled === ''
            ? countText(list.rows.length + list.more, 'name')
            : `${numberText(rows.length)} of ${countText(list.rows.length + list.more, 'name')}`}
          {list.more > 0 && settled === '' ? `, the first ${numberText(list.rows.length)} shown` : ''}
        </span>
        <span className={styles.outliers}>
          Stands out
          <Help label="Stands out">
            Sorted by it, the top of the table is what is worth a look: what <b>differs</b> on some nodes from most,
            then what is <b>rare</b>, then what is <b>mixed</b>: no variant is that of most nodes.
          </Help>
        </span>
      </div>
      {rows.length === 0 && settled !== '' ? (
        <Empty
          title="No name matches"
          action={
            <div className={styles.find}>
              <Button
                variant="default"
                size="xs"
                onClick={() => {
                  setTyped('')
                  remember({ text: '' })
                }}
              >
                Show all
              </Button>
              {hasWildcard(settled) ? null : (
                <LinkButton size="xs" to="/resources/$type/find" params={{ type }} search={{ title: settled }}>
                  Ask the nodes for it
                </LinkButton>
              )}
            </div>
          }
        >
          Among what was inspected, nothing is called <ForeignText>{settled}</ForeignText>.
        </Empty>
      ) : (
        <VirtualTable
          caption={`${type} resources`}
          columns={columns}
          rows={rows}
          keyOf={titleOf}
          sort={{ key: sortWord.replace('-', ''), descending: sortWord.startsWith('-') }}
          onSort={({ key, descending }) => remember({ sort: `${descending ? '-' : ''}${key}` })}
        />
      )}
    </>
  )
}

const titleOf = ({ title }: ResourceRow): string => title
const byTitle = (a: ResourceRow, b: ResourceRow): number => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0)

function partTest(text: string): (title: string) => boolean {
  const wanted = text.toLowerCase()
  return (title) => title.toLowerCase().includes(wanted)
}

function columnsOf(type: string): readonly VirtualColumn<ResourceRow>[] {
  return [
    {
      key: 'name',
      label: 'Name',
      width: 'minmax(11rem, 3fr)',
      compare: byTitle,
      cell: ({ title }) => (
        <TextLink to="/resources/$type/find" params={{ type }} search={{ title }} preload={false}>
          <ForeignText oneLine>{title.slice(0, 300)}</ForeignText>
        </TextLink>
      ),
    },
    {
      key: 'nodes',
      label: 'Nodes',
      width: '5.5rem',
      right: true,
      compare: (a, b) => a.nodes - b.nodes || byTitle(b, a),
      cell: ({ nodes }) => numberText(nodes),
    },
    {
      key: 'variants',
      label: 'Variants',
      width: '6.5rem',
      right: true,
      compare: (a, b) => a.variants - b.variants || byTitle(b, a),
      cell: ({ title, variants }) =>
        variants > 1 ? (
          <TextLink
            to="/resources/$type/find"
            params={{ type }}
            search={{ title }}
            preload={false}
            aria-label={`${numberText(variants)} variants of ${title.slice(0, 300)}`}
          >
            <b>{numberText(variants)}</b>
          </TextLink>
        ) : (
          numberText(variants)
        ),
    },
    {
      key: 'outlier',
      label: 'Stands out',
      width: 'minmax(9.5rem, 1fr)',
      compare: (a, b) => a.outlier - b.outlier || a.variants - b.variants || byTitle(b, a),
      cell: (row) => <Outlier row={row} />,
    },
  ]
}

function Outlier({ row: { outlier, variants } }: { row: ResourceRow }) {
  // No variant is that of most nodes.
  if (outlier <= 0) return variants > 1 ? <span className={styles.outlier}>mixed</span> : null
  // What is missing on most stays below a half.
  const word = outlier >= 0.5 ? 'differs' : 'rare'
  return (
    <span className={styles.outlier}>
      <span className={styles.meter} data-kind={word} aria-hidden="true">
        <span style={{ width: `${Math.min(1, outlier) * 100}%` }} />
      </span>
      <span>{word}</span>
    </span>
  )
}

function Added({ type }: { type: string }) {
  const added = useAddedTypes().includes(type)
  const navigate = useNavigate()
  if (!added) return null
  return (
    <Button
      mt="xl"
      variant="subtle"
      color="gray"
      size="compact-sm"
      leftSection={<IconTrash size={14} aria-hidden="true" />}
      onClick={() => {
        removeType(type)
        void navigate({ to: '/resources' })
      }}
    >
      Remove {type} from the column
    </Button>
  )
}
