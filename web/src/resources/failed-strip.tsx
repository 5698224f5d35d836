// Nodes that failed or gave no answer, by reason: figures beside it are of the others. [live 8: partial failure]

import { useMemo, useState } from 'react'
import { ForeignText } from '../components/foreign-text.tsx'
import { nodesText } from '../components/format.ts'
import { IconChevronRight } from '../components/icons.ts'
import { Mark } from '../components/mark.tsx'
import { NodeSampleView } from '../components/node-sample.tsx'
import styles from './inspection.module.css'

/** `all`: there are no others; the reasons are open at once. */
export function FailedStrip({
  failed,
  all = false,
}: {
  failed: readonly { node: string; reason: string }[]
  all?: boolean
}) {
  const [open, setOpen] = useState(all)
  const byReason = useMemo(() => {
    const reasons = new Map<string, string[]>()
    for (const { node, reason } of failed) reasons.set(reason, [...(reasons.get(reason) ?? []), node])
    return [...reasons].sort(([, a], [, b]) => b.length - a.length)
  }, [failed])
  if (failed.length === 0) return null
  return (
    <section className={styles.failed} aria-label="Nodes without an answer">
      <button type="button" className={styles.failedToggle} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Mark meaning="silent" />
        <span>
          <b>{nodesText(failed.length)}</b> failed or did not answer{all ? '.' : '; what is shown is of the others.'}
        </span>
        <IconChevronRight size={16} aria-hidden="true" />
      </button>
      {open ? (
        <ul className={styles.reasons}>
          {byReason.slice(0, 50).map(([reason, nodes]) => (
            <li key={reason}>
              <NodeSampleView sample={{ count: nodes.length, first: nodes }} />
              <ForeignText>{reason}</ForeignText>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  )
}
