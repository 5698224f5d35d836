// What happens to every message a node receives, in order: verify, replay, route, filter, time, claim, agent, DDL, authorization,
// audit, run, answer. Cheap tests come first and nothing is executed before all have passed. Messages that cannot be trusted
// and requests for others get silence; what is addressed to this node gets an answer, refusals included, unless none is wanted.
// Subscriptions are daemon.ts, running is run-action.ts. [wire 2.5, agents 1]

import type { Clock } from '#base/clock.ts'
import { isTroupeError, messageOf } from '#base/errors.ts'
import { CALLER_PATTERN } from '#base/id.ts'
import {
  DISTRUST_LINES_PER_SECOND_MAX,
  REFUSALS_PER_SECOND_MAX,
  TEXT_BODY_LENGTH_MAX,
  WAITING_REQUESTS_MAX,
} from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import type { Filter } from '#message/filter.ts'
import type { RefusalReason, RpcReplyBody } from '#message/reply.ts'
import type { Request, TextBody, Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import type { NodeView } from '#rpc/agent.ts'
import { NOT_AUTHORIZED } from '#rpc/authorization/policy.ts'
import type { ActionDdl, AgentDdl } from '#rpc/ddl/ddl.ts'
import { validateInputs } from '#rpc/validate/check-inputs.ts'
import type { OpenedRequest, SecurityScheme } from '#security/security.ts'
import type { Delivery, Source } from '#transport/connector.ts'
import type { Audit, AuditOutcome } from './audit.ts'
import { staleBecause } from './freshness.ts'
import { createLimiter } from './limiter.ts'
import { createProgressReports, type ProgressReports } from './progress-reports.ts'
import { createRateLimit } from './rate-limit.ts'
import type { AgentRegistry, LoadedAgent } from './registry.ts'
import type { ReplayGuard } from './replay-guard.ts'
import { failureOf, rpcReply, runAction } from './run-action.ts'
import { type Counters, describeRun } from './stats.ts'

/** The 1.x control agent: bare text to it is for the agent `controller`. [agents 8] */
export const CONTROL_AGENT = 'mcollective'
const LEAVING = 'this node is leaving the collective'

export interface Verdict {
  readonly allowed: boolean
  /** For the log. */
  readonly reason: string
}

export interface DispatchParts {
  readonly identity: string
  readonly skewSeconds: number
  readonly agentConcurrency: number
  /** All agents share one destination. [wire 1.2] */
  readonly agentsMultiplex: boolean
  readonly clock: Clock
  readonly log: Log
  readonly security: SecurityScheme
  readonly guard: ReplayGuard
  readonly counters: Counters
  readonly registry: AgentRegistry
  readonly node: NodeView
  readonly audit?: Audit
  matches(filter: Filter): boolean | Promise<boolean>
  /** Absent: everything is allowed. */
  authorize?(call: { agent: string; action: string; caller: string }, node: NodeView): Verdict | Promise<Verdict>
  /** Absent: registrations are nobody's business here. */
  onRegistration?(request: Request): void
  publishReply(address: string, bytes: Uint8Array): Promise<void>
}

export interface Dispatch {
  receive(delivery: Delivery, source: Source): void
  /** What runs now, for daemon_stats. */
  threads(): readonly string[]
  /** From now on refuses new requests; running actions get so long, then they are cancelled and answered. */
  stop(graceMs: number): Promise<void>
}

type Answer = RpcReplyBody | TextBody

/** A request that has been verified, with the way it came. */
interface Received {
  readonly opened: OpenedRequest
  readonly request: Request
  readonly directed: boolean
  readonly replyTo: string | null
}

export function createDispatch(parts: DispatchParts): Dispatch {
  const { clock, log, counters, guard, audit } = parts
  const refusals = createRateLimit(REFUSALS_PER_SECOND_MAX, clock)
  const distrusted = createRateLimit(DISTRUST_LINES_PER_SECOND_MAX, clock)
  const limiter = createLimiter(parts.agentConcurrency, WAITING_REQUESTS_MAX)
  const runs = new Set<{ agent: string; action: string; requestId: string; startedAtMs: number }>()
  const answering = new Set<Promise<void>>()
  const cancelled = new AbortController()
  let stopping = false

  /** Logs what a stranger can cause as often as he likes, up to a rate; false: not this time. */
  function distrust(message: string, fields: Record<string, unknown>): boolean {
    if (!distrusted.take()) return false
    const missed = distrusted.missed()
    log.warn(missed > 0 ? `${message} (and ${missed} more such lines held back)` : message, fields)
    return true
  }

  function receive(delivery: Delivery, source: Source): void {
    counters.total++
    let opened: OpenedRequest
    try {
      opened = parts.security.decodeRequest(delivery.bytes)
      if (!CALLER_PATTERN.test(opened.request.caller)) throw new Error('its caller id is not of the form type=name')
    } catch (error) {
      counters.unvalidated++
      const code = isTroupeError(error) ? error.code : undefined
      distrust(`dropped a message that cannot be trusted: ${messageOf(error)}`, { code, bytes: delivery.bytes.length })
      return
    }
    counters.validated++
    const { request } = opened
    const received = {
      opened,
      request,
      directed: source.kind === 'directed',
      // The authenticated address first: the other comes from the broker alone.
      replyTo: request.replyTo ?? delivery.replyTo ?? null,
    }
    consider(received, source).catch((error: unknown) => {
      log.error(`dropped request ${request.id}: ${messageOf(error)}`, { requestid: request.id, agent: request.agent })
    })
  }

  async function consider(received: Received, source: Source): Promise<void> {
    const { opened, request } = received
    if (guard.seen(opened.proof)) return dropReplayed(received)
    const wrongWay = misrouted(request, source, parts.agentsMultiplex)
    if (wrongWay) {
      distrust(`dropped request ${request.id} of ${request.sender}: ${wrongWay}`, { requestid: request.id })
      return
    }
    let fits: boolean
    try {
      // Registrations are for whoever keeps a roster; their filter names an agent that only stands for that.
      const isRegistration = request.body.kind === 'registration'
      fits = isRegistration ? parts.onRegistration !== undefined : await parts.matches(request.filter)
    } catch (error) {
      // As a mismatch, but counted neither way. [wire 6.2]
      distrust(`cannot evaluate the filter of request ${request.id}: ${messageOf(error)}`, { requestid: request.id })
      return
    }
    if (fits) counters.passed++
    else counters.filtered++
    if (!fits && !(received.directed && isMatchQuestion(request))) return
    const stale = staleBecause(request, {
      nowMs: clock.now(),
      skewSeconds: parts.skewSeconds,
      mistrustBeforeMs: guard.mistrustBeforeMs,
    })
    if (stale) {
      if (stale.reason === 'expired') counters.ttlExpired++
      return refuseSlowly(received, stale.reason, stale.message)
    }
    const claim = guard.claim(opened.proof, request.sentAtMs + (request.ttlSeconds + parts.skewSeconds) * 1000)
    if (claim === 'seen') return dropReplayed(received)
    if (claim === 'full') {
      return refuseSlowly(received, 'overloaded', 'this node remembers as many requests as it can; send it again later')
    }
    if (isMatchQuestion(request) && received.directed)
      return answer(received, { kind: 'text', text: fits ? 'match' : 'nomatch' })
    await act(received)
  }

  function dropReplayed(received: Received): void {
    counters.replayed++
    const { request } = received
    const what = `dropped a second delivery of request ${request.id} of ${request.caller}@${request.sender}`
    // Held back with the log line: a flood of replays must not fill the disk with audit lines.
    if (distrust(what, { requestid: request.id })) record(received, 'replayed')
  }

  async function act(received: Received): Promise<void> {
    const { request } = received
    if (request.body.kind === 'registration') return parts.onRegistration?.(request)
    if (stopping) return refuse(received, 'stopping', LEAVING)
    const name = request.agent === CONTROL_AGENT ? 'controller' : request.agent
    const agent = parts.registry.get(name)
    if (!agent) {
      // A broadcast went to those who have the agent; this node merely stands on the same destination.
      if (!received.directed) return
      record(received, 'unknown')
      return answer(received, rpcReply(STATUS.aborted, `Unknown agent '${request.agent}'`))
    }
    if (request.body.kind === 'text') await actOnText(received, agent, request.body.text)
    else await actOnCall(received, agent)
  }

  /** Bare text whose first word is an action of the agent is authorized and audited as that action. */
  async function actOnText(received: Received, agent: LoadedAgent, text: string): Promise<void> {
    const { request } = received
    const takesText = agent.agent.text
    if (!takesText)
      return answer(received, rpcReply(STATUS.aborted, `The agent '${agent.name}' takes no text, only actions`))
    const [word = '', ...rest] = text.split(' ')
    const guarded = isDeclared(agent.agent.ddl, word)
    const data = { argument: rest.join(' ') }
    if (guarded && !(await isAuthorized(received, agent.name, word, data))) return
    if (guarded) record(received, 'started', { action: word, data })
    const startedAtMs = clock.monotonic()
    const cancel = new AbortController()
    const seconds = agent.agent.ddl.metadata.timeoutSeconds
    const { caller, sender, id, sentAtMs, collective } = request
    const call = { caller, sender, requestId: id, sentAtMs, collective, signal: cancel.signal }
    let body: Answer | undefined
    try {
      const result = await withLimit(Promise.resolve(takesText(text, call)), seconds, cancel)
      if (result !== null)
        body = typeof result === 'string' ? { kind: 'text', text: result } : rpcReply(STATUS.ok, 'OK', result)
    } catch (error) {
      const [statusCode, message, failureData] = failureOf(error)
      body = rpcReply(statusCode, message, failureData)
    }
    const statusCode = body?.kind === 'rpc' ? body.statusCode : STATUS.ok
    if (guarded) record(received, 'ran', { action: word, data, elapsedMs: clock.monotonic() - startedAtMs, statusCode })
    if (body) answer(received, body)
  }

  function withLimit<Result>(work: Promise<Result>, seconds: number, cancel: AbortController): Promise<Result> {
    return new Promise((resolve, reject) => {
      const cancelTimer = clock.after(seconds * 1000, () => {
        reject(new Error(`timed out after ${seconds} s`))
        cancel.abort()
      })
      work.then(resolve, reject).finally(cancelTimer)
    })
  }

  async function actOnCall(received: Received, agent: LoadedAgent): Promise<void> {
    const { request } = received
    if (request.body.kind !== 'rpc') return
    const { action: name, data } = request.body
    const action = agent.agent.ddl.actions.find((action) => action.name === name)
    const problem = action
      ? (inputProblem(action, data) ?? unheededNoop(agent.name, action, data))
      : `Attempted to call action ${name} for ${agent.name} but it's not declared in the DDL`
    if (!action || problem !== undefined) {
      record(received, 'invalid', { reason: problem ?? '' })
      return answer(received, rpcReply(STATUS.invalidData, problem ?? ''))
    }
    if (!isDiscovery(agent.name, name) && !(await isAuthorized(received, agent.name, name, data))) return
    const work = (): Promise<void> =>
      runAndAnswer(received, agent, action).catch((error: unknown) => {
        log.error(`cannot answer request ${request.id}: ${messageOf(error)}`, { requestid: request.id })
      })
    if (!limiter.submit(work)) {
      refuse(
        received,
        'overloaded',
        `this node runs ${parts.agentConcurrency} actions already and ${WAITING_REQUESTS_MAX} wait; send it again later`,
      )
    }
  }

  async function isAuthorized(received: Received, agent: string, action: string, data: Values): Promise<boolean> {
    if (!parts.authorize) return true
    const { caller, id } = received.request
    let verdict: Verdict
    try {
      verdict = await parts.authorize({ agent, action, caller }, parts.node)
    } catch (error) {
      verdict = { allowed: false, reason: messageOf(error) }
    }
    if (verdict.allowed) return true
    log.debug(`denied ${agent}.${action} to ${caller}: ${verdict.reason}`, { requestid: id })
    refuse(received, 'unauthorized', NOT_AUTHORIZED, { action, data, reason: verdict.reason })
    return false
  }

  async function runAndAnswer(received: Received, agent: LoadedAgent, action: ActionDdl): Promise<void> {
    const { request } = received
    if (request.body.kind !== 'rpc') return
    if (stopping) return refuse(received, 'stopping', LEAVING)
    // It may have waited: nobody listens any more, and running it now would surprise.
    const stale = staleBecause(request, { nowMs: clock.now(), skewSeconds: parts.skewSeconds, mistrustBeforeMs: 0 })
    if (stale?.reason === 'expired') {
      counters.ttlExpired++
      return refuse(
        received,
        'overloaded',
        `the request expired while it waited for one of ${parts.agentConcurrency} places to run`,
      )
    }
    const run = { agent: agent.name, action: action.name, requestId: request.id, startedAtMs: clock.monotonic() }
    runs.add(run)
    record(received, 'started')
    const { node } = parts
    const progress = progressOf(received)
    const body = await runAction({
      agent,
      action,
      request,
      body: request.body,
      node,
      clock,
      log,
      stop: cancelled.signal,
      ...(progress ? { progress } : {}),
    })
    runs.delete(run)
    record(received, 'ran', { elapsedMs: clock.monotonic() - run.startedAtMs, statusCode: body.statusCode })
    answer(received, body)
  }

  function refuse(
    received: Received,
    refused: RefusalReason,
    message: string,
    more: { action?: string; data?: Values; reason?: string } = {},
  ): void {
    record(received, refused, { reason: message, ...more })
    const body: RpcReplyBody = { ...rpcReply(STATUS.aborted, message), refused }
    answer(received, body)
  }

  /** For what a captured message can cause again and again: it must not become an amplifier. */
  function refuseSlowly(received: Received, refused: RefusalReason, message: string): void {
    const { request } = received
    distrust(`refused request ${request.id} of ${request.caller}@${request.sender}: ${message}`, {
      requestid: request.id,
    })
    if (refusals.take()) refuse(received, refused, message)
  }

  function record(
    received: Received,
    outcome: AuditOutcome,
    more: { action?: string; data?: Values; elapsedMs?: number; statusCode?: number; reason?: string } = {},
  ): void {
    const { request } = received
    const { body } = request
    if (!audit || (body.kind === 'rpc' && isDiscovery(request.agent, body.action))) return
    const action =
      more.action ??
      (body.kind === 'rpc' ? body.action : body.kind === 'text' ? (body.text.split(' ')[0] ?? '') : 'registration')
    const data = more.data ?? (body.kind === 'rpc' ? body.data : {})
    audit.record({ ...more, request, action: action.slice(0, 256), data, outcome })
  }

  function answer(received: Received, body: Answer): void {
    const { opened, request, replyTo } = received
    if (replyTo === null || (request.body.kind === 'rpc' && !request.body.processResults)) return
    const bytes = sealed(opened, body)
    counters.replies++
    const sent: Promise<void> = parts
      .publishReply(replyTo, bytes)
      .catch((error: unknown) => {
        log.warn(`cannot send the answer to request ${request.id}: ${messageOf(error)}`, { requestid: request.id })
      })
      .finally(() => answering.delete(sent))
    answering.add(sent)
  }

  /** Where a running action says how far it is; undefined: the caller does not listen. */
  function progressOf({ opened, request, replyTo }: Received): ProgressReports | undefined {
    const { body } = request
    if (replyTo === null || body.kind !== 'rpc' || !body.processResults || !body.wantsProgress) return undefined
    const { id: requestId, agent } = request
    return createProgressReports(clock, (body) => {
      const reply = { requestId, sender: parts.identity, agent, sentAtMs: Math.floor(clock.now()), body }
      return parts.publishReply(replyTo, parts.security.encodeReply(reply, opened))
    })
  }

  function sealed(opened: OpenedRequest, body: Answer): Uint8Array {
    const { id: requestId, agent } = opened.request
    const reply = { requestId, sender: parts.identity, agent, sentAtMs: Math.floor(clock.now()) }
    try {
      return parts.security.encodeReply({ ...reply, body: bounded(body) }, opened)
    } catch (error) {
      const message = `the answer cannot be sent: ${messageOf(error)}`
      log.warn(message, { requestid: requestId, agent })
      return parts.security.encodeReply({ ...reply, body: rpcReply(STATUS.otherError, message) }, opened)
    }
  }

  return {
    receive,
    threads: () => [...runs].map((run) => describeRun(run.agent, run.action, run.requestId, run.startedAtMs, clock)),
    async stop(graceMs) {
      stopping = true
      // Those that wait are refused, now that the daemon is stopping.
      await Promise.all(limiter.drop().map((work) => work()))
      if (limiter.running() > 0 && graceMs > 0) {
        let cancelTimer = (): void => {}
        const graceOver = new Promise<void>((resolve) => {
          cancelTimer = clock.after(graceMs, resolve)
        })
        await Promise.race([limiter.idle(), graceOver])
        cancelTimer()
      }
      cancelled.abort()
      await limiter.idle()
      await Promise.allSettled(answering)
    },
  }
}

/** `match` to the discovery agent: does the filter of this very request fit you now? Asked of named nodes. */
function isMatchQuestion(request: Request): boolean {
  return request.agent === 'discovery' && request.body.kind === 'text' && request.body.text === 'match'
}

/** A request must have come the way it says: what a broker or a stranger put elsewhere is not acted on. */
function misrouted(request: Request, source: Source, agentsMultiplex: boolean): string | undefined {
  if (source.kind === 'reply') return 'it came as a reply'
  if (request.collective !== source.collective) {
    return `it is for collective ${request.collective} and came through ${source.collective}`
  }
  if (source.kind === 'broadcast' && !agentsMultiplex && request.agent !== source.agent) {
    return `it is for agent ${request.agent} and came through ${source.agent}`
  }
  return undefined
}

/**
 * Whom to expect is asked along with every call and tells no more than a ping does, so like a ping it is neither subject to policies
 * nor a line in the audit log.
 */
function isDiscovery(agent: string, action: string): boolean {
  return agent === 'roster' && action === 'expected'
}

/** Why the inputs do not fit the DDL; undefined: they do. */
function inputProblem(action: ActionDdl, data: Values): string | undefined {
  try {
    validateInputs(action, data)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** Inputs nobody declared pass, but not this one: an agent that does not know it would do what was only to be tried. */
function unheededNoop(agent: string, { name, inputs }: ActionDdl, data: Values): string | undefined {
  if (!Object.hasOwn(data, 'noop') || inputs.some((input) => input.name === 'noop')) return undefined
  if (data.noop === false || data.noop === 'false') return undefined
  return `${agent} ${name} of this node knows no noop and was not run: it would have changed something`
}

function isDeclared(ddl: AgentDdl, action: string): boolean {
  return ddl.actions.some((declared) => declared.name === action)
}

function bounded(body: Answer): Answer {
  if (body.kind === 'text') return { kind: 'text', text: body.text.slice(0, TEXT_BODY_LENGTH_MAX) }
  return { ...body, statusMessage: body.statusMessage.slice(0, TEXT_BODY_LENGTH_MAX) }
}
