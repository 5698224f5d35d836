// The three states a page has besides having something to show: empty, loading, failed. One look, so that people know them at a glance.

import { Alert, Button, Loader } from '@mantine/core'
import type { ReactNode } from 'react'
import { ApiError, isNotFound, wholeSentenceOf } from '../api/error.ts'
import styles from './state.module.css'

/** Nothing here: what it is that is missing, why, and what to do. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <svg className={styles.figure} viewBox="0 0 64 40" aria-hidden="true">
        <circle cx="16" cy="28" r="8" />
        <circle cx="48" cy="28" r="8" />
        <circle cx="32" cy="18" r="10" />
      </svg>
      <p className={styles.title}>{title}</p>
      {children === undefined ? null : <div className={styles.text}>{children}</div>}
      {action === undefined ? null : <div className={styles.action}>{action}</div>}
    </div>
  )
}

/** A spinner with a sentence, e.g. `Finding user gopher ...`. */
export function Loading({ children = 'Loading ...' }: { children?: ReactNode }) {
  return (
    <div className={styles.loading} role="status">
      <Loader size="sm" aria-hidden="true" />
      <span>{children}</span>
    </div>
  )
}

/** What went wrong in the console's words, its code, and how to try again. */
export function ErrorState({ error, title, onRetry }: { error: unknown; title?: string; onRetry?: () => void }) {
  const code = error instanceof ApiError ? error.code : undefined
  return (
    <Alert
      color="red"
      variant="light"
      title={title ?? (isNotFound(error) ? 'Not found' : 'This did not work')}
      className={styles.error}
      role="alert"
    >
      <p className={styles.sentence}>{wholeSentenceOf(error)}</p>
      {code === undefined ? null : <p className={styles.code}>{code}</p>}
      {onRetry === undefined || isNotFound(error) ? null : (
        <Button size="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  )
}
