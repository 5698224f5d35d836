// A value a node sent, as people read it: texts harmless, maps as tables, lists one per line, nothing as a dash; 0 and false are shown. Bounded in
// depth and number, since the value is foreign. [live 7]

import { type ReactNode, useState } from 'react'
import { ForeignText } from './foreign-text.tsx'
import { numberText } from './format.ts'
import { TextButton } from './text-button.tsx'
import styles from './value-view.module.css'

const DEPTH_MAX = 8
const ENTRIES_AT_FIRST = 50
const ENTRIES_MAX = 2_000

export interface ValueViewProps {
  readonly value: unknown
  /** What people call a key, e.g. the label of the DDL for an output. */
  readonly labelOf?: (key: string) => string
}

export function ValueView({ value, labelOf }: ValueViewProps) {
  return <Value value={value} depth={0} labelOf={labelOf} />
}

/** One line for a cell of a table: scalars as they are, anything else as JSON, cut by the cell. */
export function ValueLine({ value }: { value: unknown }) {
  if (isNothing(value)) return <Nothing />
  return <ForeignText oneLine>{isScalar(value) ? String(value) : jsonText(value)}</ForeignText>
}

interface InnerProps {
  readonly value: unknown
  readonly depth: number
  readonly labelOf: ((key: string) => string) | undefined
}

function Value({ value, depth, labelOf }: InnerProps): ReactNode {
  if (isNothing(value)) return <Nothing />
  if (typeof value === 'string') return <ForeignText>{value}</ForeignText>
  if (isScalar(value)) return <span className={styles.scalar}>{String(value)}</span>
  if (depth >= DEPTH_MAX) return <ForeignText>{jsonText(value)}</ForeignText>
  if (Array.isArray(value)) return <Items values={value} depth={depth} />
  return <Entries value={value as object} depth={depth} labelOf={labelOf} />
}

function Items({ values, depth }: { values: readonly unknown[]; depth: number }) {
  const [limit, setLimit] = useState(ENTRIES_AT_FIRST)
  return (
    <ul className={styles.items}>
      {values.slice(0, limit).map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a list of foreign values has no other key, and never moves
        <li key={index}>
          <Value value={item} depth={depth + 1} labelOf={undefined} />
        </li>
      ))}
      <More of={values.length} limit={limit} onMore={setLimit} as="li" />
    </ul>
  )
}

function Entries({ value, depth, labelOf }: { value: object; depth: number; labelOf: InnerProps['labelOf'] }) {
  const [limit, setLimit] = useState(ENTRIES_AT_FIRST)
  const entries = Object.entries(value)
  return (
    <div className={styles.entries}>
      {entries.slice(0, limit).map(([key, inner]) => (
        <div key={key} className={styles.entry}>
          <div className={styles.key}>
            <ForeignText>{labelOf?.(key) ?? key}</ForeignText>
          </div>
          <div className={styles.value}>
            <Value value={inner} depth={depth + 1} labelOf={undefined} />
          </div>
        </div>
      ))}
      <More of={entries.length} limit={limit} onMore={setLimit} as="div" />
    </div>
  )
}

function More({
  of,
  limit,
  onMore,
  as: Tag,
}: {
  of: number
  limit: number
  onMore: (limit: number) => void
  as: 'li' | 'div'
}) {
  if (of <= limit) return null
  return (
    <Tag className={styles.more}>
      {limit >= ENTRIES_MAX ? (
        `... ${numberText(of - limit)} more`
      ) : (
        <TextButton underline="always" onClick={() => onMore(ENTRIES_MAX)}>
          ... show {numberText(of - limit)} more
        </TextButton>
      )}
    </Tag>
  )
}

function Nothing() {
  return (
    <span className={styles.nothing}>
      <span aria-hidden="true">—</span>
      <span className="visually-hidden">nothing</span>
    </span>
  )
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && Object.keys(value).length === 0
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function jsonText(value: unknown): string {
  return JSON.stringify(value) ?? ''
}
