// One job from its first answer to its last: progress, what can be done, aggregates, and the answers, grouped or one line per node. The same on its own
// page and in the tabs of Live Management. [live 7, 8]

import { SegmentedControl, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { Job, JobGroups } from '#console/api/jobs.ts'
import { addressOf } from '../api/client.ts'
import { agentsQuery, jobGroupsQuery, jobQuery } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import { Bars } from '../components/bars.tsx'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { ForeignText } from '../components/foreign-text.tsx'
import { countText, millisecondsText, nodesText, numberText } from '../components/format.ts'
import { Help } from '../components/help.tsx'
import { Empty, ErrorState, Loading } from '../components/state.tsx'
import { actionOf } from './data-view.ts'
import blocks from './group-block.module.css'
import { GroupBlock } from './group-block.tsx'
import { JobActions, mayRepeat, type Repeat } from './job-actions.tsx'
import { JobProblem, JobProgress } from './job-progress.tsx'
import styles from './job-view.module.css'
import { NodeLines } from './node-lines.tsx'

type JobViewKind = 'groups' | 'nodes'

export interface JobViewProps {
  readonly id: string
  /** It was repeated or undone: show that one. */
  readonly onOther: (job: Job) => void
  /** Left of the buttons. */
  readonly about?: (job: Job) => ReactNode
}

const LOOK_AGAIN_MS = 15_000

export function JobView({ id, onOther, about }: JobViewProps) {
  const job = useQuery({
    ...jobQuery(id),
    // Events tell of every change; should one be missed, the page still comes to its end.
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? LOOK_AGAIN_MS : false),
  })
  const agents = useQuery(agentsQuery)
  const operator = useMay('operator')
  const [view, setView] = useView()
  const [normalised, setNormalised] = useState(false)
  const [repeat, setRepeat] = useState<Repeat>()
  if (job.error !== null && job.data === undefined) {
    return <ErrorState title="This job cannot be shown" error={job.error} onRetry={() => void job.refetch()} />
  }
  if (job.data === undefined) return <Loading>Reading the job ...</Loading>
  const shown = job.data
  const action = actionOf(agents.data, shown.agent, shown.action)
  const acts = action?.acts ?? shown.kind !== 'inspect'
  return (
    <div className={styles.job}>
      <div className={styles.top}>
        <div className={styles.about}>{about?.(shown)}</div>
        <div className={styles.buttons}>
          <JobActions job={shown} acts={acts} repeat={repeat} onRepeat={setRepeat} onOther={onOther} />
        </div>
      </div>
      <JobProgress job={shown} />
      <JobProblem job={shown} />
      <CommandToCopy command={shown.command} nodes={addressOf('/api/jobs/:id/export', { id }, { format: 'nodes' })} />
      <div className={styles.switches}>
        <SegmentedControl
          size="xs"
          aria-label="How to show the answers"
          value={view}
          onChange={(value) => setView(value as JobViewKind)}
          data={[
            { value: 'groups', label: 'Equal answers together' },
            { value: 'nodes', label: 'One line per node' },
          ]}
        />
        {view === 'groups' ? (
          <span className={styles.normalised}>
            <Switch
              size="xs"
              label="Disregard numbers and host names"
              checked={normalised}
              onChange={(event) => setNormalised(event.currentTarget.checked)}
            />
            <Help label="Disregard numbers and host names">
              Answers that differ in numbers or names of nodes alone stand together; shown is that of the first node.
            </Help>
          </span>
        ) : null}
      </div>
      {view === 'groups' ? (
        <Groups
          job={shown}
          normalised={normalised}
          action={action}
          onRepeat={
            mayRepeat(shown, acts, operator)
              ? ({ key, nodes }) => setRepeat({ group: { key, normalised, nodes: nodes.count } })
              : undefined
          }
        />
      ) : (
        <NodeLines job={shown} action={action} />
      )}
    </div>
  )
}

