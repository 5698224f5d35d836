// A table of any number of rows of one height: only what is seen is drawn. Headings sort. Made of the roles of a table, because rows that are not
// there cannot be counted by a browser otherwise.

import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import styles from './virtual-table.module.css'

export interface VirtualColumn<Row> {
  readonly key: string
  readonly label: string
  /** A track of a CSS grid, e.g. `minmax(12rem, 2fr)`. */
  readonly width: string
  readonly right?: boolean
  /** It stays in sight at the right edge when the table is wider than its place. */
  readonly stays?: boolean
  /** Ascending. Absent: this column does not sort. */
  readonly compare?: (a: Row, b: Row) => number
  readonly cell: (row: Row) => ReactNode
}

export interface VirtualSort {
  readonly key: string
  readonly descending: boolean
}

export interface VirtualTableProps<Row> {
  /** What the table is of, for readers of the screen. */
  readonly caption: string
  readonly columns: readonly VirtualColumn<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly sort?: VirtualSort
  readonly onSort?: (sort: VirtualSort) => void
  /** Called when the end is nearly in sight: more rows may be asked for. */
  readonly onEnd?: () => void
  /** How many rows there are in all, when not all are here yet. */
  readonly total?: number
}

const ROW_PX = 36

export function VirtualTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
  sort,
  onSort,
  onEnd,
  total = rows.length,
}: VirtualTableProps<Row>) {
  const box = useRef<HTMLDivElement>(null)
  const by = columns.find(({ key }) => key === sort?.key)?.compare
  const descending = sort?.descending === true
  const sorted = useMemo(() => {
    if (by === undefined) return rows
    const list = [...rows].sort(by)
    return descending ? list.reverse() : list
  }, [rows, by, descending])
  const lines = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    initialRect: { width: 0, height: 600 },
  })
  const items = lines.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= sorted.length - 20) onEnd?.()
  }, [last, sorted.length, onEnd])
  const grid = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') }
  return (
    <div ref={box} className={styles.box} tabIndex={0} role="group" aria-label={`${caption}, scrolling`}>
      <div role="table" aria-label={caption} aria-rowcount={total + 1} className={styles.table}>
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.row} style={grid}>
            {columns.map((column) => (
              <Heading key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: lines.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = sorted[index]
            return row === undefined ? null : (
              <div
                key={keyOf(row)}
                role="row"
                aria-rowindex={index + 2}
                className={`${styles.row} ${styles.line}`}
                style={{ ...grid, height: ROW_PX, transform: `translateY(${start}px)` }}
              >
                {columns.map(({ key, right, stays, cell }) => (
                  <div
                    key={key}
                    role="cell"
                    className={styles.cell}
                    data-right={right || undefined}
                    data-stays={stays || undefined}
                  >
                    {cell(row)}
                  </div>
                ))}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

function Heading<Row>({
  column: { key, label, right, stays, compare },
  sort,
  onSort,
}: {
  column: VirtualColumn<Row>
  sort: VirtualSort | undefined
  onSort: ((sort: VirtualSort) => void) | undefined
}) {
  const current = sort?.key === key
  const sortable = compare !== undefined && onSort !== undefined
  return (
    <div
      role="columnheader"
      className={styles.heading}
      data-right={right || undefined}
      data-stays={stays || undefined}
      {...(sortable
        ? {
            'aria-sort': current
              ? sort.descending
                ? ('descending' as const)
                : ('ascending' as const)
              : ('none' as const),
          }
        : {})}
    >
      {sortable ? (
        <button
          type="button"
          className={styles.sort}
          onClick={() => onSort({ key, descending: current ? !sort.descending : false })}
        >
          {label}
          <span aria-hidden="true" className={styles.arrow} data-current={current || undefined}>
            {current && sort.descending ? '▼' : '▲'}
          </span>
        </button>
      ) : (
        label
      )}
    </div>
  )
}
