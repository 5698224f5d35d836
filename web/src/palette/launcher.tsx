// Opens the command palette: Ctrl-K or Cmd-K anywhere, its button in the bar, and `/` where there is no node filter to go to. The palette itself is loaded
// when it is first wanted. [WCAG 2.1.4: the single key can be switched off]

import { Tooltip, UnstyledButton } from '@mantine/core'
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { IconSearch } from '../components/icons.ts'
import { COMMAND_KEYS } from './command-keys.ts'
import { useKeepPages } from './keep-pages.ts'
import styles from './launcher.module.css'
import { NODE_FILTER, slashIsOn } from './slash-key.ts'

const Palette = lazy(() => import('./palette.tsx').then((module) => ({ default: module.Palette })))

export function PaletteLauncher() {
  const [open, setOpen] = useState(false)
  const before = useRef<Element>(null)
  useKeepPages()
  const show = useCallback(() => {
    before.current = document.activeElement
    setOpen(true)
  }, [])
  const close = useCallback((left: boolean) => {
    setOpen(false)
    // After a choice the page that comes takes the focus.
    if (!left && before.current instanceof HTMLElement) before.current.focus({ preventScroll: true })
  }, [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || event.altKey || event.shiftKey) return
      const command = event.ctrlKey || event.metaKey
      if (command && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        if (open) close(false)
        else if (!inDialog()) show()
      } else if (!command && event.key === '/' && slashIsOn() && !takesText(event.target) && !inDialog()) {
        event.preventDefault()
        const filter = document.querySelector<HTMLInputElement>(NODE_FILTER)
        if (filter === null) show()
        else {
          filter.focus()
          filter.select()
        }
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [open, show, close])
  return (
    <>
      <Tooltip label="Search pages, nodes, actions, groups and jobs">
        <UnstyledButton
          className={styles.button}
          onClick={show}
          aria-label="Search and commands"
          aria-keyshortcuts="Control+K Meta+K"
          aria-haspopup="dialog"
        >
          <IconSearch size={16} aria-hidden="true" />
          <span className={styles.word}>Search</span>
          <kbd className={styles.keys}>{COMMAND_KEYS}</kbd>
        </UnstyledButton>
      </Tooltip>
      {open ? (
        <Suspense>
          <Palette onClose={close} />
        </Suspense>
      ) : null}
    </>
  )
}

/** A question or a form is open: what is typed belongs to it. */
function inDialog(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"], [role="alertdialog"]') !== null
}

function takesText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('textarea, select, input:not([type="checkbox"], [type="radio"])'))
  )
}
