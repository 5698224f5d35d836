// The outermost part of every page: after a change of page the heading gets the focus, so that keyboards and readers of the screen follow.

import { Outlet, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'

export function Root() {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        if (fromLocation === undefined || !pathChanged) return
        document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
      }),
    [router],
  )
  return <Outlet />
}
