// Puts a job into the cache that an answer brought along, unless an event has already told of a later state of it.

import type { Job } from '#console/api/jobs.ts'
import { jobQuery } from './queries.ts'
import { queryClient } from './query-client.ts'

export function rememberJob(job: Job): void {
  queryClient.setQueryData(jobQuery(job.id).queryKey, (known: Job | undefined) =>
    known !== undefined && known.revision >= job.revision ? known : job,
  )
}
