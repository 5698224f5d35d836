// The results of an action in the tab it was run from, with the way back to the list of actions. Going back does not stop it. [live 7, 8]

import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { jobQuery } from '../api/queries.ts'
import { nodesText } from '../components/format.ts'
import { IconArrowLeft } from '../components/icons.ts'
import { TextLink } from '../components/link.tsx'
import { TextButton } from '../components/text-button.tsx'
import { Page } from '../frame/page.tsx'
import { JobInputs } from '../results/job-inputs.tsx'
import { JobView } from '../results/job-view.tsx'
import { useShowJob } from './use-start-job.ts'

/** `title` is that of the tab, until the job is known. */
export function JobHere({ id, title }: { id: string; title: string }) {
  const job = useQuery(jobQuery(id)).data
  const show = useShowJob()
  const place = useRef<HTMLDivElement>(null)
  // The path has not changed, so nobody else moves the focus to the new heading.
  useEffect(() => {
    if (id !== '') place.current?.querySelector<HTMLElement>('h1')?.focus()
  }, [id])
  return (
    <div ref={place}>
      <Page
        title={job?.title ?? title}
        heading={
          job === undefined ? (
            title
          ) : (
            <>
              {job.state === 'running' ? 'Running' : 'Results for'} <b>{job.title}</b> on{' '}
              {nodesText(job.counts.targeted)}
            </>
          )
        }
        above={
          <TextButton onClick={() => show(undefined)}>
            <IconArrowLeft size={14} aria-hidden="true" /> Return to action list
          </TextButton>
        }
      >
        <JobView
          key={id}
          id={id}
          onOther={(other) => show(other.id)}
          about={(shown) => (
            <>
              Kept under{' '}
              <TextLink to="/jobs/$id" params={{ id }}>
                jobs
              </TextLink>
              {shown.state === 'running' ? ': it goes on when you leave this page.' : '.'}
              <JobInputs job={shown} />
            </>
          )}
        />
      </Page>
    </div>
  )
}
