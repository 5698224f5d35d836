// The connector for STOMP brokers: the embedded one, ActiveMQ, RabbitMQ. Keeps one connection to one member of the pool:
// fails over, backs off, subscribes again, and sends again what was not confirmed. The connection itself is link.ts, what
// waits is outbox.ts and subscriptions.ts, names are destinations.ts. Credentials come in as values. [wire 1.5] [wire 1.6]

import { randomBytes } from 'node:crypto'
import { type Clock, systemClock } from '#base/clock.ts'
import { isTroupeError, messageOf, TroupeError } from '#base/errors.ts'
import {
  DISCONNECT_TIMEOUT_MS,
  PUBLISH_PENDING_BYTES_MAX,
  PUBLISH_PENDING_MAX,
  SUBSCRIBE_RETRY_MS,
} from '#base/limits.ts'
import { type Log, silentLog } from '#base/log.ts'
import { headerOf, type StompFrame, type StompVersion } from '#wire/stomp/frame.ts'
import { type Backoff, type BackoffSettings, createBackoff, DEFAULT_BACKOFF } from '../backoff.ts'
import type {
  Connector,
  ConnectorStatus,
  Delivery,
  PublishOptions,
  Source,
  Subscription,
  Target,
} from '../connector.ts'
import { brokerErrorText } from './broker-error.ts'
import { createDestinations, type DestinationStyle, type Destinations } from './destinations.ts'
import { type Link, nameOf, openLink, type PoolMember } from './link.ts'
import { Outbox } from './outbox.ts'
import { Subscriptions } from './subscriptions.ts'
import { secureContextOf } from './tls.ts'

export interface StompConnectorOptions {
  /** Tried in this order; at least one. */
  readonly pool: readonly PoolMember[]
  readonly identity: string
  readonly pid: number
  /** Names of destinations; `activemq` also for the embedded broker. Default `activemq`. */
  readonly style?: DestinationStyle
  /** Default `mcollective`, for style rabbitmq `/`. */
  readonly vhost?: string
  /** STOMP versions offered. Default 1.2, 1.1, 1.0. */
  readonly versions?: readonly StompVersion[]
  /** Heart-beats both ways; 0: none. Default 30. */
  readonly heartbeatSeconds?: number
  /** The connection is given up after so many missed ones. Default 2. */
  readonly heartbeatsMissedMax?: number
  /** Bound of TCP connect, TLS handshake and login together. Default 30,000. */
  readonly connectTimeoutMs?: number
  readonly backoff?: Partial<BackoffSettings>
  /** Try the pool in random order. Default false. */
  readonly randomize?: boolean
  /** Give up after so many failed attempts in a row; 0: never. Default 0. */
  readonly attemptsMax?: number
  /**
   * The first `connect` rejects when a broker refuses the login or shows a certificate that cannot be trusted, and no other
   * of the pool can be reached: right for a command, wrong for a daemon. Default false.
   */
  readonly giveUpOnRefusal?: boolean
  readonly agentsMultiplex?: boolean
  readonly useReplyExchange?: boolean
  readonly priority?: number
  readonly log?: Log
  readonly clock?: Clock
  /** Like Math.random. */
  readonly random?: () => number
}

/** Throws TRANSPORT_BAD_ADDRESS when the identity cannot be part of a destination. */
export function createStompConnector(options: StompConnectorOptions): Connector {
  return new StompConnector(options)
}

const LEAVE_RECEIPT = 'bye'

class StompConnector implements Connector {
  onStatus?: (status: ConnectorStatus) => void
  onRefused?: (source: Source, error: TroupeError) => void

  readonly #options: StompConnectorOptions
  readonly #log: Log
  readonly #clock: Clock
  readonly #names: Destinations
  readonly #backoff: Backoff
  readonly #outbox: Outbox
  readonly #subscriptions = new Subscriptions()
  /** The pool in the order it is tried; the first is current. */
  readonly #ring: PoolMember[]
  /**
   * By it the embedded broker lets this process have its reply queue back while it still holds the connection that broke.
   */
  readonly #token = randomBytes(16).toString('hex')
  readonly #sessions = new Map<PoolMember, Buffer>()

