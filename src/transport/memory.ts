// A bus inside one process: the connector contract without sockets, for tests of the daemon and the client. Deliveries are
// always asynchronous. It can break and restore connections, drop deliveries and delay them. Time comes from a Clock, so
// that ttls and delays can be tested without waiting. The real bus is stomp/. [wire 1]

import { type Clock, systemClock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import { type Log, silentLog } from '#base/log.ts'
import type { Connector, Delivery, PublishOptions, Source, Target } from './connector.ts'
import { createDestinations } from './stomp/destinations.ts'

export interface MemoryBusOptions {
  readonly clock?: Clock
  /** Receives what a delivery's receiver throws. */
  readonly log?: Log
}

export interface MemoryBus {
  /** A connector of this bus, e.g. `bus.connector({ identity: 'node1.example.com', pid: 1 })`. */
  connector(own: { readonly identity: string; readonly pid?: number }): Connector
  /** Breaks the connections of this identity, or all: broadcasts pass them by, publishing waits for `restore`. */
  break(identity?: string): void
  /** Undoes `break`: of this identity, or all. */
  restore(identity?: string): void
  /** From now on a delivery for which `decide` is true is lost; returns what undoes it. */
  drop(
    decide: (to: { readonly identity: string; readonly target: Target; readonly bytes: Uint8Array }) => boolean,
  ): () => void
  /** From now on deliveries take this long, milliseconds; 0: the next microtask. */
  delay(ms: number): void
  /** Everything published so far, in order. */
  readonly published: readonly { readonly from: string; readonly target: Target; readonly bytes: Uint8Array }[]
}

interface Subscriber {
  readonly key: string
  readonly onDelivery: (delivery: Delivery) => void
}

interface Member {
  readonly identity: string
  /** Connected and not broken: receives, and publishes at once. */
  up: boolean
  readonly subscribers: Set<Subscriber>
  onRestore: () => void
  onBreak: () => void
}

interface Waiting {
  readonly target: Target
  readonly delivery: Delivery
  readonly untilMs: number
}

export function createMemoryBus(options: MemoryBusOptions = {}): MemoryBus {
  const clock = options.clock ?? systemClock
  const log = options.log ?? silentLog
  const members = new Set<Member>()
  const broken = new Set<string>()
  const drops = new Set<Parameters<MemoryBus['drop']>[0]>()
  const published: { from: string; target: Target; bytes: Uint8Array }[] = []
  /** Directed messages nobody was there to take. */
  const waiting = new Map<string, Waiting[]>()
  let allBroken = false
  let delayMs = 0
  let pids = 0

  const isBroken = (identity: string): boolean => allBroken || broken.has(identity)

  const hand = (member: Member, subscriber: Subscriber, { target, delivery, untilMs }: Waiting): void => {
    for (const decide of drops) if (decide({ identity: member.identity, target, bytes: delivery.bytes })) return
    const arrive = (): void => {
      if (!member.up || !member.subscribers.has(subscriber)) {
        if (target.kind === 'directed') keep({ target, delivery, untilMs })
        return
      }
      try {
        subscriber.onDelivery(delivery)
      } catch (error) {
        log.error(`a receiver of ${subscriber.key} failed: ${messageOf(error)}`)
      }
    }
    if (delayMs > 0) clock.after(delayMs, arrive)
    else queueMicrotask(arrive)
  }

  const keep = (message: Waiting): void => {
    const key = keyOf(message.target)
    const list = waiting.get(key)
    if (list) list.push(message)
    else waiting.set(key, [message])
  }

  const route = (target: Target, bytes: Uint8Array, ttlMs: number): void => {
    const key = keyOf(target)
    const message: Waiting = { target, delivery: { bytes }, untilMs: clock.monotonic() + ttlMs }
    let taken = false
    for (const member of members) {
      if (!member.up) continue
      const subscriber = oldest(member, key)
      if (!subscriber) continue
      taken = true
      hand(member, subscriber, message)
      if (target.kind !== 'broadcast') return
    }
    if (!taken && target.kind === 'directed') keep(message)
  }

  const takeWaiting = (member: Member, subscriber: Subscriber): void => {
    const list = waiting.get(subscriber.key)
    if (!list) return
    waiting.delete(subscriber.key)
    for (const message of list) if (message.untilMs > clock.monotonic()) hand(member, subscriber, message)
  }

  return {
    published,
    connector({ identity, pid = ++pids }) {
      return createMember(identity, pid)
    },
    break(identity) {
      if (identity === undefined) allBroken = true
      else broken.add(identity)
      for (const member of members) if (isBroken(member.identity)) member.onBreak()
    },
    restore(identity) {
      if (identity === undefined) {
        allBroken = false
        broken.clear()
      } else broken.delete(identity)
      for (const member of members) if (!isBroken(member.identity)) member.onRestore()
    },
    drop(decide) {
      drops.add(decide)
      return () => drops.delete(decide)
    },
    delay(ms) {
      delayMs = ms
    },
  }

  function createMember(identity: string, pid: number): Connector {
    const names = createDestinations({ style: 'activemq', identity, pid })
    /** Publishes that wait for the connection. */
    const outbox = new Set<{ send: () => void; fail: (error: TroupeError) => void }>()
    let state: 'new' | 'started' | 'closed' = 'new'
    let settleConnect: ((error?: TroupeError) => void) | undefined
    let connecting: Promise<void> | undefined

    const member: Member = {
      identity,
      up: false,
      subscribers: new Set(),
      onRestore() {
        if (state !== 'started' || member.up) return
        member.up = true
        settleConnect?.()
        for (const subscriber of member.subscribers) {
          if (oldest(member, subscriber.key) === subscriber) takeWaiting(member, subscriber)
        }
        for (const publish of [...outbox]) publish.send()
        connector.onStatus?.({ state: 'connected', to: 'memory' })
      },
      onBreak() {
        if (!member.up) return
        member.up = false
        connector.onStatus?.({ state: 'disconnected', reason: 'the bus was broken', retryMs: 0 })
      },
    }

    const close = (error: TroupeError): void => {
      state = 'closed'
      member.up = false
      members.delete(member)
      member.subscribers.clear()
      for (const publish of [...outbox]) publish.fail(error)
      settleConnect?.(error)
    }

    const connector: Connector = {
      connect(signal) {
        if (state === 'closed') return Promise.reject(closedError('connect'))
        if (connecting) return connecting
        state = 'started'
        members.add(member)
        connecting = new Promise((resolve, reject) => {
          const onAbort = (): void =>
            close(new TroupeError('TRANSPORT_UNREACHABLE', `cannot connect ${identity} to the memory bus: given up`))
          settleConnect = (error) => {
            signal?.removeEventListener('abort', onAbort)
            settleConnect = undefined
            if (error) reject(error)
            else resolve()
          }
          signal?.addEventListener('abort', onAbort)
          if (signal?.aborted) onAbort()
          else {
            connector.onStatus?.({ state: 'connecting', to: 'memory', attempt: 1 })
            if (!isBroken(identity)) member.onRestore()
          }
        })
        return connecting
      },
      subscribe(source, onDelivery) {
        names.source(source)
        const subscriber: Subscriber = { key: keyOf(source), onDelivery }
        member.subscribers.add(subscriber)
        if (member.up) takeWaiting(member, subscriber)
        return { unsubscribe: () => void member.subscribers.delete(subscriber) }
      },
      publish(target, bytes, { ttlMs, replyTo }: PublishOptions) {
        if (state === 'closed') return Promise.reject(closedError('publish'))
        return new Promise((resolve, reject) => {
          names.sendHeaders(target, { nowMs: clock.now(), ttlMs }, replyTo)
          const startMs = clock.monotonic()
          const send = (): void => {
            done()
            published.push({ from: identity, target, bytes })
            route(target, bytes, ttlMs - (clock.monotonic() - startMs))
            resolve()
          }
          const fail = (error: TroupeError): void => {
            done()
            reject(error)
          }
          const publish = { send, fail }
          const cancel = clock.after(ttlMs, () =>
            fail(
              new TroupeError('TRANSPORT_EXPIRED', `cannot publish to ${keyOf(target)}: no connection for ${ttlMs} ms`),
            ),
          )
          outbox.add(publish)
          if (member.up) send()
          function done(): void {
            if (outbox.delete(publish)) cancel()
          }
        })
      },
      replyAddress: (collective) => names.replyAddress(collective),
      async disconnect() {
        if (state !== 'closed') close(closedError('publish'))
      },
    }
    return connector
  }
}

/** One address has one subscription on a connection; its oldest receiver gets what arrives. */
function oldest(member: Member, key: string): Subscriber | undefined {
  for (const subscriber of member.subscribers) if (subscriber.key === key) return subscriber
  return undefined
}

function keyOf(address: Source): string {
  switch (address.kind) {
    case 'broadcast':
      return `broadcast ${address.collective}.${address.agent}`
    case 'directed':
      return `directed ${address.collective}.${address.identity}`
    case 'reply':
      return `reply ${address.address}`
  }
}

function closedError(what: string): TroupeError {
  return new TroupeError('TRANSPORT_CLOSED', `cannot ${what}: the connector has been disconnected`)
}
