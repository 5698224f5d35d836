// Resources side by side: a column for each, a row for each property, those that differ first. Used for variants, for what a clone would do, for what
// it did, and for comparing. [live 3.5, 4]

import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { ForeignText } from '../components/foreign-text.tsx'
import { countText } from '../components/format.ts'
import styles from './property-table.module.css'
import { viewsOf } from './property-value.tsx'

export interface PropertyColumn {
  readonly key: string
  readonly head: ReactNode
  /** undefined: there is no such resource; `empty` says it. */
  readonly properties: Readonly<Record<string, unknown>> | undefined
  /** For all rows of the column. Default `absent`. */
  readonly empty?: ReactNode
  /** Cells that are highlighted. Default: all of the section of differences. */
  readonly highlighted?: ReadonlySet<string>
  /** The column everything is compared with: stays in sight at the left. */
  readonly isSource?: boolean
}

export interface PropertyTableProps {
  /** What it is, for readers of the screen. */
  readonly caption: string
  readonly columns: readonly PropertyColumn[]
  readonly differing: readonly string[]
  readonly equal: readonly string[]
  readonly differingTitle?: string
  readonly equalTitle?: string
  /** What a column is called when some are not shown at first, e.g. `variant`. */
  readonly noun?: string
  /** Instead of the value; undefined: the value as it is. */
  readonly cell?: (name: string, column: PropertyColumn) => ReactNode | undefined
}

const COLUMNS_AT_FIRST = 6
const COLUMNS_MORE = 24

export function PropertyTable({
  caption,
  columns,
  differing,
  equal,
  differingTitle = 'Properties with differences',
  equalTitle = 'Properties without differences',
  noun = 'variant',
  cell,
}: PropertyTableProps) {
  const [limit, setLimit] = useState(COLUMNS_AT_FIRST)
  const shown = columns.slice(0, limit)
  const rest = columns.length - shown.length
  return (
    <>
      <div className={styles.box} tabIndex={0} role="group" aria-label={`${caption}, scrolling`}>
        <table className={styles.table}>
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <td className={styles.corner} />
              {shown.map(({ key, head, isSource }) => (
                <th key={key} scope="col" className={styles.head} data-source={isSource || undefined}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          {differing.length === 0 ? null : (
            <Section title={differingTitle} names={differing} columns={shown} cell={cell} differs />
          )}
          {equal.length === 0 ? null : (
            <Section title={equalTitle} names={equal} columns={shown} cell={cell} differs={false} />
          )}
        </table>
      </div>
      {rest <= 0 ? null : (
        <Button variant="default" size="xs" mt="sm" onClick={() => setLimit(limit + COLUMNS_MORE)}>
          Show {countText(Math.min(rest, COLUMNS_MORE), `more ${noun}`)}
          {rest > COLUMNS_MORE ? ` of ${rest}` : ''}
        </Button>
      )}
    </>
  )
}

function Section({
  title,
  names,
  columns,
  cell,
  differs,
}: {
  title: string
  names: readonly string[]
  columns: readonly PropertyColumn[]
  cell: PropertyTableProps['cell']
  differs: boolean
}) {
  return (
    <tbody className={styles.section} data-differs={differs || undefined}>
      <tr>
        <th colSpan={columns.length + 1} scope="rowgroup" className={styles.sectionTitle}>
          <span>{title}</span>
        </th>
      </tr>
      {names.map((name, row) => {
        const views = viewsOf(
          columns.map(({ properties }) => properties?.[name]),
          differs,
        )
        return (
          <tr key={name}>
            <th scope="row" className={styles.name}>
              <ForeignText>{name}</ForeignText>
            </th>
            {columns.map((column, index) =>
              column.properties === undefined ? (
                row === 0 ? (
                  <td key={column.key} rowSpan={names.length} className={styles.absent}>
                    {column.empty ?? 'absent'}
                  </td>
                ) : null
              ) : (
                <td
                  key={column.key}
                  className={styles.value}
                  data-highlighted={(column.highlighted?.has(name) ?? differs) || undefined}
                  data-source={column.isSource || undefined}
                >
                  {cell?.(name, column) ?? views[index]}
                </td>
              ),
            )}
          </tr>
        )
      })}
    </tbody>
  )
}
