// The actions there are, one row each; a click opens the row, one at a time. A name with `...` has inputs. [live 5, 6]

import { UnstyledButton } from '@mantine/core'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { IconChevronDown, IconChevronRight } from '../components/icons.ts'
import styles from './action-form.module.css'

export interface ActionRowOf {
  readonly name: string
  readonly description: ReactNode
  readonly inputs: boolean
  /** What the open row shows. */
  readonly body: (close: () => void) => ReactNode
}

export function ActionRows({
  rows,
  open,
  onOpen,
  label,
}: {
  rows: readonly ActionRowOf[]
  open: string | undefined
  onOpen: (name: string | undefined) => void
  label: string
}) {
  return (
    <ul className={styles.rows} aria-label={label}>
      {rows.map((row) => (
        <ActionRow key={row.name} row={row} open={row.name === open} onOpen={onOpen} />
      ))}
    </ul>
  )
}

function ActionRow({
  row,
  open,
  onOpen,
}: {
  row: ActionRowOf
  open: boolean
  onOpen: (name: string | undefined) => void
}) {
  const id = useId()
  const head = useRef<HTMLButtonElement>(null)
  const body = useRef<HTMLElement>(null)
  const Arrow = open ? IconChevronDown : IconChevronRight
  useEffect(() => {
    if (!open) return
    // Behind the router, which gives the focus to the heading when the address has changed.
    const timer = setTimeout(() => {
      const first = body.current?.querySelector<HTMLElement>('input:not([type="hidden"]), textarea')
      ;(first ?? body.current)?.focus({ preventScroll: false })
    }, 60)
    return () => clearTimeout(timer)
  }, [open])
  const close = (): void => {
    onOpen(undefined)
    setTimeout(() => head.current?.focus(), 60)
  }
  return (
    <li className={styles.row} data-open={open || undefined}>
      <UnstyledButton
        ref={head}
        className={styles.rowHead}
        aria-expanded={open}
        aria-controls={`${id}body`}
        onClick={() => onOpen(open ? undefined : row.name)}
      >
        <Arrow size={16} className={styles.rowArrow} aria-hidden="true" />
        <span className={styles.rowName}>
          {row.name}
          {row.inputs ? '...' : ''}
        </span>
        <span className={styles.rowDescription}>{row.description}</span>
      </UnstyledButton>
      <section
        id={`${id}body`}
        ref={body}
        tabIndex={-1}
        aria-label={row.name}
        hidden={!open}
        className={styles.rowBody}
      >
        {open ? row.body(close) : null}
      </section>
    </li>
  )
}
