// Around every page of somebody signed in: the way past the bar, the bar, banners, and the dialog when the session has ended.

import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { onSignedOut } from '../api/client.ts'
import { setConnection, useConnection } from '../api/connection.ts'
import { startEvents } from '../api/events.ts'
import { Banners } from './banners.tsx'
import styles from './frame.module.css'
import { TopBar } from './top-bar.tsx'

const SessionEnded = lazy(() => import('./session-ended.tsx').then((module) => ({ default: module.SessionEnded })))

export function Frame() {
  const { signedOut } = useConnection()
  useEffect(() => startEvents(), [])
  useEffect(() => onSignedOut(() => setConnection({ signedOut: true })), [])
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <TopBar />
      <Banners />
      <div className={styles.below}>
        <Outlet />
      </div>
      {signedOut ? (
        <Suspense>
          <SessionEnded />
        </Suspense>
      ) : null}
    </div>
  )
}
