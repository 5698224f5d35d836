// One connection: reads frames, keeps to its limits, writes without ever waiting for it. What a frame does is in handlers/.
// There may be thousands: no timer, listener or container of its own until it is needed. [STOMP-1.2]

import type { Duplex } from 'node:stream'
import { type ErrorCode, isTroupeError, messageOf, TroupeError } from '#base/errors.ts'
import { BROKER_TICK_MS } from '#base/limits.ts'
import { headerOf, type StompFrame, type StompVersion } from '#wire/stomp/frame.ts'
import { StompParser } from '#wire/stomp/parse.ts'
import { serializeFrame } from '#wire/stomp/serialize.ts'
import type { KnownAccount } from './accounts.ts'
import { connect } from './handlers/connect.ts'
import { disconnect } from './handlers/disconnect.ts'
import { send } from './handlers/send.ts'
import { subscribe } from './handlers/subscribe.ts'
import { unsubscribe } from './handlers/unsubscribe.ts'
import { unsupported } from './handlers/unsupported.ts'
import type { Hub } from './hub.ts'
import type { Message } from './message.ts'
import type { Queue } from './queue.ts'
import type { Subscription } from './subscription.ts'

const HEARTBEAT = Buffer.from('\n')
const NO_SUBSCRIPTIONS: Subscription[] = []
/**
 * Refusals after which the connection goes on, as with ActiveMQ: nothing but this one frame was wrong. A bad destination is
 * one: nodes answer to where a request says, and one request must not cost all of them their connections.
 */
const NOT_FATAL = new Set<ErrorCode>([
  'BROKER_BAD_DESTINATION',
  'BROKER_NOT_PERMITTED',
  'BROKER_QUEUE_FULL',
  'BROKER_LIMIT',
])
/** Frames up to this size together are copied into one write; a larger one is written by itself. */
const GATHERED_BYTES_MAX = 16 * 1024
/** How long a connection that was told goodbye may take to leave. */
const CLOSING_TICKS = 5

export class Session {
  readonly hub: Hub
  readonly socket: Duplex
  readonly parser: StompParser
  /** Common name of the verified client certificate. */
  readonly certificateName: string | undefined
  readonly from: string
  known: KnownAccount | undefined
  subscriptions = NO_SUBSCRIPTIONS
  /** Bytes of this sender's messages that wait in queues. */
  storedBytes = 0
  /** Heart-beat intervals agreed on, 0 = none. */
  sendEveryMs = 0
  receiveEveryMs = 0
  pause: { readonly queue: Queue; readonly untilMs: number } | undefined
  #receivedAtMs: number
  #sentAtMs: number
  #openedAtMs: number
  /** Frames handed over and not yet given to the socket. */
  #out: Buffer[] | undefined
  #outBytes = 0
  /** The hub has been told to flush: soon, or by and by. */
  #flush: 'no' | 'late' | 'soon' = 'no'
  #closing = 0
  #written = 0
  #flushedAtTick = 0
  #stalledSinceMs = -1
  #frameSinceMs = -1

  constructor(hub: Hub, socket: Duplex, from: string, openedAtMs: number, certificateName: string | undefined) {
    this.hub = hub
    this.socket = socket
    this.from = from
    this.certificateName = certificateName
    this.parser = new StompParser(hub.loginParserLimits)
    this.#openedAtMs = openedAtMs
    this.#receivedAtMs = this.#sentAtMs = hub.nowMs
  }

  get version(): StompVersion {
    return this.parser.version
  }

  get closing(): boolean {
    return this.#closing > 0
  }

