// What all connections share: topics, queues, counters, the batch of pending writes, and the one timer that watches every
// bound in time. Sockets are accepted by broker.ts; what a connection says is understood by session.ts.

import { randomBytes } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import {
  BROKER_FLUSHES_A_TURN,
  BROKER_LATE_MS_MAX,
  BROKER_REFUSALS_LOGGED_MAX,
  BROKER_SILENCE_MS,
  BROKER_TICK_MS,
} from '#base/limits.ts'
import type { Log, LogFields } from '#base/log.ts'
import type { StompFrame } from '#wire/stomp/frame.ts'
import { STOMP_PARSER_LIMITS, type StompParserLimits } from '#wire/stomp/parse.ts'
import type { Login } from './accounts.ts'
import { newCounters } from './counters.ts'
import { Message } from './message.ts'
import type { BrokerLimits, SubscribeRule } from './options.ts'
import { Queue } from './queue.ts'
import type { Session } from './session.ts'
import { Stored } from './stored.ts'
import type { Subscription } from './subscription.ts'
import { WaitingRoom } from './waiting-room.ts'

export class Hub {
  readonly limits: BrokerLimits
  readonly login: Login
  readonly clock: Clock
  readonly log: Log
  readonly counters = newCounters()
  readonly sessions = new Set<Session>()
  readonly waiting: WaitingRoom
  readonly parserLimits: StompParserLimits
  readonly loginParserLimits: StompParserLimits
  /** Monotonic time of the last tick: precise enough for everything that is bounded. */
  nowMs: number
  readonly #topics = new Map<string, Set<Subscription>>()
  readonly #queues = new Map<string, Queue>()
  readonly #stored: Stored
  readonly #idPrefix = randomBytes(6).toString('hex')
  #messageSequence = 0
  #sessionSequence = 0
  #dirty: Session[] = []
  /** How many of #dirty have been flushed. */
  #flushedOf = 0
  #late: Session[] = []
  #lateUntilMs = 0
  #cancelLate: (() => void) | undefined
  #paused = new Set<Session>()
  #refusals = 0

  constructor(limits: BrokerLimits, login: Login, clock: Clock, log: Log) {
    this.limits = limits
    this.login = login
    this.clock = clock
    this.log = log
    this.nowMs = clock.monotonic()
    this.#stored = new Stored(limits, this.counters)
    this.waiting = new WaitingRoom(limits.unauthenticatedMax)
    this.parserLimits = { ...STOMP_PARSER_LIMITS, frameBytesMax: limits.frameBytesMax }
    this.loginParserLimits = { ...STOMP_PARSER_LIMITS, frameBytesMax: limits.loginFrameBytesMax }
  }

  newSessionId(): string {
    this.#sessionSequence += 1
    return `${this.#idPrefix}-s${this.#sessionSequence}`
  }

  subscribe(subscription: Subscription, rule: SubscribeRule, token: string | undefined): void {
    const { destination } = subscription
    if (!subscription.queue) {
      const subscribers = this.#topics.get(destination)
      if (subscribers) subscribers.add(subscription)
      else this.#topics.set(destination, new Set([subscription]))
      return
    }
    let queue = this.#queues.get(destination)
    if (rule.exclusive) queue = this.#takeOwnership(queue, subscription, token)
    if (!queue) queue = this.#newQueue(destination)
    if (rule.exclusive) queue.owner = { subscription, token }
    queue.add(subscription)
  }

  unsubscribe(subscription: Subscription): void {
    const { destination } = subscription
    if (subscription.queue) {
      const queue = this.#queues.get(destination)
      queue?.remove(subscription)
      if (queue) this.#freeIfIdle(queue)
      return
    }
    const subscribers = this.#topics.get(destination)
    subscribers?.delete(subscription)
    if (subscribers?.size === 0) this.#topics.delete(destination)
  }

  /** Routes a SEND. Throws BROKER_QUEUE_FULL when it can neither be delivered nor kept. */
  send(sender: Session, destination: string, queue: boolean, frame: StompFrame, expiresAt: number): void {
    this.#messageSequence += 1
    const message = new Message(destination, frame, expiresAt, `${this.#idPrefix}-${this.#messageSequence}`, sender)
    if (queue) this.#sendToQueue(message)
    else this.#sendToTopic(message)
  }

