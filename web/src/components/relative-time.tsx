// `5 minutes ago`, with the exact time for the pointer; counts on by itself, one clock for the whole page.

import { useSyncExternalStore } from 'react'
import { agoText, timeText } from './format.ts'

const TICK_MS = 15_000
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  now = Date.now()
  timer ??= setInterval(() => {
    now = Date.now()
    for (const one of listeners) one()
  }, TICK_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Now, as of the last tick: for pages that count ages themselves. */
export function useNow(): number {
  const current = (): number => now
  return useSyncExternalStore(subscribe, current, current)
}

export function RelativeTime({ atMs }: { atMs: number }) {
  const nowMs = useNow()
  return (
    <time dateTime={new Date(atMs).toISOString()} title={timeText(atMs)}>
      {agoText(atMs, nowMs)}
    </time>
  )
}
