// One job: its progress and its results, grouped by equal answers. [live 7]

import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { Job } from '#console/api/jobs.ts'
import { jobQuery } from '../../api/queries.ts'
import { nodesText, timeText } from '../../components/format.ts'
import { IconArrowLeft } from '../../components/icons.ts'
import { TextLink } from '../../components/link.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Page } from '../../frame/page.tsx'
import { JobInputs } from '../../results/job-inputs.tsx'
import { JobView } from '../../results/job-view.tsx'

export function JobPage() {
  const { id } = useParams({ from: '/frame/plain/jobs/$id' })
  const job = useQuery(jobQuery(id)).data
  const navigate = useNavigate()
  return (
    <Page
      title={job?.title ?? 'Job'}
      heading={
        job === undefined ? undefined : (
          <>
            Results for <b>{job.title}</b> on {nodesText(job.counts.targeted)}
          </>
        )
      }
      above={
        <TextLink to="/jobs">
          <IconArrowLeft size={14} aria-hidden="true" /> All jobs
        </TextLink>
      }
    >
      <JobView
        key={id}
        id={id}
        about={(shown) => <About job={shown} />}
        onOther={(other) => void navigate({ to: '/jobs/$id', params: { id: other.id } })}
      />
    </Page>
  )
}

function About({ job }: { job: Job }) {
  return (
    <>
      By <b>{job.account}</b>, <RelativeTime atMs={job.startedAtMs} /> ({timeText(job.startedAtMs)})
      {job.of === undefined ? null : (
        <>
          , {job.kind === 'undo' ? 'undoes' : 'repeats'}{' '}
          <TextLink to="/jobs/$id" params={{ id: job.of }}>
            this job
          </TextLink>
        </>
      )}
      <JobInputs job={job} />
    </>
  )
}
