// The first page: the fleet at a glance. Figures are what the console knows; `Ping now` asks every node. [issue: fleet overview]

import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useId } from 'react'
import type { Overview } from '#console/api/fleet.ts'
import type { NodeRow } from '#console/api/nodes.ts'
import { call } from '../api/client.ts'
import { sentenceOf } from '../api/error.ts'
import { overviewQuery } from '../api/queries.ts'
import { type BarPart, Bars, Shares } from '../components/bars.tsx'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { millisecondsText, nodesText, numberText } from '../components/format.ts'
import { IconRefresh } from '../components/icons.ts'
import { TextLink } from '../components/link.tsx'
import { Mark, type Meaning, meaningOfNodeState, wordOfNodeState } from '../components/mark.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { Empty, ErrorState, Loading } from '../components/state.tsx'
import { Page } from '../frame/page.tsx'
import { JobTable } from '../results/job-table.tsx'
import { Latency } from '../results/job-view.tsx'
import styles from './overview.module.css'

export function OverviewPage() {
  const found = useQuery(overviewQuery)
  const ping = usePing()
  const total = found.data === undefined ? 0 : Object.values(found.data.states).reduce((sum, count) => sum + count, 0)
  return (
    <Page
      title="Overview"
      actions={
        <>
          {found.data === undefined ? null : (
            <span className={styles.age}>
              As of <RelativeTime atMs={found.data.asOfMs} />
            </span>
          )}
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden="true" />}
            loading={ping.isPending}
            onClick={() => ping.mutate()}
          >
            Ping now
          </Button>
        </>
      }
    >
      {found.data === undefined ? (
        found.error === null ? (
          <Loading>Counting the nodes ...</Loading>
        ) : (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : total === 0 ? (
        <Empty title="No nodes yet">
          A node appears here when its daemon has joined the collective. If there are some, the console may not reach
          the bus.
        </Empty>
      ) : (
        <Figures overview={found.data} total={total} />
      )}
    </Page>
  )
}

function usePing() {
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => call('POST /api/overview/ping'),
    onSuccess: (job) =>
      notifications.show({
        title: 'Asking every node',
        message: 'The figures change when all have answered.',
        onClick: () => void navigate({ to: '/jobs/$id', params: { id: job.id } }),
      }),
    onError: (error) => notifications.show({ color: 'red', title: 'Not asked', message: sentenceOf(error) }),
  })
}

const RUN_PARTS: readonly BarPart[] = [
  { label: 'unchanged', color: 'var(--t-idle)' },
  { label: 'changed', color: 'var(--t-ok)' },
  { label: 'failed', color: 'var(--t-failed)' },
]

function Figures({ overview, total }: { overview: Overview; total: number }) {
  const { states, lastRuns, latency, runsPerHour, missing, operatingSystems, versions, recentJobs } = overview
  return (
    <div className={styles.grid}>
      <dl className={styles.states}>
        <Figure label="nodes" value={total} />
        <Figure label="answering" value={states.answering} meaning="ok" />
        <Figure label="did not answer" value={states.silent} meaning="silent" bad />
        <Figure label="missing" value={states.lost} meaning="failed" bad />
        <Figure
          label={
            states.disabled === 0 ? (
              'Puppet disabled'
            ) : (
              <TextLink to="/reports" search={{ sort: 'state' }}>
                Puppet disabled
              </TextLink>
            )
          }
          value={states.disabled}
          meaning="off"
          bad
        />
      </dl>
      <Card
        title="Last Puppet runs"
        note={lastRuns.asOfMs === undefined ? undefined : <RelativeTime atMs={lastRuns.asOfMs} />}
        more={<TextLink to="/reports">All reports</TextLink>}
      >
        <Shares
          title="Last Puppet runs by outcome"
          of="Outcome"
          shares={[
            runShare('failed', 'failed', lastRuns.failed, 'var(--t-failed)'),
            runShare('changed', 'changed', lastRuns.changed, 'var(--t-ok)'),
            runShare('unchanged', 'unchanged', lastRuns.unchanged, 'var(--t-idle)'),
            runShare('never', 'never ran', lastRuns.never, 'var(--t-refused)'),
            runShare('unknown', 'not known', lastRuns.unknown, 'var(--t-silent)'),
          ]}
        />
      </Card>
      <Card title="Puppet runs per hour" note="last day, as the console saw them">
        {runsPerHour.some(({ changed, unchanged, failed }) => changed + unchanged + failed > 0) ? (
          <Bars title="Puppet runs per hour" of="Hour" bars={lastDay(runsPerHour, overview.asOfMs)} parts={RUN_PARTS} />
        ) : (
          <p className={styles.nothing}>No run was seen in the last 24 hours.</p>
        )}
      </Card>
      <Card title="Latency" note={latency === undefined ? undefined : <RelativeTime atMs={latency.atMs} />}>
        {latency === undefined ? (
          <p className={styles.nothing}>Not measured yet: Ping now asks every node and measures how long it takes.</p>
        ) : (
          <>
            <dl className={styles.latency}>
              <Time label="half of them within" ms={latency.p50Ms} />
              <Time label="99% within" ms={latency.p99Ms} />
              <Time label="slowest" ms={latency.maxMs} />
            </dl>
            <Latency steps={latency.steps} />
          </>
        )}
      </Card>
      <Card title="Operating systems">
        <Shares title="Nodes by operating system" of="Operating system" shares={operatingSystems.map(shareOf)} />
      </Card>
      <Card title="Versions of Troupe">
        <Shares title="Nodes by version of the daemon" of="Version" shares={versions.map(shareOf)} />
      </Card>
      <Card title="Missing" note={missing.length === 0 ? undefined : 'longest first'}>
        {missing.length === 0 ? (
          <p className={styles.nothing}>
            <Mark meaning="ok" /> Every node answers.
          </p>
        ) : (
          <Missing rows={missing} />
        )}
      </Card>
      <Card title="Recent jobs" more={<TextLink to="/jobs">All jobs</TextLink>} wide>
        {recentJobs.length === 0 ? (
          <p className={styles.nothing}>Nothing was run yet.</p>
        ) : (
          <JobTable jobs={recentJobs.slice(0, 8)} caption="Recent jobs" />
        )}
      </Card>
      <div className={styles.command}>
        <CommandToCopy command="mco ping && mco puppet summary" />
      </div>
    </div>
  )
}

