// How far nodes have been asked for their resources: in full on the page of a type, in a line on the summary. [live 8]

import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../api/client.ts'
import { sentenceOf } from '../api/error.ts'
import { jobQuery } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { numberText } from '../components/format.ts'
import { IconPlayerStop } from '../components/icons.ts'
import { Mark } from '../components/mark.tsx'
import { JobProgress } from '../results/job-progress.tsx'
import styles from './inspection.module.css'

export function InspectionProgress({ id }: { id: string }) {
  const job = useQuery(jobQuery(id)).data
  const stop = useStop(id)
  if (job === undefined) return null
  return (
    <div className={styles.progress}>
      <div className={styles.bar}>
        <JobProgress job={job} />
      </div>
      {job.state === 'running' ? (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerStop size={14} aria-hidden="true" />}
          loading={stop.isPending}
          onClick={() => stop.mutate()}
        >
          Stop waiting
        </Button>
      ) : null}
    </div>
  )
}

/** `37 / 446` beside a turning mark. */
export function InspectionCount({ id }: { id: string }) {
  const job = useQuery(jobQuery(id)).data
  if (job === undefined) return <Waiting>asking ...</Waiting>
  const { ok, failed, refused, targeted } = job.counts
  return (
    <Waiting>
      {numberText(ok + failed + refused)} / {numberText(targeted)} answered
    </Waiting>
  )
}

function Waiting({ children }: { children: ReactNode }) {
  return (
    <span className={styles.waiting}>
      <Mark meaning="busy" /> {children}
    </span>
  )
}

/** Those that have not answered are not waited for any more; what came in stays. */
export function useStop(id: string) {
  return useMutation({
    mutationFn: () => call('POST /api/jobs/:id/stop', { params: { id } }),
    onSuccess: (stopped) => queryClient.setQueryData(jobQuery(id).queryKey, stopped),
    onError: (error) => notifications.show({ color: 'red', title: 'Not stopped', message: sentenceOf(error) }),
  })
}
