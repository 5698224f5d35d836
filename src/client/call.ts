// One call from beginning to account: sends it, learns whom to expect while it is already running, ends as early as is safe,
// runs groups one after the other. Decisions about waiting are awaiting.ts's, about names account's. [cli 5, wire 8]

import { messageOf } from '#base/errors.ts'
import { PROGRESS_EVENTS_MAX } from '#base/limits.ts'
import { Account } from '#message/accounting.ts'
import type { Filter } from '#message/filter.ts'
import type { ProgressBody, Reply, ReplyBody } from '#message/reply.ts'
import type { RequestBody, Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import type { CallHandle, CallOptions, CallProgress, CallReply, CallSummary } from './api.ts'
import { Awaiting } from './awaiting.ts'
import type { Exchange, ExchangeParts, Line } from './exchange.ts'
import { createPushStream, type PushStream } from './push-stream.ts'
import { askRoster } from './roster-query.ts'

/** Everything a call needs, with every default filled in (client.ts does that). */
export interface CallPlan {
  readonly agent: string
  readonly action: string
  readonly body: RequestBody
  readonly filter: Filter
  readonly collective: string
  readonly ttlSeconds: number
  readonly replyTimeoutMs: number
  /** true: the operator named the time to wait, so silent nodes are waited for as long. */
  readonly patient: boolean
  readonly discoveryTimeoutMs: number
  /** Nodes to address directly, in this order, instead of broadcasting. */
  readonly nodes?: readonly string[]
  /** How `nodes` became known. */
  readonly nodesFrom?: 'roster' | 'mc' | 'named'
  /** Nodes the roster expects that did not answer the discovery which made `nodes`. */
  readonly silentBefore?: readonly string[]
  /** Milliseconds that discovery took before the call. */
  readonly discoveredInMs?: number
  readonly groupSize?: number
  readonly groupSleepMs: number
  /** Failures from which on no further group is begun. */
  readonly failuresMax?: number
  /** Ends the call when so many have answered (discovery with a limit). */
  readonly enough?: number
  /** Whether the roster may be asked: false when data plugins decide, or the roster is switched off. */
  readonly useRoster: boolean
  readonly options: CallOptions
}

/** After how long a silence the nodes are asked themselves when the roster has not answered. */
const ROSTER_WAIT_MS = 150
/** After how long a silence nodes that have not answered are asked for a sign of life. */
const PROBE_AFTER_MS = 300
/**
 * Of the time for a sign of life: bounds of the same two in a slow fleet, where a silence must last as long as the latest answer took, and
 * how long the very first answer may take.
 */
const SLOW_SHARE = 0.25
const FIRST_SHARE = { roster: 0.25, probe: 0.5 }
/** How often the roster is asked again after the connection broke. */
const LEARN_AGAIN_MS = 500
/** A timer this late means that the process could not run, e.g. was stopped: it has not listened meanwhile. */
const STALLED_MS = 500
/** How long it then reads what has come in, and how often in a call it is given this: a crowded machine stalls all the time. */
const CATCH_UP_MS = 500
const STALLS_MAX = 3
/** Without a roster: the quiet after the last sign of life that ends discovery. */
const QUIET_MS = 500

export function startCall(
  parts: ExchangeParts,
  exchange: Exchange,
  plan: Promise<CallPlan>,
  label: CallLabel,
): CallHandle {
  const call = new RunningCall(parts, exchange, label)
  const summary = plan.then((p) => call.run(p))
  summary.then(
    () => call.stream.end(),
    (error) => call.stream.fail(error),
  )
  return {
    requestId: call.line.id,
    summary,
    stop: () => call.stop(),
    [Symbol.asyncIterator]: () => call.stream[Symbol.asyncIterator](),
  }
}

export interface CallLabel {
  readonly agent: string
  readonly action: string
}

interface Group {
  readonly awaiting: Awaiting
  readonly addressed: ReadonlySet<string> | undefined
}

class RunningCall {
  readonly stream: PushStream<CallReply> = createPushStream()
  readonly line: Line
  readonly #parts: ExchangeParts
  readonly #exchange: Exchange
  readonly #label: CallLabel
  readonly #account = new Account()
  #replied = 0
  #failed = 0
  #stoppedAfterFailures: number | undefined
  readonly #groups: Group[] = []
  #rejected = 0
  #rejectedReason: string | undefined
  #stopped = false
  #aborted = false
  #sentMs = 0
  #settledMs: number | undefined
  #discovery: CallSummary['discovery'] = 'mc'
  #wake: () => void = () => {}
  readonly #ended = Promise.withResolvers<void>()
  #grouped = false
  #progress: (progress: CallProgress) => void = () => {}
  #tellEvent: CallOptions['onEvent']
  /** How often each node has said something before its reply. */
  readonly #events = new Map<string, number>()
  /** Asks once more whom to expect: the answer may have been lost with the connection. */
  #learnAgain: () => void = () => {}

  constructor(parts: ExchangeParts, exchange: Exchange, label: CallLabel) {
    this.#parts = parts
    this.#exchange = exchange
    this.#label = label
    this.line = exchange.open({
      onReply: (reply) => this.#onReply(reply),
      onRejected: (reason) => {
        this.#rejected++
        this.#rejectedReason ??= reason
      },
      onLost: () => {
        for (const { awaiting } of this.#groups) awaiting.lost()
        this.#wake()
      },
      onBack: () => {
        for (const { awaiting } of this.#groups) awaiting.back(parts.clock.monotonic())
        this.#learnAgain()
        this.#wake()
      },
    })
  }

  stop(): void {
    this.#stopped = true
    if (!this.#grouped || this.#aborted) this.#ended.resolve()
    this.#wake()
  }

  async run(plan: CallPlan): Promise<CallSummary> {
    const { clock } = this.#parts
    const startedAtMs = clock.now()
    const startMs = clock.monotonic()
    this.#progress = plan.options.onProgress ?? this.#progress
    this.#tellEvent = plan.options.onEvent
    this.#grouped = plan.groupSize !== undefined
    const onAbort = (): void => {
      this.#aborted = true
      this.stop()
    }
    plan.options.signal?.addEventListener('abort', onAbort, { once: true })
    if (plan.options.signal?.aborted) onAbort()
    const groups = groupsOf(plan)
    let next = 0
    try {
      if (plan.options.processResults === false || plan.options.replyTo !== undefined) {
        await this.#sendOnly(plan)
        next = groups.length
      } else {
        const goesOn = (): boolean => next < groups.length && !this.#stopped && !this.#tooManyFailed(plan)
        while (goesOn()) {
          if (next > 0) await this.#sleep(plan)
          if (goesOn() && (await this.#runGroup(plan, groups[next]))) next++
        }
      }
    } finally {
      plan.options.signal?.removeEventListener('abort', onAbort)
      this.line.close()
    }
    const endMs = clock.monotonic()
    const notAddressed = groups.slice(next).flatMap((group) => group ?? [])
    if (notAddressed.length > 0 && !this.#stopped) this.#stoppedAfterFailures = this.#failures()
    const summary = this.#summarize(plan, notAddressed, {
      startedAtMs,
      discoveryMs: plan.nodes ? (plan.discoveredInMs ?? 0) : (this.#settledMs ?? endMs) - startMs,
      agentMs: endMs - startMs,
      totalMs: endMs - startMs + (plan.discoveredInMs ?? 0),
    })
    this.#progress({ phase: 'done', replied: this.#replied, expected: summary.targeted })
    return summary
  }

  #tooManyFailed({ failuresMax }: CallPlan): boolean {
    return failuresMax !== undefined && this.#failures() >= failuresMax
  }

  /** Nodes of the groups so far that failed, refused, or owe an answer. */
  #failures(): number {
    return this.#groups.reduce((sum, group) => sum + group.awaiting.missing().length, this.#failed)
  }

  async #sendOnly(plan: CallPlan): Promise<void> {
    this.#discovery = 'none'
    const replyTo = plan.options.replyTo ?? null
    await this.line.send({ ...plan, ...(plan.nodes ? { to: plan.nodes } : {}), replyTo })
  }

  /** false: it was stopped before anything was sent to the group. */
  async #runGroup(plan: CallPlan, group: readonly string[] | undefined): Promise<boolean> {
    const { clock } = this.#parts
    if (group && plan.options.onGroup) {
      await plan.options.onGroup(group)
      if (this.#stopped) return false
    }
    const startMs = clock.monotonic()
    const awaiting = new Awaiting({
      startMs,
      replyTimeoutMs: plan.replyTimeoutMs,
      discoveryTimeoutMs: plan.patient ? plan.replyTimeoutMs : plan.discoveryTimeoutMs,
      quietMs: QUIET_MS,
      answersAtOnce: plan.agent === 'discovery',
    })
    this.#groups.push({ awaiting, addressed: group && new Set(group) })
    if (this.#sentMs === 0) this.#sentMs = startMs
    const closers: (() => void)[] = []
    try {
      const sent = this.line.send({ ...plan, ...(group ? { to: group } : {}) })
      // Sealing is done: from here on it is the broker that takes its time.
      const handedMs = clock.monotonic()
      if (group) {
        this.#discovery = plan.nodesFrom ?? 'named'
        awaiting.expect(group)
      } else {
        closers.push(this.#learnExpected(plan, awaiting))
        this.#learnAgain = () => {
          if (awaiting.informed || !plan.useRoster) return
          closers.push(this.#askRoster(plan, awaiting, () => {}))
          // The keeper is coming back as well, and hears only what is said when it is there.
          closers.push(clock.after(LEARN_AGAIN_MS, this.#learnAgain))
        }
      }
      const probe = (): void => void closers.push(this.#probe(plan, awaiting))
      closers.push(this.#onceStalled(awaiting, { quietMs: PROBE_AFTER_MS, firstShare: FIRST_SHARE.probe }, probe))
      await Promise.race([sent, this.#ended.promise])
      awaiting.begin(clock.monotonic(), clock.monotonic() - handedMs)
      await this.#wait(plan, awaiting)
      return true
    } finally {
      this.#learnAgain = () => {}
      for (const close of closers) close()
    }
  }

  /** Waits until the group may end. */
  async #wait(plan: CallPlan, awaiting: Awaiting): Promise<void> {
    const { clock } = this.#parts
    let stalls = 0
    for (;;) {
      const nowMs = clock.monotonic()
      if (this.#settledMs === undefined && awaiting.settled(nowMs)) this.#settledMs = nowMs
      this.#report(plan, awaiting, nowMs)
      if (this.#stopped && (!this.#grouped || this.#aborted)) return
      if (plan.enough !== undefined && this.#replied >= plan.enough) return
      const waitMs = awaiting.waitMs(nowMs)
      if (waitMs <= 0) return
      const lateMs = await this.#pause(waitMs)
      if (lateMs > STALLED_MS && stalls++ < STALLS_MAX) awaiting.deaf(lateMs + CATCH_UP_MS)
    }
  }

  #report(plan: CallPlan, awaiting: Awaiting, nowMs: number): void {
    const known = plan.nodes?.length ?? (awaiting.settled(nowMs) ? awaiting.targetedCount : undefined)
    const phase = known === undefined ? 'discovering' : 'calling'
    this.#progress({ phase, replied: this.#replied, expected: known })
  }

  /** Resolves at the next event or after `ms`, to how many milliseconds later than that it was. */
  #pause(ms: number): Promise<number> {
    const { clock } = this.#parts
    const dueMs = clock.monotonic() + ms
    return new Promise((resolve) => {
      const cancel = clock.after(ms, () => resolve(clock.monotonic() - dueMs))
      this.#wake = () => {
        cancel()
        resolve(0)
      }
    })
  }

  async #sleep(plan: CallPlan): Promise<void> {
    const expected = plan.nodes?.length
    this.#progress({ phase: 'sleeping', replied: this.#replied, expected })
    const untilMs = this.#parts.clock.monotonic() + plan.groupSleepMs
    while (!this.#stopped) {
      const leftMs = untilMs - this.#parts.clock.monotonic()
      if (leftMs <= 0) return
      await this.#pause(leftMs)
    }
  }

  /** Asks the roster whom to expect; when it does not know, asks the nodes. Returns what ends the asking. */
  #learnExpected(plan: CallPlan, awaiting: Awaiting): () => void {
    const closers: (() => void)[] = []
    let open = true
    const ask = (): void => {
      if (!open) return
      // A ping answers for itself.
      if (plan.agent !== 'discovery') closers.push(this.#ping(plan, awaiting))
    }
    if (plan.useRoster) {
      const cancelFallback = this.#onceStalled(
        awaiting,
        { quietMs: ROSTER_WAIT_MS, firstShare: FIRST_SHARE.roster },
        ask,
      )
      const onAnswer = (complete: boolean): void => {
        cancelFallback()
        if (!complete) ask()
      }
      closers.push(this.#askRoster(plan, awaiting, onAnswer), cancelFallback)
    } else {
      ask()
    }
    return () => {
      open = false
      for (const close of closers) close()
    }
  }

  #askRoster(plan: CallPlan, awaiting: Awaiting, onAnswer: (complete: boolean) => void): () => void {
    let open = true
    const close = askRoster(this.#exchange, plan, ({ nodes, complete }) => {
      if (!open) return
      this.#discovery = 'roster'
      awaiting.expect(nodes, complete)
      onAnswer(complete)
      this.#wake()
    })
    return () => {
      open = false
      close()
    }
  }

  /** Acts once nothing has arrived for a while: a large fleet that is answering must not be asked more meanwhile. */
  #onceStalled(
    awaiting: Awaiting,
    { quietMs, firstShare }: { readonly quietMs: number; readonly firstShare: number },
    act: () => void,
  ): () => void {
    const { clock } = this.#parts
    const startMs = clock.monotonic()
    const look = (): void => {
      const { lastSignMs, patienceMs } = awaiting
      const tookMs = lastSignMs - startMs
      const stallMs = Math.max(quietMs, Math.min(tookMs, patienceMs * SLOW_SHARE))
      const dueMs = awaiting.heard ? lastSignMs + stallMs : startMs + patienceMs * firstShare
      const waitMs = dueMs - clock.monotonic()
      if (waitMs <= 0) act()
      else cancel = clock.after(waitMs, look)
    }
    let cancel = clock.after(quietMs, look)
    return () => cancel()
  }

  #ping(plan: CallPlan, awaiting: Awaiting): () => void {
    return this.#askDiscovery(plan, awaiting, 'ping')
  }

  /** Asks every node that has been silent so far whether it is there and whether the filter fits it. */
  #probe(plan: CallPlan, awaiting: Awaiting): () => void {
    const silent = awaiting.silent()
    if (silent.length === 0) return () => {}
    return this.#askDiscovery(plan, awaiting, 'match', silent)
  }

  #askDiscovery(plan: CallPlan, awaiting: Awaiting, text: 'ping' | 'match', to?: readonly string[]): () => void {
    const line = this.#exchange.open({
      onReply: (reply) => {
        if (reply.body.kind !== 'text') return
        const fits = reply.body.text === 'pong' || reply.body.text === 'match'
        const nowMs = this.#parts.clock.monotonic()
        if (fits) awaiting.sign(reply.sender, nowMs)
        else awaiting.notMatching(reply.sender, nowMs)
        this.#wake()
      },
      onRejected: () => {},
    })
    line
      .send({
        agent: 'discovery',
        collective: plan.collective,
        filter: plan.filter,
        body: { kind: 'text', text },
        ttlSeconds: plan.ttlSeconds,
        ...(to ? { to } : {}),
      })
      .catch((error) => this.#parts.log.debug(`discovery ${text} was not sent: ${messageOf(error)}`))
    return () => line.close()
  }

  #onReply(reply: Reply): void {
    const group = this.#groups.at(-1)
    if (!group) return
    const nowMs = this.#parts.clock.monotonic()
    // A late answer of an earlier group still counts there.
    const asked = this.#groups.find((g) => g.addressed === undefined || g.addressed.has(reply.sender))
    const { body, sender } = reply
    if (body.kind === 'progress') {
      if (asked && !asked.awaiting.hasAnswered(sender)) this.#onEvent(asked.awaiting, sender, body, nowMs)
      return
    }
    const result = toCallReply(sender, body, asked !== undefined, nowMs - this.#sentMs)
    if (asked) this.#account.target([reply.sender])
    const verdict = this.#account.reply(reply.sender, result.outcome)
    if (verdict === 'duplicate') return
    if (verdict === 'counted') {
      this.#replied++
      if (result.outcome !== 'ok') this.#failed++
      asked?.awaiting.answer(reply.sender, nowMs)
    }
    this.stream.push(result)
    this.#wake()
  }

  /** A node at work has been heard of: that is a sign of life as well. */
  #onEvent(awaiting: Awaiting, sender: string, { text, percent }: ProgressBody, nowMs: number): void {
    const count = (this.#events.get(sender) ?? 0) + 1
    if (count > PROGRESS_EVENTS_MAX) return
    this.#events.set(sender, count)
    awaiting.sign(sender, nowMs)
    const event = { kind: 'progress', sender, text, elapsedMs: nowMs - this.#sentMs } as const
    this.#tellEvent?.({ ...event, ...(percent === undefined ? {} : { percent }) })
    this.#wake()
  }

  #summarize(plan: CallPlan, notAddressed: readonly string[], times: Times): CallSummary {
    for (const group of this.#groups) this.#account.target(group.awaiting.missing())
    this.#account.target(plan.silentBefore ?? [])
    this.#account.notAddressed(notAddressed)
    const { names, ...counts } = this.#account.summary()
    return {
      requestId: this.line.id,
      ...this.#label,
      ...counts,
      noResponse: names.noResponse,
      notAddressed: names.notAddressed,
      unexpected: names.unexpected,
      rejected: this.#rejected,
      ...(this.#rejectedReason === undefined ? {} : { rejectedReason: this.#rejectedReason }),
      interrupted: this.#stopped,
      ...(this.#stoppedAfterFailures === undefined ? {} : { stoppedAfterFailures: this.#stoppedAfterFailures }),
      discovery: this.#discovery,
      ...times,
    }
  }
}

type Times = Pick<CallSummary, 'startedAtMs' | 'discoveryMs' | 'agentMs' | 'totalMs'>

/** The groups to run one after the other; a single undefined group is a broadcast. */
function groupsOf(plan: CallPlan): (readonly string[] | undefined)[] {
  if (!plan.nodes) return [undefined]
  const size = plan.groupSize ?? plan.nodes.length
  const groups: (readonly string[])[] = []
  for (let i = 0; i < plan.nodes.length; i += size) groups.push(plan.nodes.slice(i, i + size))
  return groups
}

function toCallReply(
  sender: string,
  body: Exclude<ReplyBody, ProgressBody>,
  expected: boolean,
  elapsedMs: number,
): CallReply {
  const common = { sender, expected, elapsedMs }
  if (body.kind === 'text') {
    const { text } = body
    return { ...common, statusCode: STATUS.ok, statusMessage: 'OK', data: {} as Values, outcome: 'ok', text }
  }
  const { statusCode, statusMessage, data, refused } = body
  const outcome = refused ? 'refused' : statusCode === STATUS.ok ? 'ok' : 'failed'
  return { ...common, statusCode, statusMessage, data, outcome, ...(refused ? { refused } : {}) }
}