  /** The connection has room again: its queues give it what waits. */
  serve(session: Session): void {
    for (const subscription of session.subscriptions) {
      if (!subscription.behind) continue
      const queue = this.#queues.get(subscription.destination)
      queue?.serve(subscription)
    }
    if (this.#paused.size > 0) this.#resumePublishers(false)
  }

  /** Writes of one turn of the event loop leave together. */
  flushSoon(session: Session): void {
    if (this.#dirty.push(session) === 1) setImmediate(this.#flushSome)
  }

  /** The same, once nothing more arrives here, or after a while: for what nobody waits for. */
  flushLate(session: Session): void {
    this.#late.push(session)
    if (this.#cancelLate) return
    this.#lateUntilMs = this.clock.monotonic() + BROKER_LATE_MS_MAX
    this.#awaitSilence()
  }

  /** Flushes everything now. */
  flush(): void {
    this.#cancelLate?.()
    this.#cancelLate = undefined
    const sessions = [...this.#dirty.splice(0), ...this.#late.splice(0)]
    this.#flushedOf = 0
    for (const session of sessions) session.flush()
  }

  /** A message to thousands must not keep the answers of the first from being read. */
  readonly #flushSome = (): void => {
    const until = Math.min(this.#dirty.length, this.#flushedOf + BROKER_FLUSHES_A_TURN)
    while (this.#flushedOf < until) this.#dirty[this.#flushedOf++]!.flush()
    if (this.#flushedOf < this.#dirty.length) {
      setImmediate(this.#flushSome)
      return
    }
    this.#dirty = []
    this.#flushedOf = 0
  }

  #awaitSilence(): void {
    const { framesIn } = this.counters
    this.#cancelLate = this.clock.after(BROKER_SILENCE_MS, () => {
      if (this.counters.framesIn !== framesIn && this.clock.monotonic() < this.#lateUntilMs) {
        this.#awaitSilence()
        return
      }
      this.#cancelLate = undefined
      // Most have been flushed meanwhile, with something else.
      for (const session of this.#late.splice(0)) session.flushLate()
    })
  }

  /** Whoever is refused again and again must not fill the log. */
  logRefusal(fields: LogFields): void {
    this.#refusals++
    if (this.#refusals <= BROKER_REFUSALS_LOGGED_MAX) this.log.info('refused a frame', fields)
  }

  tick(): void {
    this.nowMs = this.clock.monotonic()
    if (this.#refusals > BROKER_REFUSALS_LOGGED_MAX) {
      this.log.warn('refused more frames than are logged', { frames: this.#refusals - BROKER_REFUSALS_LOGGED_MAX })
    }
    this.#refusals = 0
    for (const session of this.sessions) session.tick(this.nowMs)
    const now = this.clock.now()
    for (const queue of this.#queues.values()) {
      const expired = queue.expire(now)
      if (expired === 0) continue
      this.counters.expired += expired
      this.#freeIfIdle(queue)
    }
    if (this.#paused.size > 0) this.#resumePublishers(true)
  }

  forget(session: Session): void {
    this.sessions.delete(session)
    this.#paused.delete(session)
  }

  #takeOwnership(queue: Queue | undefined, subscription: Subscription, token: string | undefined): Queue | undefined {
    const owner = queue?.owner
    if (!owner) {
      if (queue?.hasConsumers) throw notOwner(subscription.destination)
      return queue
    }
    if (owner.subscription.session === subscription.session) return queue
    if (owner.token === undefined || owner.token !== token) throw notOwner(subscription.destination)
    owner.subscription.session.loseSubscription(owner.subscription)
    queue!.remove(owner.subscription)
    return queue
  }

  #newQueue(destination: string): Queue {
    const queue = new Queue(destination, this.#stored)
    this.#queues.set(destination, queue)
    this.counters.queues++
    return queue
  }

  #freeIfIdle(queue: Queue): void {
    if (!queue.idle) return
    if (this.#queues.delete(queue.name)) this.counters.queues--
  }

  #sendToTopic(message: Message): void {
    const subscribers = this.#topics.get(message.destination)
    if (!subscribers) {
      this.counters.unheard++
      return
    }
    for (const subscription of subscribers) {
      const { selector } = subscription
      if (selector && message.header(selector.header) !== selector.value) continue
      subscription.session.deliver(subscription, message)
    }
  }

  #sendToQueue(message: Message): void {
    const queue = this.#queues.get(message.destination) ?? this.#newQueue(message.destination)
    const fate = queue.send(message, this.clock.now())
    this.#freeIfIdle(queue)
    if (fate === 'full') {
      this.counters.refused++
      throw new TroupeError(
        'BROKER_QUEUE_FULL',
        `queue ${message.destination} holds ${queue.waiting} messages of ${queue.bytes} bytes and cannot take this one of ${message.bytes}`,
      )
    }
    // A consumer that is behind but alive catches up sooner when its publishers are not read for a moment. What waits for
    // somebody absent is helped by no pause.
    if (fate === 'behind' && queue.bytes > this.limits.queueSoftBytes) {
      this.counters.publisherPauses++
      message.sender.pauseReading(queue, this.nowMs + this.limits.pauseMs)
      this.#paused.add(message.sender)
    }
  }

  #resumePublishers(late: boolean): void {
    for (const session of this.#paused) {
      const { pause } = session
      const over = !pause || pause.queue.bytes <= this.limits.queueSoftBytes / 2
      if (!over && !(late && this.nowMs + BROKER_TICK_MS > pause.untilMs)) continue
      this.#paused.delete(session)
      session.resumeReading()
    }
  }
}

function notOwner(destination: string): TroupeError {
  return new TroupeError('BROKER_NOT_PERMITTED', `queue ${destination} belongs to another connection`)
}