  #link: Link | undefined
  /** The link has logged in. */
  #up = false
  #attempt = 0
  /**
   * After an ERROR that named no culprit, the next connection sends one thing at a time, so that a second ERROR tells which
   * one the broker will not have; without this one bad message would end every connection until its ttl.
   */
  #cautious = false
  #refusal: TroupeError | undefined
  #lastFailure: TroupeError | undefined
  #cancelRetry: (() => void) | undefined
  #cancelResubscribe: (() => void) | undefined
  #connecting: Promise<void> | undefined
  #settle: ((error?: TroupeError) => void) | undefined
  #closed: TroupeError | undefined
  #leaving: Promise<void> | undefined
  #goodbyeSaid = false
  #onLinkGone: (() => void) | undefined

  constructor(options: StompConnectorOptions) {
    if (options.pool.length === 0) throw new TroupeError('TRANSPORT_UNREACHABLE', 'cannot connect: the pool is empty')
    this.#options = options
    this.#log = options.log ?? silentLog
    this.#clock = options.clock ?? systemClock
    this.#names = createDestinations({ ...options, style: options.style ?? 'activemq' })
    const random = options.random ?? Math.random
    this.#backoff = createBackoff({ ...DEFAULT_BACKOFF, ...options.backoff }, this.#clock, random)
    this.#outbox = new Outbox(this.#clock, { countMax: PUBLISH_PENDING_MAX, bytesMax: PUBLISH_PENDING_BYTES_MAX })
    this.#ring = options.randomize ? shuffled(options.pool, random) : [...options.pool]
  }

