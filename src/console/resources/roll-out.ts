// Work on the nodes of a job in groups: a canary first, then so many at a time, until somebody stops it or too many fail. The same words and
// rules as of a job that is one call (jobs/run-call.ts), for work of several steps per node. [issue: canary first, stop on failures]

import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import { CLONE_NODES_AT_ONCE_MAX } from '#base/limits.ts'
import { pause } from '#base/pause.ts'
import type { RollOut } from '../api/jobs.ts'
import { countOf } from '../jobs/job-engine.ts'
import type { JobRun } from '../jobs/running-job.ts'

/** Throws CONSOLE_INVALID for what makes no sense together. */
export function checkRollOut(rollOut: RollOut | undefined): void {
  if (rollOut?.maxFailures === undefined || rollOut.batch !== undefined) return
  const why = 'it needs groups: otherwise every node is addressed before the first answer'
  throw new TroupeError('CONSOLE_INVALID', `rollOut.maxFailures: ${why}`, {
    details: { fields: { 'rollOut.maxFailures': why } },
  })
}

/** `work` enters the lines of its nodes and answers how many of them went wrong. Nodes that are not reached any more are `notAddressed`. */
export async function inGroups(
  job: JobRun,
  clock: Clock,
  given: { readonly nodes: readonly string[]; readonly rollOut?: RollOut | undefined },
  work: (nodes: readonly string[]) => Promise<number>,
): Promise<void> {
  const { nodes, rollOut = {} } = given
  const { canary, maxFailures, batchSleepSeconds = 1 } = rollOut
  const most = countOf(maxFailures, nodes.length) ?? Number.POSITIVE_INFINITY
  const batch = Math.max(1, countOf(rollOut.batch, nodes.length) ?? nodes.length)
  let bad = 0
  let at = 0
  while (at < nodes.length && !job.stopping.aborted) {
    const isCanary = at === 0 && canary !== undefined && canary < nodes.length
    const group = nodes.slice(at, at + (isCanary ? canary : batch))
    let wrong = 0
    // A group without bounds is worked on in parts, so that not everything is in memory at once.
    for (let part = 0; part < group.length; part += CLONE_NODES_AT_ONCE_MAX) {
      if (part > 0 && job.stopping.aborted) break
      const some = group.slice(part, part + CLONE_NODES_AT_ONCE_MAX)
      wrong += await work(some)
      at += some.length
    }
    bad += wrong
    if (isCanary && wrong > 0) {
      const count = `${wrong} of ${canary} ${canary === 1 ? 'node' : 'nodes'}`
      job.stop(`the canary did not do well: ${count} failed or did not answer`)
    } else if (bad >= most && at < nodes.length) {
      job.stop(`${bad} nodes failed or did not answer: no further group was begun`)
    }
    if (at < nodes.length && !isCanary && !job.stopping.aborted)
      await pause(clock, batchSleepSeconds * 1000, job.stopping)
  }
  for (const node of nodes.slice(at)) await job.result({ node, outcome: 'notAddressed' })
}
