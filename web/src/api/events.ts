// Listens to the console's events, keeps the connection alive with back-off, and marks what has become stale in the cache. A page in the
// background lets go of the stream, because a browser allows only six connections to one server over all its tabs.

import type { ConsoleEvent, Job } from '#console/api/jobs.ts'
import type { Session } from '#console/api/session.ts'
import { call, rememberCsrfToken } from './client.ts'
import { currentConnection, setConnection } from './connection.ts'
import { setPreviewProgress } from './preview-progress.ts'
import { jobQuery } from './queries.ts'
import { queryClient } from './query-client.ts'

const TYPES: readonly ConsoleEvent['type'][] = ['job', 'nodes', 'agents', 'bus', 'session', 'preview']
const BACK_OFF_MS = { first: 1_000, max: 30_000 }
const HIDDEN_GRACE_MS = 20_000
/** How soon after an event the lists are asked again: many events come at once. */
const SETTLE_MS = { groups: 250, lists: 1_000 }

/** Starts listening; returns how to stop. */
export function startEvents(): () => void {
  let source: EventSource | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let hide: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let missed = false
  let stopped = false

  const open = (): void => {
    clearTimeout(retry)
    source?.close()
    const stream = new EventSource('/api/events')
    source = stream
    stream.onopen = () => {
      failures = 0
      setConnection({ stream: 'open' })
      if (missed) void queryClient.invalidateQueries()
      missed = false
    }
    stream.onerror = () => {
      missed = true
      stream.close()
      if (stopped || source !== stream) return
      if (failures > 0) setConnection({ stream: 'lost' })
      const waitMs = Math.min(BACK_OFF_MS.first * 2 ** failures, BACK_OFF_MS.max) * (0.7 + Math.random() * 0.6)
      failures++
      retry = setTimeout(() => void askWhy(), waitMs)
    }
    for (const type of TYPES) stream.addEventListener(type, (message) => receive(message.data))
  }

  /** An EventSource does not say why it failed: ask in words. */
  const askWhy = async (): Promise<void> => {
    const session = await call('GET /api/session').then(rememberCsrfToken, () => undefined)
    if (stopped) return
    if (session !== undefined && session.account === undefined) setConnection({ signedOut: true, stream: 'lost' })
    else open()
  }

  const onVisibility = (): void => {
    clearTimeout(hide)
    if (document.visibilityState === 'hidden') {
      hide = setTimeout(() => {
        missed = true
        clearTimeout(retry)
        source?.close()
        source = undefined
      }, HIDDEN_GRACE_MS)
    } else if (source === undefined) open()
  }

  document.addEventListener('visibilitychange', onVisibility)
  open()
  return () => {
    stopped = true
    clearTimeout(retry)
    clearTimeout(hide)
    document.removeEventListener('visibilitychange', onVisibility)
    source?.close()
  }
}

function receive(text: string): void {
  let event: ConsoleEvent
  try {
    event = JSON.parse(text) as ConsoleEvent
  } catch {
    return
  }
  apply(event)
}

function apply(event: ConsoleEvent): void {
  switch (event.type) {
    case 'job':
      applyJob(event.job)
      break
    case 'nodes':
      soon(['nodes', 'list'], SETTLE_MS.lists)
      soon(['nodes', 'match'], SETTLE_MS.lists)
      soon(['overview'], SETTLE_MS.lists)
      break
    case 'agents':
      soon(['agents'], SETTLE_MS.lists)
      break
    case 'bus':
      // The first event of a stream says so as well: then there is nothing new.
      if (event.connected && currentConnection().busProblem !== undefined) soon(['nodes', 'list'], 0)
      setConnection({ busProblem: event.connected ? undefined : (event.problem ?? 'The bus cannot be reached.') })
      break
    case 'preview':
      setPreviewProgress(event)
      break
    case 'session':
      if (event.state === 'ended') setConnection({ signedOut: true })
      else {
        void refreshSession()
        // What administrators change is told the same way.
        soon(['settings'], 0)
      }
      break
  }
}

function applyJob(job: Job): void {
  const { queryKey } = jobQuery(job.id)
  const known = queryClient.getQueryData(queryKey)
  // What cannot be written down has no revision, but is told.
  const isNews = known === undefined || job.revision > known.revision || job.problem !== known.problem
  if (!isNews || (known !== undefined && job.revision < known.revision)) return
  queryClient.setQueryData(queryKey, job)
  soon(['jobs', 'groups', job.id], SETTLE_MS.groups)
  soon(['jobs', 'results', job.id], SETTLE_MS.lists)
  soon(['jobs', 'list'], SETTLE_MS.lists)
  if (job.state === 'running') return
  soon(['overview'], SETTLE_MS.lists)
  if (job.kind === 'inspect' || job.kind === 'clone' || job.kind === 'undo') soon(['resources'], SETTLE_MS.groups)
  else soon(['puppet'], SETTLE_MS.lists)
}

const waiting = new Map<string, ReturnType<typeof setTimeout>>()

/** Asks again once the events have settled, and never while the last question is still open: else a fast job would never get an answer. */
function soon(queryKey: readonly unknown[], afterMs: number): void {
  const key = JSON.stringify(queryKey)
  if (waiting.has(key)) return
  waiting.set(
    key,
    setTimeout(() => {
      waiting.delete(key)
      if (queryClient.isFetching({ queryKey }) > 0) soon(queryKey, afterMs || 100)
      else void queryClient.invalidateQueries({ queryKey })
    }, afterMs),
  )
}

async function refreshSession(): Promise<void> {
  const session: Session | undefined = await call('GET /api/session').then(rememberCsrfToken, () => undefined)
  if (session?.account !== undefined) queryClient.setQueryData(['session'], session)
}
