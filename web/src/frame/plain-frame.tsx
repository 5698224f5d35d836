// Pages without a column beside them: overview, jobs, reports, one node.

import { Outlet } from '@tanstack/react-router'
import styles from './frame.module.css'

export function PlainFrame() {
  return (
    <main id="main" tabIndex={-1} className={styles.main} data-scroll-restoration-id="main">
      <Outlet />
    </main>
  )
}
