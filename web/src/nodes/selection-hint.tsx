// Why a button beside it cannot be pressed now: nothing selected, or the list not there yet. Nothing when it can.

import { useSelection } from './node-selection.tsx'
import styles from './selection-hint.module.css'

export function SelectionHint() {
  const { hint } = useSelection()
  return hint === undefined ? null : (
    <span className={styles.hint} role="status">
      {hint}
    </span>
  )
}
