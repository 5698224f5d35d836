// Starts a job and shows its results in place of the list of actions: `?job=ID` in the address, so that reload and back do what one expects.

import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Job, NewJob } from '#console/api/jobs.ts'
import { call } from '../api/client.ts'
import { jobQuery } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'

export function useStartJob() {
  const showJob = useShowJob()
  return useMutation({
    mutationFn: (body: NewJob) => call('POST /api/jobs', { body }),
    onSuccess: (job) => {
      // An event may have told of it already.
      queryClient.setQueryData(jobQuery(job.id).queryKey, (known: Job | undefined) =>
        known !== undefined && known.revision >= job.revision ? known : job,
      )
      showJob(job.id)
    },
  })
}

/** undefined: back to the list of actions. The job goes on. */
export function useShowJob(): (id: string | undefined) => void {
  const navigate = useNavigate()
  return (id) => {
    void navigate({ to: '.', search: (old: Record<string, unknown>) => ({ ...old, job: id }) } as never)
  }
}
