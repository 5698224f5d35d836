// What a clone did: progress, then the resource beside the state of every node after it; failures are columns of their own with what the node said.
// [live 4]

import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import type { Job, JobGroup } from '#console/api/jobs.ts'
import type { ResourceVariant } from '#console/api/resources.ts'
import { addressOf } from '../api/client.ts'
import { jobGroupsQuery, jobQuery } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { ForeignText } from '../components/foreign-text.tsx'
import { numberText } from '../components/format.ts'
import { meaningOfOutcome } from '../components/mark.tsx'
import { NodeSampleView } from '../components/node-sample.tsx'
import { Pill } from '../components/pill.tsx'
import { ErrorState, Loading } from '../components/state.tsx'
import { isMap } from '../results/data-view.ts'
import { GroupNodes } from '../results/group-nodes.tsx'
import { JobActions } from '../results/job-actions.tsx'
import { JobProblem, JobProgress } from '../results/job-progress.tsx'
import styles from './clone-view.module.css'
import { type PropertyColumn, PropertyTable } from './property-table.tsx'

/** What can be done with a clone: stop it, undo it, take it along. */
export function CloneActions({ job, onOther }: { job: Job; onOther: (job: Job) => void }) {
  const [repeat, setRepeat] = useState<Parameters<typeof JobActions>[0]['repeat']>()
  return <JobActions job={job} acts repeat={repeat} onRepeat={setRepeat} onOther={onOther} />
}

export function CloneResultView({
  id,
  source,
}: {
  id: string
  /** What was cloned, as the preview showed it; undefined after the page was loaded anew. */
  source: ResourceVariant | undefined
}) {
  const job = useQuery(jobQuery(id))
  const groups = useQuery({ ...jobGroupsQuery(id, false), enabled: job.data !== undefined })
  const state = job.data?.state
  const running = state === 'running'
  useEffect(() => {
    if (state !== undefined && state !== 'running') void queryClient.invalidateQueries({ queryKey: ['resources'] })
  }, [state])
  const shown = groups.data?.groups
  const columns = useMemo(
    () => (job.data === undefined || shown === undefined ? [] : columnsOf(job.data, shown, source)),
    [job.data, shown, source],
  )
  const { differing, equal } = useMemo(() => rowsOf(columns), [columns])
  if (job.data === undefined) {
    return job.error === null ? (
      <Loading>Reading the job ...</Loading>
    ) : (
      <ErrorState title="This clone cannot be shown" error={job.error} onRetry={() => void job.refetch()} />
    )
  }
  return (
    <>
      {running ? <Loading>Performing cloning operation ...</Loading> : null}
      <JobProgress job={job.data} />
      <JobProblem job={job.data} />
      {columns.length <= 1 ? null : (
        <PropertyTable
          caption={`Results of ${job.data.title}`}
          columns={columns}
          differing={differing}
          equal={equal}
          noun="outcome"
        />
      )}
      {groups.error === null ? null : <ErrorState error={groups.error} onRetry={() => void groups.refetch()} />}
      <div className={styles.command}>
        <CommandToCopy
          command={job.data.command}
          nodes={addressOf('/api/jobs/:id/export', { id: job.data.id }, { format: 'nodes' })}
        />
      </div>
    </>
  )
}

const WORDS: Partial<Record<JobGroup['outcome'], string>> = {
  ok: 'success',
  failed: 'failed',
  refused: 'refused',
  noResponse: 'did not answer',
  notAddressed: 'left alone',
  unknown: 'unknown',
}

function columnsOf(job: Job, groups: readonly JobGroup[], source: ResourceVariant | undefined): PropertyColumn[] {
  const done = groups.filter(({ outcome }) => outcome !== 'waiting')
  // What went wrong stands where it cannot be overlooked.
  const sorted = [...done].sort((a, b) => rankOf(a) - rankOf(b) || b.nodes.count - a.nodes.count)
  return [
    {
      key: 'source',
      isSource: true,
      properties: source?.properties ?? stepOf(job),
      head: (
        <div className={styles.head}>
          <b>Resource to clone</b>
          {source === undefined ? (
            typeof job.inputs.source === 'string' ? (
              <span>from {job.inputs.source}</span>
            ) : null
          ) : (
            <NodeSampleView sample={source.nodes} />
          )}
        </div>
      ),
    },
    ...sorted.map((group): PropertyColumn => {
      const { outcome, message, data, nodes, key } = group
      const resource = isMap(data) && isMap(data.resource) ? data.resource : undefined
      const gone = resource === undefined || Object.keys(resource).length === 0
      return {
        key,
        properties: gone ? undefined : resource,
        empty: outcome === 'ok' ? (resource === undefined ? 'not told' : 'absent') : 'not told',
        head: (
          <div className={styles.head}>
            <Pill meaning={meaningOfOutcome(outcome)}>
              {numberText(nodes.count)} {WORDS[outcome] ?? outcome}
            </Pill>
            <GroupNodes job={job} group={group} normalised={false} own={NO_NAMES} labelOf={same} reports={false} />
            {message === undefined || message === '' || message === 'OK' ? null : (
              <p className={styles.message}>
                <ForeignText>{message}</ForeignText>
              </p>
            )}
          </div>
        ),
      }
    }),
  ]
}

function rankOf({ outcome }: JobGroup): number {
  return outcome === 'ok' ? 2 : outcome === 'notAddressed' ? 1 : 0
}

const NO_NAMES: readonly string[] = []
const same = (name: string): string => name

/** What the job was to make: its last step. */
function stepOf(job: Job): Readonly<Record<string, unknown>> | undefined {
  const { steps } = job.inputs
  const last: unknown = Array.isArray(steps) ? steps.at(-1) : undefined
  return isMap(last) && isMap(last.properties) ? last.properties : undefined
}

function rowsOf(columns: readonly PropertyColumn[]): { differing: string[]; equal: string[] } {
  const present = columns.flatMap(({ properties }) => (properties === undefined ? [] : [properties]))
  const names = [...new Set(present.flatMap((properties) => Object.keys(properties)))].sort()
  const isEqual = (name: string): boolean => new Set(present.map((one) => JSON.stringify(one[name] ?? null))).size <= 1
  return { differing: names.filter((name) => !isEqual(name)), equal: names.filter(isEqual) }
}
