// Why signing in did not work, with what to do about it; a lock-out counts down.

import { Alert } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ApiError, sentenceOf } from '../../api/error.ts'

export function SignInError({ error }: { error: unknown }) {
  const waitSeconds = error instanceof ApiError ? error.retryAfterSeconds : undefined
  const left = useCountDown(error, waitSeconds)
  if (error === null || error === undefined) return null
  const waiting = left !== undefined && left > 0
  return (
    <Alert color={waiting ? 'yellow' : 'red'} variant="light" role="alert" p="sm" title={titleOf(error)}>
      {sentenceOf(error)}
      {waiting ? <div>Again in {spoken(left)}.</div> : null}
    </Alert>
  )
}

function titleOf(error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  if (error.code === 'CONSOLE_LOCKED') return 'This account is locked for a while'
  if (error.code === 'CONSOLE_TOO_MANY') return 'Too many attempts'
  return undefined
}

function spoken(seconds: number): string {
  return seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} s`
}

/** Seconds left of `from`, counted since `cause` changed. */
function useCountDown(cause: unknown, from: number | undefined): number | undefined {
  const [left, setLeft] = useState(from)
  useEffect(() => {
    setLeft(from)
    if (cause === null || from === undefined) return
    const endAt = Date.now() + from * 1000
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.ceil((endAt - Date.now()) / 1000))
      setLeft(seconds)
      if (seconds === 0) clearInterval(timer)
    }, 1000)
    return () => clearInterval(timer)
  }, [cause, from])
  return left
}
