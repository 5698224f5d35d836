// What every page is made of: its title in the tab, its heading (which gets the focus after a change of page), and what stands right of it.

import { Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import styles from './page.module.css'

export interface PageProps {
  /** Plain text, e.g. `user resources`: for the tab, and the heading unless `heading` is given. */
  readonly title: string
  readonly heading?: ReactNode
  /** Above the heading: a way back. */
  readonly above?: ReactNode
  /** Below the heading: one or two sentences. */
  readonly intro?: ReactNode
  /** Right of the heading: buttons. */
  readonly actions?: ReactNode
  readonly children?: ReactNode
}

export function Page({ title, heading, above, intro, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Troupe`
  }, [title])
  return (
    <div className={styles.page}>
      {above === undefined ? null : <div className={styles.above}>{above}</div>}
      <div className={styles.head}>
        <Title order={1} tabIndex={-1} className={styles.heading}>
          {heading ?? title}
        </Title>
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </div>
      {intro === undefined ? null : <p className={styles.intro}>{intro}</p>}
      <div className={styles.body}>{children}</div>
    </div>
  )
}