function Figure({
  label,
  value,
  meaning,
  bad = false,
}: {
  label: ReactNode
  value: number
  meaning?: Meaning
  bad?: boolean
}) {
  return (
    <div className={styles.figure} data-quiet={(bad && value === 0) || undefined}>
      <dt>
        {meaning === undefined ? null : <Mark meaning={bad && value === 0 ? 'idle' : meaning} />} {label}
      </dt>
      <dd>{numberText(value)}</dd>
    </div>
  )
}

function Card({
  title,
  note,
  more,
  wide = false,
  children,
}: {
  title: string
  note?: ReactNode
  more?: ReactNode
  wide?: boolean
  children: ReactNode
}) {
  const id = useId()
  return (
    <section className={styles.card} data-wide={wide || undefined} aria-labelledby={id}>
      <div className={styles.cardHead}>
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <span className={styles.cardNote}>{note}</span>}
        {more === undefined ? null : <span className={styles.cardMore}>{more}</span>}
      </div>
      {children}
    </section>
  )
}

function Missing({ rows }: { rows: readonly NodeRow[] }) {
  return (
    <div className={styles.missing} tabIndex={0} role="group" aria-label="Missing nodes, scrolling">
      <table>
        <caption className="visually-hidden">Missing nodes, {nodesText(rows.length)}</caption>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Node</th>
            <th scope="col">State</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const since = row.missingSinceMs ?? row.lastSeenMs
            return (
              <tr key={row.name}>
                <th scope="row">
                  <TextLink to="/nodes/$name" params={{ name: row.name }} preload={false}>
                    {row.name}
                  </TextLink>
                </th>
                <td>
                  <span title={wordOfNodeState(row.state)}>
                    <Mark meaning={meaningOfNodeState(row.state)} />{' '}
                    {row.state === 'silent' ? 'silent' : wordOfNodeState(row.state)}
                  </span>
                </td>
                <td>{since === undefined ? 'never seen' : <RelativeTime atMs={since} />}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Time({ label, ms }: { label: string; ms: number }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{millisecondsText(ms)}</dd>
    </div>
  )
}

function runShare(outcome: string, label: string, count: number, color: string) {
  return {
    key: outcome,
    count,
    color,
    label: (
      <TextLink to="/reports" search={{ outcome }}>
        {label}
      </TextLink>
    ),
  }
}

function shareOf({ value, nodes }: { value: string; nodes: number }) {
  return { key: value, label: value, count: nodes }
}

const HOUR_MS = 3_600_000

/** Every hour of the last day, as those without a run are not told of. */
function lastDay(hours: Overview['runsPerHour'], nowMs: number) {
  const byHour = new Map(hours.map((hour) => [Math.floor(hour.atMs / HOUR_MS), hour]))
  const last = Math.max(Math.floor(nowMs / HOUR_MS), ...byHour.keys())
  return Array.from({ length: 24 }, (_, index) => {
    const at = last - 23 + index
    const { unchanged = 0, changed = 0, failed = 0 } = byHour.get(at) ?? {}
    return { label: hourText(at * HOUR_MS), values: [unchanged, changed, failed], ticked: (23 - index) % 6 === 0 }
  })
}

function hourText(atMs: number): string {
  return `${String(new Date(atMs).getHours()).padStart(2, '0')}:00`
}
