// Two nodes, or two groups of nodes, side by side: all types at a glance, then one of them in full.

import { Button } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Comparison, TypeFigures } from '#console/api/resources.ts'
import { nodesText, numberText } from '../components/format.ts'
import { IconSearch } from '../components/icons.ts'
import { Mark } from '../components/mark.tsx'
import { Empty, ErrorState, Loading } from '../components/state.tsx'
import { TextButton } from '../components/text-button.tsx'
import { Page } from '../frame/page.tsx'
import styles from '../resources/compare.module.css'
import { type Side, SidePicker, SwapSides, useSide } from '../resources/compare-sides.tsx'
import { ComparisonView } from '../resources/comparison-view.tsx'
import { FailedStrip } from '../resources/failed-strip.tsx'
import strips from '../resources/inspection.module.css'
import { InspectionCount } from '../resources/inspection-progress.tsx'
import { cannotBeListed } from '../resources/known-types.ts'
import { ResourceColumns, useTypes } from '../resources/resource-nav.tsx'
import { comparisonQuery, useInspect } from '../resources/resource-queries.ts'
import type { CompareSearch } from './resource-search.ts'

export function ComparePage() {
  return (
    <ResourceColumns>
      <Compare />
    </ResourceColumns>
  )
}

const NO_NODES: readonly string[] = []

function Compare() {
  const search = useSearch({ from: '/frame/live/compare' })
  const navigate = useNavigate()
  const left = useSide(search.left)
  const right = useSide(search.right)
  const put = (words: CompareSearch, replace = false): void =>
    void navigate({ to: '.', search: (old: object) => ({ ...old, ...words }), replace } as never)
  const ready = (left.nodes?.length ?? 0) > 0 && (right.nodes?.length ?? 0) > 0
  return (
    <Page
      title="Compare"
      intro="Two nodes, or two groups of nodes: what only one side has, and what they have otherwise."
    >
      <div className={styles.sides}>
        <SidePicker label="Left" side={left} onChoose={(word) => put({ left: word })} />
        <SwapSides
          disabled={search.left === undefined && search.right === undefined}
          onSwap={() => put({ left: search.right ?? '', right: search.left ?? '' })}
        />
        <SidePicker label="Right" side={right} onChoose={(word) => put({ right: word })} />
      </div>
      {ready ? (
        <Types left={left} right={right} type={search.type} onType={(type) => put({ type }, true)} />
      ) : search.left === undefined || search.right === undefined ? (
        <Empty title="Choose what to compare">
          A node against another finds out why one of two equal machines misbehaves; a group against a group what an
          upgrade has changed.
        </Empty>
      ) : left.problem !== undefined || right.problem !== undefined ? null : left.nodes?.length === 0 ||
        right.nodes?.length === 0 ? (
        <Empty title={`There is no node on the ${left.nodes?.length === 0 ? 'left' : 'right'}`}>
          Select nodes in the list, or choose another group.
        </Empty>
      ) : (
        <Loading>Looking up the nodes ...</Loading>
      )}
    </Page>
  )
}