  connect(signal?: AbortSignal): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed)
    if (this.#connecting) return this.#connecting
    this.#connecting = new Promise((resolve, reject) => {
      const onAbort = (): void => this.#close(this.#unreachable('given up', this.#refusal))
      this.#settle = (error) => {
        signal?.removeEventListener('abort', onAbort)
        this.#settle = undefined
        if (error) reject(error)
        else resolve()
      }
      signal?.addEventListener('abort', onAbort)
      try {
        for (const member of this.#ring) if (member.tls) secureContextOf(member.tls)
        if (signal?.aborted) onAbort()
        else this.#dial()
      } catch (error) {
        this.#close(error as TroupeError)
      }
    })
    return this.#connecting
  }

  subscribe(source: Source, onDelivery: (delivery: Delivery) => void): Subscription {
    const address = this.#names.source(source)
    const subscription = this.#subscriptions.add(source, address, onDelivery)
    this.#pump()
    return {
      unsubscribe: () => {
        const sent = subscription.state === 'sent' || subscription.state === 'confirmed'
        if (!this.#subscriptions.remove(subscription, onDelivery)) return
        if (this.#up && sent && !address.implicit) {
          this.#link?.send('UNSUBSCRIBE', ['id', subscription.id, 'destination', address.destination])
        }
      },
    }
  }

  async publish(target: Target, bytes: Uint8Array, options: PublishOptions): Promise<void> {
    if (this.#closed) throw this.#closed
    if (this.#leaving) throw closedError()
    const { ttlMs, replyTo } = options
    const headers = this.#names.sendHeaders(target, { nowMs: this.#clock.now(), ttlMs }, replyTo)
    // The embedded broker then sends the receipt when it has nothing better to do; others ignore the header.
    if (options.confirmLate && this.#options.style !== 'rabbitmq') headers.push('receipt-late', 'true')
    const confirmed = this.#outbox.add(headers, bytes, ttlMs)
    this.#pump()
    return confirmed
  }

  replyAddress(collective: string): string {
    return this.#names.replyAddress(collective)
  }

  disconnect(): Promise<void> {
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  #dial(): void {
    const member = this.#ring[0]!
    const to = nameOf(member)
    this.#attempt += 1
    this.onStatus?.({ state: 'connecting', to, attempt: this.#attempt })
    const { style, vhost, versions, heartbeatSeconds, heartbeatsMissedMax, connectTimeoutMs } = this.#options
    this.#link = openLink(
      {
        member,
        vhost: vhost ?? (style === 'rabbitmq' ? '/' : 'mcollective'),
        versions: versions ?? ['1.2', '1.1', '1.0'],
        heartbeatMs: (heartbeatSeconds ?? 30) * 1000,
        heartbeatsMissedMax: heartbeatsMissedMax ?? 2,
        connectTimeoutMs: connectTimeoutMs ?? 30_000,
        log: this.#log,
        clock: this.#clock,
        session: this.#sessions.get(member),
      },
      {
        onConnected: () => this.#onConnected(member, to),
        onFrame: (frame) => this.#onFrame(frame, member),
        onDrain: () => this.#pump(),
        onSession: (session) => this.#sessions.set(member, session),
        onClosed: (error) => this.#onClosed(member, error),
      },
    )
  }

  #onConnected(member: PoolMember, to: string): void {
    this.#up = true
    this.#attempt = 0
    this.#refusal = undefined
    this.#backoff.connected()
    this.#log.info(`connected to ${to}`, { user: member.user })
    this.#settle?.()
    this.#pump()
    this.onStatus?.({ state: 'connected', to })
  }

  /** Sends what may be sent now: subscriptions first, then messages in order. */
  #pump(): void {
    const link = this.#link
    if (!link || !this.#up) return
    while (link.writable) {
      if (this.#cautious && this.#subscriptions.inFlight + this.#outbox.inFlight > 0) return
      const subscription = this.#subscriptions.next()
      if (subscription) {
        const { destination, selector, exclusive } = subscription.address
        const headers = ['id', subscription.id, 'destination', destination, 'receipt', `s${subscription.id}`]
        if (selector !== undefined) headers.push('selector', selector)
        if (exclusive) headers.push('exclusive-token', this.#token)
        link.send('SUBSCRIBE', headers)
        continue
      }
      const message = this.#outbox.next()
      if (!message) {
        this.#cautious = false
        return
      }
      try {
        link.send('SEND', [...message.headers, 'receipt', message.receipt], message.bytes)
      } catch (error) {
        if (!isTroupeError(error)) throw error
        this.#outbox.refuse(message.receipt, error)
      }
    }
  }

  #onFrame(frame: StompFrame, member: PoolMember): void {
    switch (frame.command) {
      case 'MESSAGE':
        this.#onMessage(frame)
        break
      case 'RECEIPT':
        this.#onReceipt(headerOf(frame, 'receipt-id') ?? '')
        break
      case 'ERROR':
        this.#onError(frame, member)
        break
      default:
        this.#link?.destroy(
          new TroupeError(
            'TRANSPORT_PROTOCOL',
            `cannot understand ${nameOf(member)}: unexpected frame ${frame.command}`,
          ),
        )
    }
  }

  #onMessage(frame: StompFrame): void {
    const destination = headerOf(frame, 'destination')
    const receiver = this.#subscriptions.receiverOf(headerOf(frame, 'subscription'), destination)
    // Late answers to a finished request arrive after UNSUBSCRIBE. [wire 11.19]
    if (!receiver) return
    const replyTo = this.#options.style === 'rabbitmq' ? headerOf(frame, 'reply-to') : undefined
    try {
      receiver(replyTo === undefined ? { bytes: frame.body } : { bytes: frame.body, replyTo })
    } catch (error) {
      this.#log.error(`the receiver of ${destination} failed: ${messageOf(error)}`)
    }
  }

  #onReceipt(receipt: string): void {
    if (receipt === LEAVE_RECEIPT) {
      this.#link?.end()
      return
    }
    if (receipt.startsWith('s')) this.#subscriptions.confirm(receipt.slice(1))
    else this.#outbox.confirm(receipt)
    if (this.#cautious) this.#pump()
    if (this.#leaving) this.#sayGoodbye()
  }

  /** An ERROR that names a receipt is about that message or subscription; any other ends the connection. */
  #onError(frame: StompFrame, member: PoolMember): void {
    const text = brokerErrorText(frame, member.password)
    const culprit = headerOf(frame, 'receipt-id') ?? this.#suspect()
    if (culprit === undefined || !this.#refuse(culprit, text)) {
      this.#cautious = true
      this.#link?.destroy(
        new TroupeError('TRANSPORT_BROKER_ERROR', `lost ${nameOf(member)}: the broker reported: ${text}`),
      )
      return
    }
    this.#pump()
    if (this.#leaving) this.#sayGoodbye()
  }

  #suspect(): string | undefined {
    if (!this.#cautious || this.#subscriptions.inFlight + this.#outbox.inFlight !== 1) return undefined
    const id = this.#subscriptions.onlyInFlight()
    return id === undefined ? this.#outbox.onlyInFlight() : `s${id}`
  }

  #refuse(receipt: string, text: string): boolean {
    if (!receipt.startsWith('s')) {
      const error = new TroupeError('TRANSPORT_REFUSED', `cannot publish: the broker refused the message: ${text}`)
      return this.#outbox.refuse(receipt, error)
    }
    const subscription = this.#subscriptions.refuse(receipt.slice(1))
    if (!subscription) return false
    const error = new TroupeError(
      'TRANSPORT_REFUSED',
      `cannot subscribe to ${subscription.address.destination}: the broker refused it: ${text}`,
    )
    this.#log.error(error.message, { retrySeconds: SUBSCRIBE_RETRY_MS / 1000 })
    this.#cancelResubscribe ??= this.#clock.after(SUBSCRIBE_RETRY_MS, () => {
      this.#cancelResubscribe = undefined
      if (this.#subscriptions.retry() > 0) this.#pump()
    })
    this.onRefused?.(subscription.source, error)
    return true
  }

  #onClosed(member: PoolMember, error: TroupeError | undefined): void {
    const wasUp = this.#up
    this.#link = undefined
    this.#up = false
    this.#subscriptions.rewind()
    this.#outbox.rewind()
    this.#onLinkGone?.()
    if (this.#closed || this.#leaving) return
    const reason = error ?? new TroupeError('TRANSPORT_LOST', `lost ${nameOf(member)}`)
    if (!wasUp) {
      // A session the broker no longer wants must not be offered again.
      this.#sessions.delete(member)
      if (isRefusal(reason)) this.#refusal ??= reason
      this.#ring.push(this.#ring.shift()!)
    }
    const { giveUpOnRefusal, attemptsMax } = this.#options
    const triedAll = this.#attempt % this.#ring.length === 0
    const attemptsSpent = !wasUp && attemptsMax !== undefined && attemptsMax > 0 && this.#attempt >= attemptsMax
    let final: TroupeError | undefined
    if (this.#settle && giveUpOnRefusal && triedAll) final = this.#refusal
    if (attemptsSpent) final ??= this.#unreachable(`${this.#attempt} attempts failed, the last one`, reason)
    if (final) {
      this.#log.error(final.message, { code: final.code })
      this.onStatus?.({ state: 'disconnected', reason: final.message, retryMs: Number.POSITIVE_INFINITY })
      this.#close(final)
      return
    }
    const retryMs = this.#backoff.next()
    this.#lastFailure = reason
    this.#log[wasUp ? 'warn' : 'info'](reason.message, { code: reason.code, retryMs: Math.round(retryMs) })
    this.onStatus?.({ state: 'disconnected', reason: reason.message, retryMs })
    this.#cancelRetry = this.#clock.after(retryMs, () => {
      this.#cancelRetry = undefined
      this.#dial()
    })
  }

  #unreachable(what: string, cause: TroupeError | undefined = this.#lastFailure): TroupeError {
    const pool = this.#options.pool.map(nameOf).join(', ')
    const code = cause && isRefusal(cause) ? cause.code : 'TRANSPORT_UNREACHABLE'
    const detail = cause ? `: ${cause.message}` : ''
    return new TroupeError(code, `cannot connect to any of ${pool}: ${what}${detail}`, cause ? { cause } : {})
  }

  async #leave(): Promise<void> {
    if (this.#up && this.#link) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(DISCONNECT_TIMEOUT_MS, () => this.#link?.destroy())
        this.#onLinkGone = () => {
          cancel()
          resolve()
        }
        this.#sayGoodbye()
      })
    }
    const gone = this.#link
      ? new Promise<void>((resolve) => {
          this.#onLinkGone = resolve
        })
      : undefined
    this.#close(closedError())
    await gone
  }

  #sayGoodbye(): void {
    if (this.#goodbyeSaid || this.#outbox.size > 0) return
    this.#goodbyeSaid = true
    this.#link?.send('DISCONNECT', ['receipt', LEAVE_RECEIPT])
  }

  /** For good: no timer, socket or promise remains. */
  #close(error: TroupeError): void {
    this.#closed ??= error
    this.#cancelRetry?.()
    this.#cancelResubscribe?.()
    this.#cancelRetry = this.#cancelResubscribe = undefined
    this.#link?.destroy()
    this.#outbox.close(error)
    this.#settle?.(error)
  }
}

function isRefusal(error: TroupeError): boolean {
  return isTroupeError(error, 'TRANSPORT_LOGIN_REFUSED', 'TRANSPORT_CERTIFICATE')
}

function closedError(): TroupeError {
  return new TroupeError('TRANSPORT_CLOSED', 'cannot publish: the connector has been disconnected')
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[result[i], result[j]] = [result[j]!, result[i]!]
  }
  return result
}
