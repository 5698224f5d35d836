// Puppet on the nodes of a job, never on more than so many at once: the engine of `mco puppet runall`. [live 5; B-025; cli 8.11, R-072]

import type { Clock } from '#base/clock.ts'
import { pause } from '#base/pause.ts'
import type { CallReply, Client } from '#client/api.ts'
import { PUPPET } from '#client/puppet-words.ts'
import { runAll } from '#client/run-all.ts'
import type { HostStatus } from '#client/run-slots.ts'
import type { Values } from '#message/request.ts'
import type { JobRun } from './running-job.ts'

export interface RunAllPlan {
  readonly concurrency: number
  readonly inputs: Values
  /** Failures from which on nothing more is begun; absent: never. */
  readonly failuresMax?: number
  readonly collective?: string | undefined
  /** A number, or a share such as `10%`. */
}

const RHYTHM = { afterStartMs: 0, whileFullMs: 1_000 }

/** Resolves when every node had its turn, or somebody stopped it. */
export async function runPuppetOnAll(client: Client, clock: Clock, job: JobRun, plan: RunAllPlan): Promise<void> {
  const options = { signal: job.abort, ...(plan.collective === undefined ? {} : { collective: plan.collective }) }
  const ask = async (nodes: readonly string[]): Promise<{ replies: CallReply[]; silent: readonly string[] }> => {
    const call = client.agent(PUPPET.agent).call('status', {}, { ...options, nodes })
    const replies: CallReply[] = []
    for await (const reply of call) if (reply.expected) replies.push(reply as CallReply)
    return { replies, silent: (await call.summary).noResponse }
  }
  const statusesIn = (replies: readonly CallReply[]): Map<string, HostStatus> =>
    new Map(replies.filter((r) => r.statusCode === 0).map((reply) => [reply.sender, PUPPET.statusOf(reply.data)]))

  const first = await ask(job.nodes)
  for (const node of first.silent) await job.result({ node, outcome: 'noResponse' })
  const broken = first.replies.filter((reply) => reply.statusCode !== 0 || reply.data.enabled === false)
  for (const reply of broken) await job.result(notRun(reply))
  const known = statusesIn(first.replies.filter((reply) => !broken.includes(reply)))
  const hosts = job.nodes.filter((node) => known.has(node))

  const { left } = await runAll({
    ...{ hosts, concurrency: plan.concurrency, known, rhythm: RHYTHM },
    failuresMax: plan.failuresMax ?? Number.POSITIVE_INFINITY,
    stopped: () => job.stopping.aborted,
    pause: (ms) => pause(clock, ms, job.stopping),
    status: async () => statusesIn((await ask(hosts)).replies),
    async start(host) {
      await job.markSent([host])
      const inputs = { ...plan.inputs, ...PUPPET.forced }
      const call = client.agent(PUPPET.agent).call('runonce', inputs, { ...options, nodes: [host] })
      let found: CallReply | undefined
      for await (const reply of call) if (reply.sender === host) found = reply as CallReply
      await call.summary
      return found
    },
    says: {
      waiting: (running) => job.latest({ node: '', text: `${running} are running: waiting for one to end` }),
      starting: (host, running) => job.latest({ node: host, text: `starting, while ${running} are running` }),
      started(host, reply) {
        void job.result(reply ? ranOf(reply) : { node: host, outcome: 'noResponse' })
      },
      givenUp({ host, why }) {
        const message = why === 'idle' ? 'it took the run but never began it' : 'it took the run and fell silent'
        void job.result({ node: host, outcome: 'failed', message })
      },
    },
  })
  for (const node of left) await job.result({ node, outcome: 'notAddressed' })
  if (left.length > 0 && !job.stopping.aborted) job.stop('too many nodes failed: no further run was started')
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
