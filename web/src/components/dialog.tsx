// A dialog, or a drawer, that gives the focus back to what opened it. Pages take a dialog out of the tree when it closes, and Mantine gives the focus back
// only of one that stays there: people with a keyboard would begin again at the top of the page. [WCAG 2.4.3]

import { Drawer, type DrawerProps, Modal, type ModalProps } from '@mantine/core'
import { useEffect } from 'react'

/** What had the focus last outside of dialogs and menus: the button of a menu, not its line, which is gone by then. */
let opener: HTMLElement | undefined

document.addEventListener('focusin', ({ target }) => {
  if (target instanceof HTMLElement && target.closest('[role="dialog"], [role="menu"]') === null) opener = target
})

export function Dialog({ children, ...props }: ModalProps) {
  return (
    <Modal {...props}>
      {props.opened ? <FocusBack /> : null}
      {children}
    </Modal>
  )
}

export function SideDialog({ children, ...props }: DrawerProps) {
  return (
    <Drawer {...props}>
      {props.opened ? <FocusBack /> : null}
      {children}
    </Drawer>
  )
}

function FocusBack() {
  useEffect(() => {
    const before = opener
    return () => {
      // After the dialog has gone, and unless something has taken the focus by then: the heading of a page that was opened.
      setTimeout(() => {
        if (document.activeElement !== null && document.activeElement !== document.body) return
        const heading = document.querySelector<HTMLElement>('main h1')
        const target = before?.isConnected === true ? before : heading
        target?.focus({ preventScroll: true })
      })
    }
  }, [])
  return null
}
