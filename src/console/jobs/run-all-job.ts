// Puppet on the nodes of a job, never on more than so many at once, until every run has ended: the engine of `mco puppet runall`, and what
// came of each run from its own summary. [live 5; B-025; cli 8.11, R-072]

import type { Clock } from '#base/clock.ts'
import { PUPPET_WAIT_ALONE_SECONDS, REPORTS_FETCHED_AT_ONCE_MAX } from '#base/limits.ts'
import { pause } from '#base/pause.ts'
import type { CallReply, Client } from '#client/api.ts'
import { PUPPET } from '#client/puppet-words.ts'
import { type RunAllParts, runAll } from '#client/run-all.ts'
import type { GivenUp, HostStatus } from '#client/run-slots.ts'
import { NOT_WAITED } from '#client/run-wait.ts'
import type { Values } from '#message/request.ts'
import { errorOf, type RunEnd, runEndOf } from '../puppet/run-end.ts'
import type { JobRun } from './running-job.ts'

export interface RunAllPlan {
  readonly concurrency: number
  readonly inputs: Values
  /** Failures from which on nothing more is begun, those of runs that failed among them; absent: never. */
  readonly failuresMax?: number
  readonly collective?: string | undefined
}

const RHYTHM = { afterStartMs: 0, whileFullMs: 1_000 }
const LIMIT_MS = PUPPET_WAIT_ALONE_SECONDS * 1000

interface Begun {
  readonly atMs: number
  /** The node took it. */
  taken: boolean
}

/** Resolves when every node had its turn and every run has ended, or nobody waits any longer. */
export async function runPuppetOnAll(client: Client, clock: Clock, job: JobRun, plan: RunAllPlan): Promise<void> {
  const options = { signal: job.abort, ...(plan.collective === undefined ? {} : { collective: plan.collective }) }
  const ask = async (action: string, nodes: readonly string[], inputs: Values = {}) => {
    const call = client.agent(PUPPET.agent).call(action, inputs, { ...options, nodes })
    const replies: CallReply[] = []
    for await (const reply of call) if (reply.expected) replies.push(reply as CallReply)
    return { replies, silent: (await call.summary).noResponse }
  }
  const statusesOf = async (nodes: readonly string[]) => statusesIn((await ask('status', nodes)).replies)

  const first = await ask('status', job.nodes)
  for (const node of first.silent) await job.result({ node, outcome: 'noResponse' })
  const broken = first.replies.filter((reply) => reply.statusCode !== 0 || reply.data.enabled === false)
  for (const reply of broken) await job.result(notRun(reply))
  const known = statusesIn(first.replies.filter((reply) => !broken.includes(reply)))
  const hosts = job.nodes.filter((node) => known.has(node))

  const begun = new Map<string, Begun>()
  let over = 0
  /** Whoever did not answer when it was told to run has its line already. */
  const unknown = async (node: string, message: string): Promise<void> => {
    if (begun.get(node)?.taken) await job.result({ node, outcome: 'unknown', message })
  }
  const parts: RunAllParts = {
    ...{ hosts, concurrency: plan.concurrency, known, rhythm: RHYTHM, status: statusesOf },
    failuresMax: plan.failuresMax ?? Number.POSITIVE_INFINITY,
    stopped: () => job.stopping.aborted,
    pause: (ms) => pause(clock, ms, job.stopping.aborted ? job.abort : job.stopping),
    async start(host) {
      await job.markSent([host])
      begun.set(host, { atMs: clock.now(), taken: false })
      const { replies } = await ask('runonce', [host], { ...plan.inputs, ...PUPPET.forced })
      return replies.find(({ sender }) => sender === host)
    },
    says: {
      waiting: (running) => job.latest({ node: '', text: `${running} are running: waiting for one to end` }),
      starting: (host, running) => job.latest({ node: host, text: `starting, while ${running} are running` }),
      started(host, reply) {
        const one = begun.get(host)
        if (one && reply?.statusCode === 0) one.taken = true
        void job.result(lineOfStart(host, reply))
      },
      givenUp({ host, why }) {
        over++
        if (why === 'long') void unknown(host, `still running after ${LIMIT_MS / 60_000} minutes`)
        else if (begun.get(host)?.taken) void job.result({ node: host, outcome: 'failed', message: WHY[why] })
      },
    },
    ends: {
      ...{ limitMs: LIMIT_MS, now: clock.now, abandoned: () => job.abort.aborted },
      awaited(running) {
        const [longest] = running
        if (longest === undefined) return
        const seconds = Math.round((clock.now() - (begun.get(longest)?.atMs ?? clock.now())) / 1000)
        const text = `running for ${seconds} s; ${running.length} running, ${over} of ${hosts.length} over`
        job.latest({ node: longest, text })
      },
      async ended(nodes) {
        over += nodes.length
        const ends = await endsOf(nodes, ask)
        for (const node of nodes) {
          const end = ends.get(node)
          const elapsedMs = clock.now() - (begun.get(node)?.atMs ?? clock.now())
          if (end === undefined) await unknown(node, 'the run has ended, but its summary could not be read')
          else await job.result({ node, ...end, elapsedMs })
        }
        return nodes.filter((node) => ends.get(node)?.outcome === 'failed')
      },
    },
  }
  const { left, unseen, failed } = await runAll(parts)
  for (const node of unseen) await unknown(node, NOT_WAITED)
  for (const node of left) await job.result({ node, outcome: 'notAddressed' })
  if (left.length === 0 || job.stopping.aborted) return
  job.stop(
    failed.length >= parts.failuresMax
      ? 'too many nodes failed: no further run was started'
      : `no run ended within ${LIMIT_MS / 60_000} minutes: no further run was started`,
  )
}

