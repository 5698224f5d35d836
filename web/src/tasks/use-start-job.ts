// Starts a job and shows its results in place of the list of actions: `?job=ID` in the address, so that reload and back do what one expects.

import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { NewJob } from '#console/api/jobs.ts'
import { call } from '../api/client.ts'
import { rememberJob } from '../api/remember-job.ts'

export function useStartJob() {
  const showJob = useShowJob()
  return useMutation({
    mutationFn: (body: NewJob) => call('POST /api/jobs', { body }),
    onSuccess: (job) => {
      rememberJob(job)
      showJob(job.id)
    },
  })
}

/** undefined: back to the list of actions. The job goes on. */
export function useShowJob(): (id: string | undefined) => void {
  const navigate = useNavigate()
  return (id) => {
    void navigate({
      to: '.',
      search: (old: Record<string, unknown>) => ({ ...old, job: id, view: undefined }),
    } as never)
  }
}
