// What browsers are told without asking: events of jobs, nodes, agents, the bus and their own session, to whom they concern. A
// stream that is read slowly gets the latest of each kind instead of all of them; one that is not read at all is ended. HTTP is
// server.ts's. The route GET /api/events is handlers/events.ts.

import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import { CONSOLE_EVENTS_WAITING_MAX, CONSOLE_HEARTBEAT_MS, CONSOLE_STREAMS_MAX } from '#base/limits.ts'
import type { ConsoleEvent } from './api/jobs.ts'
import type { Role } from './api/words.ts'
import { atLeast } from './roles.ts'

/** To whom: one account, or everybody with at least that role. Absent: everybody who is signed in. */
export interface EventAudience {
  readonly account?: string
  readonly role?: Role
}

export interface EventListener {
  readonly account: string
  readonly role: Role
  /** Milliseconds since 1970; the stream ends then. */
  readonly untilMs: number
  /** Asked at every heart-beat: false ends the stream, e.g. because the session was signed out. */
  stillAllowed(): Promise<boolean>
  readonly signal: AbortSignal
  /** How things are, told at once. */
  readonly first?: readonly ConsoleEvent[]
}

export interface ConsoleEvents {
  publish(event: ConsoleEvent, to?: EventAudience): void
  /** Text of a stream of server-sent events. Throws CONSOLE_TOO_MANY when the account has too many streams. */
  stream(listener: EventListener): AsyncIterable<string>
  /** Makes the streams of this account look at once whether they are still allowed, and whoever listens to this. */
  recheck(account: string): void
  /** Hears of every account that may be allowed less than before, or whose session has ended. */
  onRecheck(listener: (account: string) => void): void
  /** How many browsers listen. */
  count(): number
  /** Ends every stream. */
  close(): void
}

interface Stream {
  readonly listener: EventListener
  /** By kind and job: a later event takes the place of an earlier one. */
  readonly waiting: Map<string, ConsoleEvent>
  ended: boolean
  /** true: at the next turn, ask whether it is still allowed. */
  doubted: boolean
  wake(): void
}

const COMMENT = ': \n\n'
/** Tells browsers how long to wait before they connect again, milliseconds. */
const RETRY = 'retry: 2000\n\n'
const SESSION_ENDED: ConsoleEvent = { type: 'session', state: 'ended' }

export function createConsoleEvents({ clock }: { readonly clock: Clock }): ConsoleEvents {
  const streams = new Set<Stream>()
  const recheckers: ((account: string) => void)[] = []
  let closed = false

  return {
    publish(event, to = {}) {
      for (const stream of streams) {
        const { account, role } = stream.listener
        if (to.account !== undefined && to.account !== account) continue
        if (to.role !== undefined && !atLeast(role, to.role)) continue
        stream.waiting.delete(keyOf(event))
        stream.waiting.set(keyOf(event), event)
        if (stream.waiting.size > CONSOLE_EVENTS_WAITING_MAX) end(stream)
        else stream.wake()
      }
    },
    stream(listener) {
      const others = [...streams].filter((stream) => stream.listener.account === listener.account)
      if (others.length >= CONSOLE_STREAMS_MAX) {
        const message = `cannot listen for events: ${listener.account} has ${CONSOLE_STREAMS_MAX} streams open, close other windows`
        throw new TroupeError('CONSOLE_TOO_MANY', message)
      }
      const stream: Stream = { listener, waiting: new Map(), ended: closed, doubted: false, wake() {} }
      streams.add(stream)
      listener.signal.addEventListener('abort', () => end(stream), { once: true })
      if (listener.signal.aborted) end(stream)
      return { [Symbol.asyncIterator]: () => textOf(stream) }
    },
    onRecheck: (listener) => void recheckers.push(listener),
    recheck(account) {
      for (const hear of recheckers) hear(account)
      for (const stream of streams) {
        if (stream.listener.account !== account) continue
        stream.doubted = true
        stream.wake()
      }
    },
    count: () => streams.size,
    close() {
      closed = true
      for (const stream of [...streams]) end(stream)
    },
  }

  /** Here and not only in textOf, which does nothing at all when it is given up before it was begun. */
  function end(stream: Stream): void {
    stream.ended = true
    streams.delete(stream)
    stream.wake()
  }

  async function* textOf(stream: Stream): AsyncGenerator<string, void, void> {
    const { listener, waiting } = stream
    try {
      yield RETRY + (listener.first ?? []).map(lines).join('')
      while (!stream.ended) {
        const beat = waiting.size === 0 && !stream.doubted && (await somethingOrBeat(stream))
        if (stream.ended) return
        if (beat || stream.doubted) {
          stream.doubted = false
          if (clock.now() >= listener.untilMs || !(await listener.stillAllowed())) {
            yield lines(SESSION_ENDED)
            return
          }
        }
        if (beat) yield COMMENT
        const events = [...waiting.values()]
        waiting.clear()
        for (const event of events) yield lines(event)
      }
    } finally {
      end(stream)
    }
  }

  /** true: nothing came until the next heart-beat. */
  function somethingOrBeat(stream: Stream): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = clock.after(CONSOLE_HEARTBEAT_MS, () => {
        stream.wake = () => {}
        resolve(true)
      })
      stream.wake = () => {
        cancel()
        stream.wake = () => {}
        resolve(false)
      }
    })
  }
}

function keyOf(event: ConsoleEvent): string {
  if (event.type === 'job') return `job ${event.job.id}`
  return event.type === 'preview' ? `preview ${event.id}` : event.type
}

function lines(event: ConsoleEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
