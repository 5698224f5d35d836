// The end of a form that runs something on the selected nodes: Run and Cancel, why it cannot be run now, and the question before it acts on many.
// [live 4: safety, 5, 6]

import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { ConfirmTyped } from '../components/confirm-typed.tsx'
import { nodesText } from '../components/format.ts'
import { IconPlayerPlay } from '../components/icons.ts'
import { useSelection } from '../nodes/node-selection.tsx'
import { SelectionHint } from '../nodes/selection-hint.tsx'
import { TYPED_FROM } from '../results/job-actions.tsx'
import styles from './action-form.module.css'

export interface RunButtonsProps {
  /** false: this account may not, so there is no button to run it. */
  readonly may: boolean
  readonly acts: boolean
  readonly busy: boolean
  onCancel(): void
  /** Right of them: what a person may want to know beforehand. */
  readonly children?: ReactNode
}

export function RunButtons({ may, acts, busy, onCancel, children }: RunButtonsProps) {
  const { hint, count } = useSelection()
  return (
    <div className={styles.buttons}>
      {may ? (
        <Button
          type="submit"
          {...(acts ? { color: 'red' } : {})}
          leftSection={<IconPlayerPlay size={16} aria-hidden="true" />}
          disabled={hint !== undefined}
          loading={busy}
        >
          Run on {nodesText(count)}
        </Button>
      ) : null}
      <Button variant="subtle" onClick={onCancel}>
        Cancel
      </Button>
      <SelectionHint />
      {children === undefined ? null : <span className={styles.facts}>{children}</span>}
    </div>
  )
}

/** Whether it must be asked before: all there are, or many. */
export function asksFirst({ all, count }: { readonly all: boolean; readonly count: number }): boolean {
  return all || count >= TYPED_FROM
}

export interface RunQuestionProps {
  readonly opened: boolean
  /** e.g. `service restart`. */
  readonly what: string
  readonly busy: boolean
  readonly children: ReactNode
  onRun(): void
  onCancel(): void
}

export function RunQuestion({ opened, what, busy, children, onRun, onCancel }: RunQuestionProps) {
  const { all, count } = useSelection()
  return (
    <ConfirmTyped
      opened={opened}
      title={`${what} on ${all ? 'all ' : ''}${nodesText(count)}?`}
      word={count >= TYPED_FROM ? String(count) : undefined}
      action={`Run on ${nodesText(count)}`}
      busy={busy}
      onConfirm={onRun}
      onCancel={onCancel}
    >
      {children}
    </ConfirmTyped>
  )
}
