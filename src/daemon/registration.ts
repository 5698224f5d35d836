// Tells the keepers of the roster about this node: at connecting, every interval, when agents, classes or facts have changed, and
// once more when it leaves. The first one waits a random moment, so that a fleet that comes back together does not
// speak together. [wire 7.4, agents 16]

import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import { newRequestId } from '#base/id.ts'
import { REGISTRATION_FACTS_BYTES_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import type { Registration, Request, Value, Values } from '#message/request.ts'
import { isVolatileFact } from '#rpc/roster/volatile-facts.ts'

export interface RegistrationOptions {
  readonly identity: string
  /** Collective to send to. */
  readonly collective: string
  /** 0: never registers. */
  readonly intervalSeconds: number
  /** Delays the first one by a random part of the interval instead of a second or two. */
  readonly splay: boolean
  readonly ttlSeconds: number
  readonly clock: Clock
  readonly log: Log
  /** 0 to 1. */
  readonly random: () => number
  caller(): string
  /** What to say of the node now. */
  content(): {
    agents: readonly string[]
    collectives: readonly string[]
    classes: readonly string[]
    facts: Values
    version: string
  }
  send(request: Request, ttlMs: number): Promise<void>
}

export interface RegistrationSender {
  start(): void
  /** The connection is back: registers again soon. */
  reconnected(): void
  /** Something may have changed: registers again soon if it did. */
  changed(): void
  /** Says that the node leaves. Waits no longer than a second. */
  stop(): Promise<void>
}

const SPREAD_MS = 2000
const RECONNECT_SPREAD_MS = 5000
/** How often facts and classes are looked at between registrations. */
const LOOK_EVERY_MS = 60_000
const LEAVE_WITHIN_MS = 1000

export function createRegistration(options: RegistrationOptions): RegistrationSender {
  const { clock, log, intervalSeconds } = options
  let cancelTimer = (): void => {}
  let dueAtMs = 0
  let lastSaid: string | undefined
  let running = false

  const schedule = (): void => {
    cancelTimer()
    if (!running) return
    const waitMs = Math.max(0, Math.min(dueAtMs - clock.monotonic(), LOOK_EVERY_MS))
    cancelTimer = clock.after(waitMs, look)
  }

  const soon = (spreadMs: number): void => {
    if (!running) return
    dueAtMs = Math.min(dueAtMs, clock.monotonic() + options.random() * spreadMs)
    schedule()
  }

  const look = (): void => {
    try {
      const registration = describe(options, false)
      const said = JSON.stringify(registration)
      if (clock.monotonic() >= dueAtMs || said !== lastSaid) {
        lastSaid = said
        dueAtMs = clock.monotonic() + intervalSeconds * 1000
        publish(registration).catch((error: unknown) => log.debug(`registration was not sent: ${messageOf(error)}`))
      }
    } catch (error) {
      log.error(`cannot make a registration: ${messageOf(error)}`)
      dueAtMs = clock.monotonic() + intervalSeconds * 1000
    }
    schedule()
  }

  const publish = (registration: Registration): Promise<void> => {
    // A registration that waited longer than an interval is behind the next one.
    const ttlSeconds = Math.max(1, Math.min(options.ttlSeconds, intervalSeconds))
    const request: Request = {
      id: newRequestId(),
      agent: 'registration',
      collective: options.collective,
      sender: options.identity,
      caller: options.caller(),
      filter: { facts: [], classes: [], agents: ['registration'], identities: [], compounds: [] },
      sentAtMs: Math.floor(clock.now()),
      ttlSeconds,
      replyTo: null,
      body: { kind: 'registration', registration },
    }
    return options.send(request, ttlSeconds * 1000)
  }

  return {
    start() {
      if (intervalSeconds === 0) return
      running = true
      dueAtMs = Number.POSITIVE_INFINITY
      soon(options.splay ? intervalSeconds * 1000 : SPREAD_MS)
      lastSaid = JSON.stringify(describe(options, false))
    },
    reconnected: () => soon(RECONNECT_SPREAD_MS),
    changed() {
      if (running && JSON.stringify(describe(options, false)) !== lastSaid) soon(SPREAD_MS)
    },
    async stop() {
      if (!running) return
      running = false
      cancelTimer()
      const cancelWait: (() => void)[] = []
      const enough = new Promise<void>((resolve) => cancelWait.push(clock.after(LEAVE_WITHIN_MS, resolve)))
      const said = publish(describe(options, true)).catch((error: unknown) => {
        log.debug(`could not say that this node leaves: ${messageOf(error)}`)
      })
      await Promise.race([said, enough])
      for (const cancel of cancelWait) cancel()
    },
  }
}

function describe(options: RegistrationOptions, leaving: boolean): Registration {
  const { agents, collectives, classes, facts, version } = options.content()
  return {
    agents,
    collectives,
    classes: leaving ? [] : classes,
    facts: leaving ? null : lastingFacts(facts),
    version,
    intervalSeconds: options.intervalSeconds,
    leaving,
  }
}

/** What does not change by itself; null when it is more than a registration should carry. */
function lastingFacts(facts: Values): Values | null {
  const lasting: Record<string, Value> = Object.create(null)
  for (const [name, value] of Object.entries(facts)) if (!isVolatileFact(name)) lasting[name] = value
  return Buffer.byteLength(JSON.stringify(lasting)) <= REGISTRATION_FACTS_BYTES_MAX ? lasting : null
}
