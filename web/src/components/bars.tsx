// Pictures of counts: bars side by side (possibly in parts), and shares below each other. Each picture has the same as a table, for readers of the
// screen and for people who want the figures.

import { type ReactNode, useId, useState } from 'react'
import styles from './bars.module.css'
import { numberText } from './format.ts'
import { IconChartBar, IconTable } from './icons.ts'

export interface Bar {
  /** Below the bar and in the table, e.g. `100 ms`. */
  readonly label: string
  /** In the order of `parts`. */
  readonly values: readonly number[]
  /** false: no label below it, as there are too many. */
  readonly ticked?: boolean
}

export interface BarPart {
  readonly label: string
  /** A colour with a meaning of tokens.css, e.g. `var(--t-ok)`. */
  readonly color: string
}

/** From so many bars on a label is wider than its bar: the first and the last one must not stick out. */
const DENSE_FROM = 12

/** `title` names picture and table; `of` is the heading of the first column, e.g. `Up to`. */
export function Bars({
  title,
  of,
  bars,
  parts,
  height = 120,
}: {
  title: string
  of: string
  bars: readonly Bar[]
  parts: readonly BarPart[]
  height?: number
}) {
  const most = Math.max(1, ...bars.map(({ values }) => sum(values)))
  return (
    <Picture
      title={title}
      table={<BarTable title={title} of={of} bars={bars} parts={parts} />}
      legend={parts.length > 1 ? parts : undefined}
    >
      <div className={styles.bars} style={{ height }} aria-hidden="true">
        <span className={styles.most}>{numberText(most)}</span>
        {bars.map((bar) => (
          <div key={bar.label} className={styles.bar} title={wordsOf(bar, parts)}>
            <div className={styles.column}>
              {parts.map((part, index) => (
                <span
                  key={part.label}
                  style={{ height: `${((bar.values[index] ?? 0) / most) * 100}%`, background: part.color }}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
      <div className={styles.ticks} data-dense={bars.length > DENSE_FROM || undefined} aria-hidden="true">
        {bars.map((bar) => (
          <span key={bar.label} className={styles.tick}>
            {bar.ticked === false ? '' : bar.label}
          </span>
        ))}
      </div>
    </Picture>
  )
}

function BarTable({
  title,
  of,
  bars,
  parts,
}: {
  title: string
  of: string
  bars: readonly Bar[]
  parts: readonly BarPart[]
}) {
  return (
    <table className={styles.table}>
      <caption className="visually-hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col">{of}</th>
          {parts.map(({ label }) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.label}>
            <th scope="row">{bar.label}</th>
            {parts.map(({ label }, index) => (
              <td key={label}>{numberText(bar.values[index] ?? 0)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A picture, its legend, and the switch between picture and table. The table is always there for readers of the screen. */
function Picture({
  title,
  table,
  legend,
  children,
}: {
  title: string
  table: ReactNode
  legend: readonly BarPart[] | undefined
  children: ReactNode
}) {
  const [asTable, setAsTable] = useState(false)
  const id = useId()
  return (
    <div className={styles.picture}>
      {asTable ? null : children}
      <div id={id} className={asTable ? styles.asTable : 'visually-hidden'} {...(asTable ? { tabIndex: 0 } : {})}>
        {table}
      </div>
      <div className={styles.foot}>
        {legend === undefined || asTable ? null : (
          <span className={styles.legend}>
            {legend.map(({ label, color }) => (
              <span key={label}>
                <i style={{ background: color }} /> {label}
              </span>
            ))}
          </span>
        )}
        <button
          type="button"
          className={styles.switch}
          aria-expanded={asTable}
          aria-controls={id}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? <IconChartBar size={14} aria-hidden="true" /> : <IconTable size={14} aria-hidden="true" />}
          {asTable ? 'Picture' : 'Table'}
          <span className="visually-hidden"> of {title}</span>
        </button>
      </div>
    </div>
  )
}

export interface Share {
  readonly label: ReactNode
  readonly key: string
  readonly count: number
  readonly color?: string
}

/** Shares of a whole as lines of a table with a bar each: the picture is the table. */
export function Shares({ title, of, shares }: { title: string; of: string; shares: readonly Share[] }) {
  const total = sum(shares.map(({ count }) => count))
  const most = Math.max(1, ...shares.map(({ count }) => count))
  return (
    <table className={styles.shares}>
      <caption className="visually-hidden">{title}</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">{of}</th>
          <th scope="col">Share</th>
          <th scope="col">Nodes</th>
        </tr>
      </thead>
      <tbody>
        {shares.map(({ key, label, count, color }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <td className={styles.shareBar}>
              <span
                style={{ width: `${(count / most) * 100}%`, background: color ?? 'var(--t-busy)' }}
                hidden={count === 0}
                aria-hidden="true"
              />
              <span className="visually-hidden">{total === 0 ? 0 : Math.round((count / total) * 100)}%</span>
            </td>
            <td className={styles.shareCount}>{numberText(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function wordsOf({ label, values }: Bar, parts: readonly BarPart[]): string {
  const words = parts.map((part, index) => `${numberText(values[index] ?? 0)} ${part.label}`)
  return `${label}: ${words.join(', ')}`
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