function Types({
  left,
  right,
  type,
  onType,
}: {
  left: Side
  right: Side
  type: string | undefined
  onType: (type: string) => void
}) {
  const { types: all, summary } = useTypes()
  const types = all.filter((one) => !cannotBeListed(one.type))
  const [a, b] = [left.nodes ?? NO_NODES, right.nodes ?? NO_NODES]
  const both = useMemo(() => [...new Set([...a, ...b])], [a, b])
  const found = useQueries({ queries: types.map((one) => comparisonQuery(one.type, a, b)) })
  const inspect = useInspect()
  const running = types.some(({ job }) => job !== undefined)
  if (summary.data === undefined) {
    return summary.error === null ? (
      <Loading>Reading what is known ...</Loading>
    ) : (
      <ErrorState error={summary.error} onRetry={() => void summary.refetch()} />
    )
  }
  const current = types.findIndex((one) => one.type === type)
  const missing = types.filter((_, index) => (found[index]?.data?.notInspected.count ?? 0) > 0).map((one) => one.type)
  const most = Math.max(0, ...found.map(({ data }) => data?.notInspected.count ?? 0))
  const shown = found[current]
  return (
    <>
      {inspect.error === null ? null : <ErrorState title="The nodes could not be asked" error={inspect.error} />}
      {missing.length === 0 || running ? null : (
        <div className={strips.strip} role="status">
          <Mark meaning="warn" />
          <span className={strips.stripText}>
            Not everything is known: {most === both.length ? 'none' : `up to ${numberText(most)}`} of the{' '}
            {nodesText(both.length)}
            {most === both.length ? ' has' : ' have not'} been asked for {missing.join(', ')} yet.
          </span>
          <Button
            size="xs"
            leftSection={<IconSearch size={14} aria-hidden="true" />}
            loading={inspect.isPending}
            onClick={() => inspect.mutate({ types: missing, nodes: both, onlyMissing: true })}
          >
            Inspect {nodesText(most)}
          </Button>
        </div>
      )}
      <table className={styles.types}>
        <caption className="visually-hidden">Differences by type</caption>
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col">Different</th>
            <th scope="col">Only on the left</th>
            <th scope="col">Only on the right</th>
            <th scope="col">Alike</th>
          </tr>
        </thead>
        <tbody>
          {types.map((figures, index) => (
            <TypeRow
              key={figures.type}
              figures={figures}
              comparison={found[index]?.data}
              failed={found[index]?.error ?? null}
              current={index === current}
              onChoose={() => onType(figures.type)}
            />
          ))}
        </tbody>
      </table>
      {shown === undefined ? (
        <p className={styles.none}>Choose a type to see what differs.</p>
      ) : shown.data !== undefined ? (
        <>
          <FailedStrip failed={shown.data.failed} all={isBare(shown.data)} key={shown.data.failed.length} />
          {isBare(shown.data) ? (
            <Empty title={`Nothing is known of ${type ?? ''} resources on ${bareSides(shown.data)}`}>
              {shown.data.notInspected.count > 0 ? 'Inspect the nodes first.' : 'Its nodes could not say.'}
            </Empty>
          ) : (
            <ComparisonView key={type} comparison={shown.data} left={left} right={right} />
          )}
        </>
      ) : shown.error !== null ? (
        <ErrorState error={shown.error} onRetry={() => void shown.refetch()} />
      ) : (
        <Loading>Comparing ...</Loading>
      )}
    </>
  )
}

/** Of a side nothing is known: all the other one has would be called its own. */
function isBare({ inspected: { left, right } }: Comparison): boolean {
  return left === 0 || right === 0
}

function bareSides({ inspected: { left, right } }: Comparison): string {
  return left === 0 && right === 0 ? 'either side' : left === 0 ? 'the left' : 'the right'
}

function TypeRow({
  figures: { type, job },
  comparison,
  failed,
  current,
  onChoose,
}: {
  figures: TypeFigures
  comparison: Comparison | undefined
  failed: Error | null
  current: boolean
  onChoose: () => void
}) {
  const figure = (count: number | undefined, strong: boolean) => (
    <td className={strong && (count ?? 0) > 0 ? styles.strong : undefined}>
      {count === undefined ? '' : numberText(count)}
    </td>
  )
  const unknown = comparison !== undefined && isBare(comparison)
  return (
    <tr data-current={current || undefined}>
      <th scope="row">
        <TextButton className={styles.choose} aria-pressed={current} onClick={onChoose}>
          {type}
        </TextButton>{' '}
        {job === undefined ? null : <InspectionCount id={job} />}
        {job === undefined && (comparison?.failed.length ?? 0) > 0 ? (
          <span className={styles.dim}>
            <Mark meaning="silent" /> {nodesText(comparison?.failed.length ?? 0)} failed
          </span>
        ) : null}
      </th>
      {unknown || failed !== null ? (
        <td colSpan={4} className={styles.dim}>
          {failed !== null
            ? failed.message
            : comparison?.notInspected.count === 0
              ? 'Nothing to compare with'
              : 'Not inspected'}
        </td>
      ) : (
        <>
          {figure(comparison?.different.length, true)}
          {figure(comparison?.onlyLeft.length, true)}
          {figure(comparison?.onlyRight.length, true)}
          {figure(comparison?.equal, false)}
        </>
      )}
    </tr>
  )
}
