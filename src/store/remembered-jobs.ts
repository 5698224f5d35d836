// What is remembered of jobs that run, so that it need not be read again with every batch of results. All of it is in the database as well, or
// only saves room there: a job that is not remembered, e.g. after a crash, goes on all the same.

import { JOBS_REMEMBERED_MAX, REPLIES_REMEMBERED_CHARACTERS_MAX } from '#base/limits.ts'
import { createRemembered, type Remembered } from '#base/remembered.ts'

export interface RememberedJob {
  /** undefined: not known here. */
  readonly targets: ReadonlySet<string> | undefined
  /** Replies that were kept, by data and message. */
  readonly replies: Remembered<KeptReply>
}

export interface KeptReply {
  /** Of job_reply, from status_code to normalised_key. */
  readonly row: readonly unknown[]
  readonly number: number
}

export interface RememberedJobs {
  of(job: string): RememberedJob
  begin(job: string, targets: ReadonlySet<string>): void
  forget(job: string): void
}

export function createRememberedJobs(): RememberedJobs {
  const jobs = new Map<string, RememberedJob>()
  const begin = (job: string, targets: ReadonlySet<string> | undefined): RememberedJob => {
    const made = { targets, replies: createRemembered<KeptReply>(REPLIES_REMEMBERED_CHARACTERS_MAX) }
    jobs.set(job, made)
    for (const oldest of jobs.keys()) {
      if (jobs.size <= JOBS_REMEMBERED_MAX) break
      jobs.delete(oldest)
    }
    return made
  }
  return {
    of: (job) => jobs.get(job) ?? begin(job, undefined),
    begin,
    forget: (job) => void jobs.delete(job),
  }
}