  receive(chunk: Buffer): void {
    if (this.#closing > 0) return
    this.hub.counters.bytesIn += chunk.length
    this.#receivedAtMs = this.hub.nowMs
    this.#guarded(undefined, () => this.parser.push(chunk))
    this.#readFrames()
  }

  loggedIn(known: KnownAccount): void {
    this.known = known
    this.parser.limits = this.hub.parserLimits
    this.hub.waiting.leave(this.from)
    this.hub.counters.sessions++
  }

  /** Stops reading until the queue has drained or the time has come. */
  pauseReading(queue: Queue, untilMs: number): void {
    this.pause = { queue, untilMs }
    this.socket.pause()
  }

  resumeReading(): void {
    this.pause = undefined
    this.#receivedAtMs = this.hub.nowMs
    this.#readFrames()
    if (!this.pause) this.socket.resume()
  }

  /** Sends a frame of the broker's own. `late`: it need not leave before something else does. */
  sendFrame(command: string, headers: readonly string[], late = false): void {
    if (this.#isTooFarBehind()) return
    this.hub.counters.framesOut++
    this.#write(serializeFrame({ command, headers }, this.version), late)
  }

  /** Sends a message, unless the connection is too slow for it, which ends the connection. */
  deliver(subscription: Subscription, message: Message): void {
    if (this.#closing > 0) {
      this.hub.counters.dropped++
      return
    }
    if (this.#isTooFarBehind()) {
      this.hub.counters.dropped++
      return
    }
    this.hub.counters.framesOut++
    for (const piece of message.frames(subscription.id, this.version === '1.0')) this.#write(piece)
  }

  /** Whether queues may give it more. */
  keepsUp(): boolean {
    if (this.#closing > 0 || this.socket.destroyed) return false
    // Only a stream that needs to drain will tell when it has.
    return !this.socket.writableNeedDrain || this.#waitingBytes() < this.hub.limits.windowBytes
  }

  flush(): void {
    this.#flush = 'no'
    this.#hand()
  }

  /** What could wait has waited long enough. */
  flushLate(): void {
    if (this.#flush !== 'late') return
    this.#flush = 'soon'
    this.hub.flushSoon(this)
  }

  /** Takes a subscription away: another connection with the right token has taken its queue over. */
  loseSubscription(subscription: Subscription): void {
    this.subscriptions = this.subscriptions.filter((s) => s !== subscription)
  }

  /** Says goodbye after what is pending; nothing more is read. */
  end(): void {
    if (this.#closing > 0) return
    this.#closing = 1
    this.#unsubscribeAll()
    this.flush()
    this.socket.end()
  }

  /** An ERROR frame; ends the connection unless only this frame was wrong. */
  refuse(error: TroupeError, frame: StompFrame | undefined): void {
    const headers = ['message', error.message, 'error-code', error.code]
    const receipt = frame && headerOf(frame, 'receipt')
    if (receipt !== undefined) headers.push('receipt-id', receipt)
    if (!this.known) headers.push('version', '1.0,1.1,1.2')
    this.hub.logRefusal({ code: error.code, reason: error.message, ...this.facts(frame) })
    // 1.0 and the time before login know no escapes: only a header that is one line may be repeated there.
    this.sendFrame('ERROR', this.version === '1.0' ? headers.map((h) => h.replace(/[\r\n]/g, ' ')) : headers)
    if (!NOT_FATAL.has(error.code)) this.end()
  }

  /** One call a second from the hub. */
  tick(nowMs: number): void {
    const { limits, counters } = this.hub
    if (this.socket.destroyed) return
    if (this.#closing > 0) {
      if (++this.#closing > CLOSING_TICKS) this.socket.destroy()
      return
    }
    if (!this.known) {
      if (nowMs - this.#openedAtMs < limits.loginMs) return
      counters.loginTimeouts++
      this.refuse(new TroupeError('BROKER_PROTOCOL', `no CONNECT within ${limits.loginMs} ms`), undefined)
      return
    }
    const silentMs = nowMs - this.#receivedAtMs
    // Twice the promised interval: networks and busy nodes delay, and a tick is coarse.
    if (this.receiveEveryMs > 0 && !this.pause && silentMs > 2 * this.receiveEveryMs + BROKER_TICK_MS) {
      counters.heartbeatTimeouts++
      this.hub.log.info('closed a connection that sent no heart-beat', { silentMs, ...this.facts() })
      this.socket.destroy()
      return
    }
    if (this.sendEveryMs > 0 && nowMs - this.#sentAtMs + BROKER_TICK_MS > this.sendEveryMs) this.#write(HEARTBEAT)
    this.#watchProgress(nowMs)
  }

  /** The socket has closed. */
  closed(): void {
    this.#closing = 1
    if (this.known) this.hub.counters.sessions--
    this.#unsubscribeAll()
    this.hub.forget(this)
  }

  /** For log lines. */
  facts(frame?: StompFrame): Record<string, unknown> {
    return {
      from: this.from,
      login: this.known?.account.name,
      certificate: this.certificateName,
      frame: frame?.command,
    }
  }

  #readFrames(): void {
    while (this.#closing === 0 && !this.pause && !this.socket.destroyed) {
      const frame = this.#guarded(undefined, () => this.parser.next())
      if (!frame) break
      this.hub.counters.framesIn++
      this.#frameSinceMs = -1
      this.#guarded(frame, () => this.#handle(frame))
    }
    if (this.parser.pendingBytes === 0) this.#frameSinceMs = -1
    else if (this.#frameSinceMs === -1) this.#frameSinceMs = this.hub.nowMs
  }

  #handle(frame: StompFrame): void {
    const { command } = frame
    if (!this.known && command !== 'CONNECT' && command !== 'STOMP') {
      throw new TroupeError('BROKER_PROTOCOL', `the first frame is ${command}; it should be CONNECT`)
    }
    switch (command) {
      case 'SEND':
        send(this, frame)
        break
      case 'SUBSCRIBE':
        subscribe(this, frame)
        break
      case 'UNSUBSCRIBE':
        unsubscribe(this, frame)
        break
      case 'CONNECT':
      case 'STOMP':
        connect(this, frame)
        break
      case 'DISCONNECT':
        disconnect(this)
        break
      default:
        unsupported(frame)
    }
    const receipt = headerOf(frame, 'receipt')
    if (receipt !== undefined && this.#closing === 0 && command !== 'CONNECT' && command !== 'STOMP') {
      this.sendFrame('RECEIPT', ['receipt-id', receipt], headerOf(frame, 'receipt-late') === 'true')
    }
    if (command === 'DISCONNECT') this.end()
  }

  /** Every error of ours becomes an ERROR frame; any other is a bug that must not cost the other connections. */
  #guarded<T>(frame: StompFrame | undefined, step: () => T): T | undefined {
    try {
      return step()
    } catch (error) {
      if (isTroupeError(error)) {
        if (error.code.startsWith('WIRE_')) this.hub.counters.malformed++
        if (error.code === 'BROKER_NOT_PERMITTED') this.hub.counters.notPermitted++
        this.refuse(error, frame)
      } else {
        this.hub.log.error('cannot handle a frame', { error: messageOf(error), ...this.facts(frame) })
        this.socket.destroy()
      }
      return undefined
    }
  }

  #write(bytes: Buffer, late = false): void {
    if (this.socket.destroyed || this.socket.writableEnded) return
    if (late) {
      if (this.#flush === 'no') {
        this.#flush = 'late'
        this.hub.flushLate(this)
      }
    } else if (this.#flush !== 'soon') {
      this.#flush = 'soon'
      this.hub.flushSoon(this)
    }
    this.#written += bytes.length
    this.hub.counters.bytesOut += bytes.length
    this.#sentAtMs = this.hub.nowMs
    if (bytes.length > GATHERED_BYTES_MAX) this.#hand()
    if (this.#out) this.#out.push(bytes)
    else this.#out = [bytes]
    this.#outBytes += bytes.length
    if (this.#outBytes > GATHERED_BYTES_MAX) this.#hand()
  }

  /** Gives the socket what has gathered, in one piece: every write of its own costs a TLS record and a system call. */
  #hand(): void {
    const pieces = this.#out
    if (!pieces) return
    const bytes = this.#outBytes
    this.#out = undefined
    this.#outBytes = 0
    if (this.socket.destroyed || this.socket.writableEnded) return
    this.socket.write(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, bytes))
  }

  #waitingBytes(): number {
    return this.socket.writableLength + this.#outBytes
  }

  /** Ends connections that take nothing of what waits for them, and frames that never come to an end. */
  #watchProgress(nowMs: number): void {
    const waiting = this.#waitingBytes()
    const flushed = this.#written - waiting
    if (waiting === 0 || flushed !== this.#flushedAtTick) this.#stalledSinceMs = -1
    else if (this.#stalledSinceMs === -1) this.#stalledSinceMs = nowMs
    else if (nowMs - this.#stalledSinceMs >= this.hub.limits.stallMs) {
      this.#dropSlow(`it took nothing for ${nowMs - this.#stalledSinceMs} ms`)
      return
    }
    this.#flushedAtTick = flushed
    if (this.#frameSinceMs !== -1 && nowMs - this.#frameSinceMs > this.hub.limits.frameMs) {
      const { frameMs } = this.hub.limits
      this.refuse(new TroupeError('BROKER_PROTOCOL', `a frame did not come to its end within ${frameMs} ms`), undefined)
    }
  }

  /** True when so much waits for it that it had to be disconnected, now or before. */
  #isTooFarBehind(): boolean {
    if (this.socket.destroyed) return true
    const waiting = this.#waitingBytes()
    if (waiting <= this.hub.limits.outgoingBytesMax) return false
    this.#dropSlow(`${waiting} bytes wait for it`)
    return true
  }

  #dropSlow(reason: string): void {
    this.hub.counters.slowConsumers++
    this.hub.log.warn('disconnected a slow consumer', { reason, ...this.facts() })
    this.socket.destroy()
  }

  #unsubscribeAll(): void {
    const { subscriptions } = this
    this.subscriptions = NO_SUBSCRIPTIONS
    for (const subscription of subscriptions) this.hub.unsubscribe(subscription)
  }
}
