// One action on the nodes of a job, through the client library as the command line does it: in groups, with a canary first, until somebody
// stops it. Every reply becomes the node's line; so does every silence. [live 10] [issue: canary first, stop on failures]

import type { CallOptions, CallReply, CallSummary, Client } from '#client/api.ts'
import type { Values } from '#message/request.ts'
import type { RollOut } from '../api/jobs.ts'
import type { JobRun } from './running-job.ts'

export interface CallPlan {
  readonly agent: string
  readonly action: string
  readonly inputs: Values
  /** Of the job's nodes; default all of them. */
  readonly nodes?: readonly string[]
  readonly rollOut?: RollOut | undefined
  readonly collective?: string | undefined
  /** Called with every reply of a node that was asked, as it came. */
  readonly onReply?: (reply: CallReply) => void
  /** false: replies and silences are not entered as the nodes' lines; the caller does. Default true. */
  readonly record?: boolean
  readonly ttlSeconds?: number | undefined
}

/** The account of a call, canary and rest together. */
export interface CallEnd {
  readonly replies: ReadonlyMap<string, Pick<CallReply, 'outcome' | 'statusCode'>>
  /** Sorted. */
  readonly noResponse: readonly string[]
  readonly notAddressed: readonly string[]
  /** Messages that could not be trusted or understood. */
  readonly rejected: number
  readonly rejectedReason?: string
}

/** Resolves when all nodes of the plan are accounted for. Rejects when nothing could be sent, or not go on. */
export async function runCall(client: Client, job: JobRun, plan: CallPlan): Promise<CallEnd> {
  const nodes = plan.nodes ?? job.nodes
  const { canary, ...rest } = plan.rollOut ?? {}
  if (canary === undefined || canary >= nodes.length) return one(client, job, plan, nodes, rest)
  const { batch: _batch, batchSleepSeconds: _sleep, maxFailures: _most, ...alone } = rest
  const first = await one(client, job, plan, nodes.slice(0, canary), alone)
  const good = [...first.replies.values()].filter(({ outcome }) => outcome === 'ok').length
  const others = nodes.slice(canary)
  if (good < canary && !job.stopping.aborted) {
    const bad = canary - good
    job.stop(`the canary did not do well: ${bad} of ${countedNodes(canary)} failed or did not answer`)
  }
  if (job.stopping.aborted) {
    if (plan.record !== false) for (const node of others) await job.result({ node, outcome: 'notAddressed' })
    return { ...first, notAddressed: [...first.notAddressed, ...others].sort() }
  }
  const second = await one(client, job, plan, others, rest)
  return {
    replies: new Map([...first.replies, ...second.replies]),
    noResponse: [...first.noResponse, ...second.noResponse].sort(),
    notAddressed: [...first.notAddressed, ...second.notAddressed].sort(),
    rejected: first.rejected + second.rejected,
    ...reasonOf(second.rejectedReason ?? first.rejectedReason),
  }
}

async function one(
  client: Client,
  job: JobRun,
  plan: CallPlan,
  nodes: readonly string[],
  rollOut: Omit<RollOut, 'canary'>,
): Promise<CallEnd> {
  const replies = new Map<string, Pick<CallReply, 'outcome' | 'statusCode'>>()
  const record = plan.record !== false
  if (nodes.length === 0) return { replies, noResponse: [], notAddressed: [], rejected: 0 }
  const call = client.agent(plan.agent).call(plan.action, plan.inputs, callOptions(job, plan, nodes, rollOut))
  const stop = (): void => call.stop()
  job.stopping.addEventListener('abort', stop, { once: true })
  if (job.stopping.aborted) stop()
  let summary: CallSummary
  try {
    for await (const reply of call) {
      // Of a node that was not asked: it has no line, and must not get one.
      if (!reply.expected || replies.has(reply.sender)) continue
      replies.set(reply.sender, { outcome: reply.outcome, statusCode: reply.statusCode })
      plan.onReply?.(reply as CallReply)
      if (!record) continue
      const room = job.result(lineOf(reply as CallReply))
      if (room) await room
    }
    summary = await call.summary
  } finally {
    job.stopping.removeEventListener('abort', stop)
  }
  if (record) {
    const cutShort = summary.interrupted && (rollOut.batch === undefined || job.abort.aborted)
    for (const node of summary.noResponse) await job.result({ node, outcome: 'noResponse', cutShort })
    for (const node of summary.notAddressed) await job.result({ node, outcome: 'notAddressed' })
  }
  if (summary.stoppedAfterFailures !== undefined)
    job.stop(`${countedNodes(summary.stoppedAfterFailures)} failed or did not answer: no further group was begun`)
  const { noResponse, notAddressed, rejected } = summary
  return { replies, noResponse, notAddressed, rejected, ...reasonOf(summary.rejectedReason) }
}

function callOptions(
  job: JobRun,
  { collective, ttlSeconds }: CallPlan,
  nodes: readonly string[],
  rollOut: Omit<RollOut, 'canary'>,
): CallOptions {
  const { batch, batchSleepSeconds, maxFailures, timeoutSeconds } = rollOut
  const given = {
    collective,
    batch,
    batchSleepSeconds,
    timeoutSeconds,
    ttlSeconds,
    maxFailures: batch === undefined ? undefined : maxFailures,
  }
  return {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<CallOptions>),
    nodes,
    signal: job.abort,
    onGroup: (group) => job.markSent(group),
    onEvent: ({ sender, text, percent }) =>
      job.latest({ node: sender, text: percent === undefined ? text : `${text} (${Math.round(percent)} %)` }),
  }
}

function lineOf({ sender, outcome, statusCode, statusMessage, data, elapsedMs }: CallReply) {
  const message = outcome === 'ok' && statusMessage === 'OK' ? undefined : statusMessage
  return { node: sender, outcome, statusCode, message, data, elapsedMs }
}

function countedNodes(count: number): string {
  return count === 1 ? '1 node' : `${count} nodes`
}

function reasonOf(rejectedReason: string | undefined): { rejectedReason?: string } {
  return rejectedReason === undefined ? {} : { rejectedReason }
}
