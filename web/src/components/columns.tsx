// A page with a narrow column of links at its left: types of resources, agents, pages of the administration. [live 1]

import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import styles from './columns.module.css'

export interface ColumnLink {
  readonly label: ReactNode
  /** Where to, e.g. `{ to: '/resources/$type', params: { type: 'user' } }`. */
  readonly link: LinkProps
  /** Right of the label, e.g. `99.8%`. */
  readonly note?: ReactNode
  /** true: current only at exactly this address. Default: below it as well. */
  readonly exact?: boolean
}

/** `label` names the column for readers of the screen. */
export function Columns({
  label,
  links,
  after,
  children,
}: {
  label: string
  links: readonly ColumnLink[]
  /** Below the links: a button. */
  after?: ReactNode
  children: ReactNode
}) {
  return (
    <div className={styles.columns}>
      <nav aria-label={label} className={styles.nav}>
        {links.map((one) => (
          <Link
            key={`${one.link.to} ${JSON.stringify(one.link.params ?? '')}`}
            {...one.link}
            className={styles.link}
            activeOptions={{ exact: one.exact === true, includeSearch: false }}
            activeProps={{ 'data-current': true }}
          >
            <span className={styles.label}>{one.label}</span>
            {one.note === undefined ? null : <span className={styles.note}>{one.note}</span>}
          </Link>
        ))}
        {after}
      </nav>
      <div className={styles.content}>{children}</div>
    </div>
  )
}
