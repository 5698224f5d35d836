// `on 50 nodes` of a group of answers, which opens into their names, each with what is its own: seconds, pids, the way to its Puppet report.

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Job, JobGroup } from '#console/api/jobs.ts'
import { call } from '../api/client.ts'
import { sentenceOf } from '../api/error.ts'
import { nodesText, numberText } from '../components/format.ts'
import { IconChevronRight } from '../components/icons.ts'
import { TextLink } from '../components/link.tsx'
import sample from '../components/node-sample.module.css'
import { CopyNames, NodeNameList } from '../components/node-sample.tsx'
import { TextButton } from '../components/text-button.tsx'
import { visibleString } from '../components/visible-text.ts'
import { ownText } from './data-view.ts'

export interface GroupNodesProps {
  readonly job: Job
  readonly group: JobGroup
  readonly normalised: boolean
  /** Outputs each node has of its own. */
  readonly own: readonly string[]
  readonly labelOf: (output: string) => string
  readonly reports: boolean
  /** Runs the job again on these nodes. */
  readonly onRepeat?: (() => void) | undefined
}

const PAGE = 1_000
/** Notes are read for that many nodes; more are named only. */
const NOTED_MAX = 5_000

export function GroupNodes({ job, group, normalised, own, labelOf, reports, onRepeat }: GroupNodesProps) {
  const [open, setOpen] = useState(false)
  const { count, first } = group.nodes
  const asked = useQuery({
    queryKey: ['jobs', 'results', job.id, 'names', group.key, normalised, count],
    queryFn: ({ signal }) => namesOf(job.id, group.key, normalised, signal),
    enabled: open && count > first.length,
    placeholderData: (previous) => previous,
  })
  const noted = useQuery({
    queryKey: ['jobs', 'results', job.id, 'notes', group.key, normalised, count],
    queryFn: ({ signal }) => notesOf(job.id, group.key, normalised, signal),
    enabled: open && own.length > 0,
    placeholderData: (previous) => previous,
  })
  const names = (count > first.length ? asked.data : undefined) ?? first
  const note = (node: string) => {
    const data = noted.data?.get(node)
    const text = data === undefined ? '' : visibleString(ownText(data, own, labelOf))
    if (text === '' && !reports) return null
    return (
      <>
        {reports ? (
          <TextLink
            to="/nodes/$name"
            params={{ name: node }}
            search={{ tab: 'runs' }}
            preload={false}
            underline="always"
          >
            report<span className="visually-hidden"> of {node}</span>
          </TextLink>
        ) : null}
        {reports && text !== '' ? ' · ' : null}
        {text}
      </>
    )
  }
  return (
    <div className={sample.sample}>
      <button type="button" className={sample.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} className={sample.arrow} aria-hidden="true" />
        on {nodesText(count)}
      </button>
      {open ? (
        <div className={sample.opened}>
          <NodeNameList names={names} note={own.length > 0 || reports ? note : undefined} />
          {asked.isFetching && names.length < count ? <p className={sample.rest}>Loading the others ...</p> : null}
          {asked.error === null ? null : <p className={sample.rest}>{sentenceOf(asked.error)}</p>}
          {own.length > 0 && count > NOTED_MAX ? (
            <p className={sample.rest}>What is each node's own is shown for the first {numberText(NOTED_MAX)}.</p>
          ) : null}
          <div className={sample.foot}>
            <CopyNames names={names} busy={names.length < count} />
            {onRepeat === undefined ? null : (
              <TextButton size="xs" tone="dim" underline="always" onClick={onRepeat}>
                Run again on {count === 1 ? 'this node' : `these ${nodesText(count)}`}
              </TextButton>
            )}
          </div>
        </div>
      ) : null}
    </div>
  )
}

async function namesOf(id: string, key: string, normalised: boolean, signal: AbortSignal): Promise<readonly string[]> {
  const { nodes } = await call('GET /api/jobs/:id/groups/:key/nodes', {
    params: { id, key },
    query: { normalised },
    signal,
  })
  return nodes
}

async function notesOf(
  id: string,
  group: string,
  normalised: boolean,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, unknown>> {
  const notes = new Map<string, unknown>()
  let after: string | undefined
  do {
    const page = await call('GET /api/jobs/:id/results', {
      params: { id },
      query: { group, normalised, limit: PAGE, ...(after === undefined ? {} : { after }) },
      signal,
    })
    for (const { node, data } of page.results) notes.set(node, data)
    after = page.next
  } while (after !== undefined && notes.size < NOTED_MAX)
  return notes
}
