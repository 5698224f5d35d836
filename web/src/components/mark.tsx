// What a colour means here: one shape and one colour per meaning, so that nobody needs to tell colours apart.

import type { JobOutcome, JobState } from '#console/api/jobs.ts'
import type { NodeState } from '#console/api/nodes.ts'
import styles from './mark.module.css'

/**
 * `ok` tick in a disc; `failed` cross in a square; `refused` bar in a disc; `silent` ring with a gap; `idle` ring; `busy` turning ring;
 * `warn` triangle; `off` two bars.
 */
export type Meaning = 'ok' | 'failed' | 'refused' | 'silent' | 'idle' | 'busy' | 'warn' | 'off'

/** 12 by 12, in the colour of the meaning. Decoration: the word beside it says the same. */
export function Mark({ meaning, size = 12 }: { meaning: Meaning; size?: number }) {
  return (
    <svg
      className={styles.mark}
      data-meaning={meaning}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      aria-hidden="true"
    >
      {SHAPES[meaning]}
    </svg>
  )
}

const SHAPES = {
  ok: (
    <>
      <circle cx="6" cy="6" r="5.5" className={styles.fill} />
      <path d="m3.4 6.2 1.8 1.8 3.4-3.8" className={styles.cut} />
    </>
  ),
  failed: (
    <>
      <rect x=".75" y=".75" width="10.5" height="10.5" rx="2" className={styles.fill} />
      <path d="m4 4 4 4m0-4L4 8" className={styles.cut} />
    </>
  ),
  refused: (
    <>
      <circle cx="6" cy="6" r="5.5" className={styles.fill} />
      <path d="M3.3 6h5.4" className={styles.cut} />
    </>
  ),
  silent: <path d="M9.2 9.5A4.6 4.6 0 1 1 9.2 2.5" className={styles.stroke} />,
  idle: <circle cx="6" cy="6" r="4.6" className={styles.stroke} />,
  busy: <path d="M6 1.4A4.6 4.6 0 1 1 1.4 6" className={`${styles.stroke} ${styles.turning}`} />,
  warn: (
    <>
      <path d="M6 .8 11.6 11H.4z" className={styles.fill} />
      <path d="M6 4.2v3m0 1.8v.1" className={styles.cut} />
    </>
  ),
  off: <path d="M4 2v8M8 2v8" className={styles.thick} />,
}

export function meaningOfOutcome(outcome: JobOutcome): Meaning {
  return OUTCOMES[outcome].meaning
}

/** `no response`, `not addressed` ... */
export function wordOfOutcome(outcome: JobOutcome): string {
  return OUTCOMES[outcome].word
}

const OUTCOMES: Record<JobOutcome, { meaning: Meaning; word: string }> = {
  ok: { meaning: 'ok', word: 'ok' },
  failed: { meaning: 'failed', word: 'failed' },
  refused: { meaning: 'refused', word: 'refused' },
  noResponse: { meaning: 'silent', word: 'no response' },
  notAddressed: { meaning: 'idle', word: 'not addressed' },
  unknown: { meaning: 'warn', word: 'unknown' },
  waiting: { meaning: 'busy', word: 'waiting' },
}

export function meaningOfJobState(state: JobState): Meaning {
  return ({ running: 'busy', done: 'ok', stopped: 'refused', failed: 'failed', interrupted: 'warn' } as const)[state]
}

export function meaningOfNodeState(state: NodeState): Meaning {
  return ({ answering: 'ok', silent: 'silent', lost: 'failed', disabled: 'off' } as const)[state]
}

/** For the pointer and for readers of the screen. */
export function wordOfNodeState(state: NodeState): string {
  return (
    {
      answering: 'answering',
      silent: 'did not answer the last time',
      lost: 'missing',
      disabled: 'Puppet is disabled',
    } as const
  )[state]
}
