// Above the table of a type: how similar, how many, how old, and asking again. [live 3.3]

import { Button } from '@mantine/core'
import type { TypeFigures } from '#console/api/resources.ts'
import { nodesText, numberText } from '../components/format.ts'
import { Help } from '../components/help.tsx'
import { IconRefresh } from '../components/icons.ts'
import { Mark } from '../components/mark.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import styles from './inspection.module.css'
import { SimilarityBar, SimilarityHelp, similarityText } from './similarity.tsx'

export interface FiguresBandProps {
  readonly figures: TypeFigures
  readonly busy: boolean
  readonly disabled: boolean
  onUpdate(): void
}

export function FiguresBand({ figures, busy, disabled, onUpdate }: FiguresBandProps) {
  const { type, similarity = 100, unique, total, everywhere, nodes, asOfMs } = figures
  return (
    <section className={styles.band} aria-label="Figures">
      <div className={styles.cell}>
        <span className={styles.figure}>
          <b>{similarityText(similarity)}</b> similar <SimilarityHelp />
        </span>
        <SimilarityBar similarity={similarity} />
      </div>
      <div className={styles.cell}>
        <span className={styles.figure}>
          <b>{numberText(unique)}</b> unique {plural(type, unique)}
          <Help label="Unique">Different names, whatever the number of nodes that have them.</Help>
        </span>
        <span className={styles.small}>
          {numberText(total)} in all on {nodesText(nodes)}
        </span>
      </div>
      <div className={styles.cell}>
        <span className={styles.figure}>
          <b>{numberText(everywhere)}</b> present everywhere
          <Help label="Present everywhere">
            Names that every one of the inspected nodes has, be they alike there or not. The others are missing on at
            least one node.
          </Help>
        </span>
        <span className={styles.small}>
          of {numberText(unique)}; {numberText(unique - everywhere)} missing somewhere
        </span>
      </div>
      <div className={`${styles.cell} ${styles.update}`}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden="true" />}
          loading={busy}
          disabled={disabled}
          onClick={onUpdate}
        >
          Update
        </Button>
        <span className={styles.age}>
          {asOfMs === undefined ? null : (
            <>
              Updated <RelativeTime atMs={asOfMs} />
            </>
          )}
        </span>
      </div>
    </section>
  )
}

export interface StaleStripProps {
  /** How many of the selected nodes. */
  readonly notInspected: number
  readonly disabled: boolean
  /** Asks only these. */
  onUpdate(): void
}

/** Some of the selected nodes have not been asked: the selection has changed since. */
export function StaleStrip({ notInspected, disabled, onUpdate }: StaleStripProps) {
  if (notInspected === 0) return null
  return (
    <div className={styles.strip} role="status">
      <Mark meaning="warn" />
      <span className={styles.stripText}>
        The selection has changed: <b>{nodesText(notInspected)}</b> of it {notInspected === 1 ? 'has' : 'have'} not been
        asked yet and {notInspected === 1 ? 'is' : 'are'} not in what is shown.
      </span>
      <Button size="compact-sm" variant="default" disabled={disabled} onClick={onUpdate}>
        Inspect {nodesText(notInspected)}
      </Button>
    </div>
  )
}

function plural(type: string, count: number): string {
  if (count === 1) return type
  return type.endsWith('y') ? `${type.slice(0, -1)}ies` : `${type}s`
}
