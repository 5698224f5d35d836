// What everybody must know about the console itself, over every page: no events, no bus, the session about to end.

import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { useConnection } from '../api/connection.ts'
import { nodesQuery, sessionQuery } from '../api/queries.ts'
import { useSession } from '../api/session.ts'
import { IconAlertTriangle, IconClock, IconPlugConnectedX } from '../components/icons.ts'
import styles from './banners.module.css'

const WARN_BEFORE_MS = 5 * 60_000

export function Banners() {
  const { stream, busProblem, signedOut } = useConnection()
  const client = useQueryClient()
  // Whoever loads the list learns of the bus as well; here it is only read.
  const { data } = useQuery({ ...nodesQuery, enabled: false })
  const noBus = busProblem ?? data?.problem
  if (signedOut) return null
  return (
    <div className={styles.banners}>
      {stream === 'lost' ? (
        <Banner icon={<IconPlugConnectedX size={18} />} kind="failed">
          <b>The console does not answer.</b> What is shown may be old. Trying again by itself.
        </Banner>
      ) : null}
      {stream !== 'lost' && noBus !== undefined ? (
        <Banner
          icon={<IconAlertTriangle size={18} />}
          kind="failed"
          action={
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => void client.refetchQueries({ queryKey: ['nodes', 'list'] })}
            >
              Try again
            </Button>
          }
        >
          <b>The console does not reach the nodes.</b> {noBus}
        </Banner>
      ) : null}
      {stream !== 'lost' && data?.storeProblem !== undefined ? (
        <Banner icon={<IconAlertTriangle size={18} />} kind="failed">
          <b>Nothing can be written down.</b> {data.storeProblem}
        </Banner>
      ) : null}
      <SessionEndsSoon />
    </div>
  )
}

function SessionEndsSoon() {
  const { expiresAtMs } = useSession()
  const client = useQueryClient()
  const [soon, setSoon] = useState(false)
  useEffect(() => {
    setSoon(false)
    if (expiresAtMs === undefined) return
    // Longer waits than 24 days end at once in browsers.
    const waitMs = Math.min(Math.max(0, expiresAtMs - WARN_BEFORE_MS - Date.now()), 2 ** 31 - 1)
    const timer = setTimeout(() => setSoon(true), waitMs)
    return () => clearTimeout(timer)
  }, [expiresAtMs])
  if (!soon || expiresAtMs === undefined) return null
  const at = new Date(expiresAtMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  return (
    <Banner
      icon={<IconClock size={18} />}
      kind="warn"
      action={
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => void client.refetchQueries({ queryKey: sessionQuery.queryKey })}
        >
          Stay signed in
        </Button>
      }
    >
      Your session ends at {at}.
    </Banner>
  )
}

function Banner({
  icon,
  kind,
  action,
  children,
}: {
  icon: ReactNode
  kind: 'failed' | 'warn'
  action?: ReactNode
  children: ReactNode
}) {
  return (
    <div className={styles.banner} data-kind={kind} role="status">
      <span className={styles.icon} aria-hidden="true">
        {icon}
      </span>
      <span className={styles.text}>{children}</span>
      {action}
    </div>
  )
}