const WHY: Readonly<Record<Exclude<GivenUp['why'], 'long'>, string>> = {
  idle: 'it took the run, but never began it or kept no summary of it',
  silent: 'it took the run and fell silent',
}

function statusesIn(replies: readonly CallReply[]): Map<string, HostStatus> {
  const good = replies.filter((reply) => reply.statusCode === 0)
  return new Map(good.map((reply) => [reply.sender, PUPPET.statusOf(reply.data)]))
}

/** What their summaries say of the run that has just ended, and of failures what the log says first. */
async function endsOf(
  nodes: readonly string[],
  ask: (action: string, nodes: readonly string[]) => Promise<{ readonly replies: readonly CallReply[] }>,
): Promise<Map<string, RunEnd>> {
  const good = async (action: string, of: readonly string[]): Promise<readonly CallReply[]> =>
    of.length === 0 ? [] : (await ask(action, of)).replies.filter((reply) => reply.statusCode === 0)
  const ends = new Map<string, RunEnd>()
  for (const { sender, data } of await good('last_run_summary', nodes)) ends.set(sender, runEndOf(sender, data))
  const failed = nodes.filter((node) => ends.get(node)?.outcome === 'failed')
  for (const { sender, data } of await good('last_run_report', failed.slice(0, REPORTS_FETCHED_AT_ONCE_MAX))) {
    const end = ends.get(sender) as RunEnd
    const error = errorOf(data)
    if (error !== undefined) ends.set(sender, { ...end, message: `${end.message}: ${error}` })
  }
  return ends
}

function lineOfStart(node: string, reply: CallReply | undefined) {
  if (reply === undefined) return { node, outcome: 'noResponse' as const }
  if (reply.statusCode !== 0) return ranOf(reply)
  // Its line until the run has ended.
  return { node, outcome: 'waiting' as const, message: 'Puppet is running' }
}

function ranOf({ sender, outcome, statusCode, statusMessage, data, elapsedMs }: CallReply) {
  const message = outcome === 'ok' && statusMessage === 'OK' ? undefined : statusMessage
  return { node: sender, outcome, statusCode, message, data, elapsedMs }
}

/** A node that answers but is not run: Puppet is disabled, or it cannot say. */
function notRun(reply: CallReply) {
  if (reply.statusCode !== 0) return ranOf(reply)
  const why = typeof reply.data.disable_message === 'string' ? reply.data.disable_message : ''
  const message = why === '' ? 'Puppet is disabled' : `Puppet is disabled: '${why}'`
  return { node: reply.sender, outcome: 'failed' as const, statusCode: 1, message, elapsedMs: reply.elapsedMs }
}