/** In the address, whatever page it is on: reload and links keep it. */
function useView(): readonly [JobViewKind, (view: JobViewKind) => void] {
  const { view } = useSearch({ strict: false }) as { view?: unknown }
  const navigate = useNavigate()
  return [
    view === 'nodes' ? 'nodes' : 'groups',
    (next) =>
      void navigate({
        to: '.',
        search: (old: object) => ({ ...old, view: next === 'nodes' ? next : undefined }),
        replace: true,
      } as never),
  ]
}

function Groups({
  job,
  normalised,
  action,
  onRepeat,
}: { job: Job; normalised: boolean } & Pick<Parameters<typeof GroupBlock>[0], 'action' | 'onRepeat'>) {
  const found = useQuery(jobGroupsQuery(job.id, normalised))
  if (found.data === undefined) {
    return found.error === null ? (
      <Loading>
        {job.state === 'running' ? `Running on ${nodesText(job.counts.targeted)} ...` : 'Reading the answers ...'}
      </Loading>
    ) : (
      <ErrorState error={found.error} onRetry={() => void found.refetch()} />
    )
  }
  const { groups, more, aggregates, latency } = found.data
  const shown = groups.filter(({ outcome }) => outcome !== 'waiting')
  return (
    <>
      {found.error === null ? null : <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
      <Aggregates aggregates={aggregates} />
      {shown.length === 0 ? (
        job.state === 'running' ? (
          <Loading>Waiting for the first answer of {nodesText(job.counts.targeted)} ...</Loading>
        ) : (
          <Empty title="No node answered" />
        )
      ) : (
        <ul className={blocks.blocks} aria-label="Groups of equal answers">
          {shown.map((group) => (
            <GroupBlock key={`${group.key} ${normalised}`} {...{ job, group, normalised, action, onRepeat }} />
          ))}
        </ul>
      )}
      {more === 0 ? null : (
        <p className={styles.more}>
          And {countText(more, 'more group')}, not shown: disregard numbers and host names, or look at one line per
          node.
        </p>
      )}
      {latency.length < 2 ? null : (
        <section className={styles.latency} aria-labelledby={`latency-${job.id}`}>
          <h2 id={`latency-${job.id}`} className={styles.small}>
            How long the answers took
          </h2>
          <Latency steps={latency} />
        </section>
      )}
    </>
  )
}

export function Latency({ steps }: { steps: JobGroups['latency'] }) {
  return (
    <Bars
      title="How long the answers took"
      of="Up to"
      height={90}
      bars={steps.map(({ uptoMs, nodes }) => ({ label: millisecondsText(uptoMs), values: [nodes] }))}
      parts={[{ label: 'nodes', color: 'var(--t-busy)' }]}
    />
  )
}

function Aggregates({ aggregates }: { aggregates: JobGroups['aggregates'] }) {
  // What says nothing (`false: all of them`, of an output nobody asks for) would hide what does: at most eight, those with different values first.
  const told = aggregates.filter(({ rows }) => rows.length > 0)
  const sorted = [...told].sort((a, b) => Number(b.rows.length > 1) - Number(a.rows.length > 1))
  if (sorted.length === 0) return null
  return (
    <section className={styles.aggregates} aria-label="Summaries">
      {sorted.slice(0, 12).map(({ title, rows }) => (
        <div key={title} className={styles.aggregate}>
          <h2 className={styles.aggregateTitle}>{title.replace(/^Summary of /, '')}</h2>
          <dl>
            {rows.slice(0, 8).map(({ value, count }) => (
              <div key={value}>
                <dt>
                  <ForeignText oneLine>{value.slice(0, 200)}</ForeignText>
                </dt>
                {count === undefined ? null : <dd>{numberText(count)}</dd>}
              </div>
            ))}
          </dl>
          {rows.length > 8 ? <p className={styles.aggregateMore}>and {numberText(rows.length - 8)} more</p> : null}
        </div>
      ))}
    </section>
  )
}
