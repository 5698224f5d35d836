// The embedded STOMP broker: starts listening, lets connections in, drains and stops. It routes frames and knows nothing of
// what is inside them, nor of collectives: roles.ts has their names as values to hand in. [wire 1]

import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Clock, systemClock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import { BROKER_TICK_MS } from '#base/limits.ts'
import { createLogin } from './accounts.ts'
import type { Counters } from './counters.ts'
import { Hub } from './hub.ts'
import { createListener, listen } from './listener.ts'
import { BROKER_LIMITS, type BrokerOptions } from './options.ts'
import { Session } from './session.ts'

export interface Broker {
  /** Resolves when it listens. Throws BROKER_CANNOT_LISTEN and, for what it was given, BROKER_CONFIG_INVALID. */
  start(): Promise<void>
  /** Where it listens, e.g. `{ host: '127.0.0.1', port: 61613 }`. Throws BROKER_CANNOT_LISTEN before `start`. */
  address(): { readonly host: string; readonly port: number }
  /** Takes no more connections, sends what is pending and a goodbye, and closes; resolves within about `drainMs`. Idempotent. */
  stop(options: { readonly drainMs: number }): Promise<void>
  stats(): Readonly<Counters>
  /** A connection that needs no listening socket, e.g. one end of a `duplexPair()`. `from` is unique, for the log. */
  accept(socket: Duplex, from: string, certificateName?: string): void
}

const SESSION = Symbol('session')
const FROM = Symbol('from')
type SessionSocket = Duplex & { [SESSION]?: Session; [FROM]?: string }

// One function each for all sockets: a closure per socket would be the largest part of what an idle connection costs.
function onData(this: SessionSocket, chunk: Buffer): void {
  this[SESSION]?.receive(chunk)
}
function onDrain(this: SessionSocket): void {
  const session = this[SESSION]
  session?.hub.serve(session)
}
function onClose(this: SessionSocket): void {
  this[SESSION]?.closed()
}
function onError(): void {
  // A reset connection closes as well: 'close' does all there is to do.
}

export function createBroker(options: BrokerOptions): Broker {
  const clock: Clock = options.clock ?? systemClock
  const limits = { ...BROKER_LIMITS, ...options.limits }
  const hub = new Hub(limits, createLogin(options.accounts, options.anonymous), clock, options.log)
  const { counters } = hub
  let server: Server | undefined
  let address: { host: string; port: number } | undefined
  let cancelTick: (() => void) | undefined
  let stopping = false
  /** Destroyed and not yet closed: they no longer take anybody's place. */
  const leaving = new Set<string>()
  let allGone: (() => void) | undefined

  function forgotten(this: SessionSocket): void {
    counters.connections--
    leaving.delete(this[FROM]!)
    hub.waiting.leave(this[FROM]!)
    if (counters.connections === 0) allGone?.()
  }

  function opened(socket: Duplex, from: string): boolean {
    counters.connectionsTotal++
    counters.connections++
    ;(socket as SessionSocket)[FROM] = from
    socket.on('close', forgotten)
    socket.on('error', onError)
    const open = (): number => counters.connections - leaving.size
    if (!stopping && open() > limits.connectionsMax) dropped(hub.waiting.evictOldest())
    if (stopping || open() > limits.connectionsMax) {
      counters.connectionsRefused++
      socket.destroy()
      return false
    }
    dropped(hub.waiting.enter(from, socket, clock.monotonic()))
    return true
  }

  function dropped(socket: Duplex | undefined): void {
    if (!socket) return
    counters.connectionsRefused++
    leaving.add((socket as SessionSocket)[FROM]!)
    socket.destroy()
  }

  function ready(socket: Duplex, from: string, certificateName: string | undefined): void {
    const sinceMs = hub.waiting.replace(from, socket)
    if (sinceMs === undefined || socket.destroyed) {
      socket.destroy()
      return
    }
    const session = new Session(hub, socket, from, sinceMs, certificateName)
    ;(socket as SessionSocket)[SESSION] = session
    ;(socket as SessionSocket)[FROM] = from
    hub.sessions.add(session)
    socket.on('data', onData)
    socket.on('drain', onDrain)
    socket.on('close', onClose)
    if (socket.listenerCount('error') === 0) socket.on('error', onError)
  }

  function tick(): void {
    cancelTick = clock.after(BROKER_TICK_MS, tick)
    hub.tick()
    // Those still in the TLS handshake; those past it were told, and counted, by their session before this.
    for (const socket of hub.waiting.takeOlder(clock.monotonic() - limits.loginMs - BROKER_TICK_MS)) {
      if (!(socket as SessionSocket)[SESSION]) counters.loginTimeouts++
      socket.destroy()
    }
  }

  async function stop(drainMs: number): Promise<void> {
    stopping = true
    server?.close()
    for (const socket of hub.waiting.takeOlder(Number.POSITIVE_INFINITY)) socket.destroy()
    hub.flush()
    const goodbye = new TroupeError('BROKER_STOPPING', 'the broker is stopping')
    for (const session of [...hub.sessions]) if (session.known && !session.closing) session.refuse(goodbye, undefined)
    hub.flush()
    if (counters.connections > 0 && drainMs > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(drainMs, resolve)
        allGone = () => {
          cancel()
          resolve()
        }
      })
    }
    cancelTick?.()
    for (const session of hub.sessions) session.socket.destroy()
    options.log.info('the broker has stopped', { ...counters })
  }

  let stopped: Promise<void> | undefined
  return {
    async start() {
      server = createListener(options.tls, { opened, ready })
      address = await listen(server, options.listen)
      server.on('error', (error) => options.log.error('cannot accept a connection', { error: error.message }))
      options.log.info('the broker listens', { ...address, tls: options.tls !== undefined })
      tick()
    },
    address() {
      if (!address) throw new TroupeError('BROKER_CANNOT_LISTEN', 'the broker has no address: it has not been started')
      return address
    },
    stop: ({ drainMs }) => (stopped ??= stop(drainMs)),
    stats: () => ({ ...counters }),
    accept(socket, from, certificateName) {
      if (!cancelTick) tick()
      // As net.Socket does: who says no more is told no more.
      socket.once('end', () => socket.end())
      if (opened(socket, from)) ready(socket, from, certificateName)
    },
  }
}
