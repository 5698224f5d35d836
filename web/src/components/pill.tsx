// A short word in the colour of what it means, with its mark: `395 creations`, `12 failed`.

import type { ReactNode } from 'react'
import { Mark, type Meaning } from './mark.tsx'
import styles from './pill.module.css'

export function Pill({ meaning, mark = true, children }: { meaning: Meaning; mark?: boolean; children: ReactNode }) {
  return (
    <span className={styles.pill} data-meaning={meaning}>
      {mark ? <Mark meaning={meaning} /> : null}
      {children}
    </span>
  )
}
