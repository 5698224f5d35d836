// How similar nodes are in one type: the figure, its bar, what it means. [live 3.3]

import { Help } from '../components/help.tsx'
import styles from './similarity.module.css'

/** `99.8%`; `100.0%` only when all are alike. */
export function similarityText(similarity: number): string {
  return `${similarity >= 100 ? '100.0' : Math.min(similarity, 99.9).toFixed(1)}%`
}

/** The share of a whole: green only when all are alike. */
export function SimilarityBar({ similarity }: { similarity: number }) {
  const share = Math.min(100, Math.max(0, similarity))
  return (
    <span className={styles.track} aria-hidden="true">
      <span className={styles.part} data-level={levelOf(share)} style={{ width: `${share}%` }} />
    </span>
  )
}

function levelOf(similarity: number): 'same' | 'near' | 'far' {
  return similarity >= 100 ? 'same' : similarity >= 95 ? 'near' : 'far'
}

export function SimilarityHelp() {
  return (
    <Help label="Similarity">
      Of all resources found, the share that is as it is on the other nodes that have it: 100% minus one part for each
      variant more than one. A resource that is missing on some nodes does not count here: see <b>present everywhere</b>
      .
    </Help>
  )
}
