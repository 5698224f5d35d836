// The Puppet runs of a node: how long they took over time, and of each its events, log and metrics. [live 5, O15]

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RunReport } from '#console/api/puppet.ts'
import { call } from '../api/client.ts'
import { nodeRunsQuery } from '../api/queries.ts'
import { Bars } from '../components/bars.tsx'
import { ForeignText } from '../components/foreign-text.tsx'
import { countText, durationText, millisecondsText, numberText, timeText } from '../components/format.ts'
import { Mark, type Meaning } from '../components/mark.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { RunOutcome } from '../components/run-outcome.tsx'
import { Empty, ErrorState, Loading } from '../components/state.tsx'
import { ValueLine } from '../components/value-view.tsx'
import styles from './node-runs.module.css'

const SOURCES = {
  node: 'told by the node just now',
  puppetdb: 'from PuppetDB',
  history: 'kept by the console',
} as const
const DRAWN_MAX = 40

export function NodeRuns({ name }: { name: string }) {
  const found = useQuery(nodeRunsQuery(name))
  const [chosen, setChosen] = useState<string>()
  if (found.data === undefined) {
    return found.error === null ? (
      <Loading>Asking {name} for its last run ...</Loading>
    ) : (
      <ErrorState error={found.error} onRetry={() => void found.refetch()} />
    )
  }
  const { reports, problem } = found.data
  const report = reports.find(({ id }) => id === chosen) ?? reports[0]
  return (
    <>
      {problem === undefined ? null : (
        <p className={styles.problem}>
          <Mark meaning="warn" /> <ForeignText>{problem}</ForeignText>
        </p>
      )}
      {report === undefined ? (
        <Empty title="No Puppet run is known">When Puppet has run on this node, its report is here.</Empty>
      ) : (
        <>
          {reports.length > 1 ? <OverTime reports={reports} /> : null}
          <div className={styles.columns}>
            <nav aria-label="Runs" className={styles.list}>
              {reports.map((one) => (
                <button
                  key={one.id}
                  type="button"
                  className={styles.run}
                  aria-current={one.id === report.id ? 'true' : undefined}
                  onClick={() => setChosen(one.id)}
                >
                  <RunOutcome outcome={one.run.outcome} />
                  <span className={styles.when}>
                    {one.run.atMs === undefined ? 'never' : <RelativeTime atMs={one.run.atMs} />}
                  </span>
                </button>
              ))}
            </nav>
            <Report key={report.id} name={name} report={report} first={report === reports[0]} />
          </div>
        </>
      )}
    </>
  )
}

/** Seconds of the last runs, the oldest at the left. */
function OverTime({ reports }: { reports: readonly RunReport[] }) {
  const drawn = reports.slice(0, DRAWN_MAX).toReversed()
  return (
    <section className={styles.time} aria-labelledby="over-time">
      <h2 id="over-time">Resources changed and failed over time</h2>
      <Bars
        title="Puppet runs over time"
        of="Run"
        height={70}
        bars={drawn.map(({ run }) => ({
          label: `${run.atMs === undefined ? '' : timeText(run.atMs)}, ${durationText(run.seconds)}`,
          values: [run.changed, run.failed],
          ticked: false,
        }))}
        parts={[
          { label: 'changed', color: 'var(--t-ok)' },
          { label: 'failed', color: 'var(--t-failed)' },
        ]}
      />
    </section>
  )
}

/** Older runs come without their parts: they are asked for. */
function Report({ name, report, first }: { name: string; report: RunReport; first: boolean }) {
  const bare = report.events.length === 0 && report.logs.length === 0 && report.metrics.length === 0
  const asked = useQuery({
    queryKey: ['nodes', 'runs', name, report.id],
    queryFn: ({ signal }) => call('GET /api/nodes/:name/runs/:id', { params: { name, id: report.id }, signal }),
    enabled: bare && !first,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const whole = asked.data ?? report
  const { run } = whole
  return (
    <article className={styles.report} aria-label="Report of the run">
      <dl className={styles.facts}>
        <Fact label="When">{run.atMs === undefined ? 'never' : timeText(run.atMs)}</Fact>
        <Fact label="Outcome">
          <RunOutcome outcome={run.outcome} />
        </Fact>
        <Fact label="Took">{durationText(run.seconds)}</Fact>
        <Fact label="Changed">{numberText(run.changed)}</Fact>
        <Fact label="Failed">{numberText(run.failed)}</Fact>
        <Fact label="Out of sync">{numberText(run.outOfSync)}</Fact>
        <Fact label="Resources">{numberText(run.total)}</Fact>
        {whole.environment === undefined ? null : <Fact label="Environment">{whole.environment}</Fact>}
        {run.configVersion === undefined ? null : <Fact label="Catalogue">{run.configVersion}</Fact>}
        {whole.puppetVersion === undefined ? null : <Fact label="Puppet">{whole.puppetVersion}</Fact>}
        {whole.noop === true ? <Fact label="No-op">it only said what would change</Fact> : null}
      </dl>
      <p className={styles.source}>This report is {SOURCES[whole.source]}.</p>
      {asked.isFetching ? <Loading>Reading its events and log ...</Loading> : null}
      {asked.error === null ? null : <ErrorState error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.isFetching ? null : (
        <>
          <Events events={whole.events} />
          <Logs logs={whole.logs} />
          <Metrics metrics={whole.metrics} />
        </>
      )}
    </article>
  )
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const SHOWN_MAX = 300

function Events({ events }: { events: RunReport['events'] }) {
  return (
    <section aria-labelledby="events">
      <h2 id="events">Events ({numberText(events.length)})</h2>
      {events.length === 0 ? (
        <p className={styles.nothing}>Nothing changed and nothing failed.</p>
      ) : (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <caption className="visually-hidden">What changed or failed</caption>
            <thead>
              <tr>
                <th scope="col">Status</th>
                <th scope="col">Resource</th>
                <th scope="col">Property</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Message</th>
              </tr>
            </thead>
            <tbody>
              {events.slice(0, SHOWN_MAX).map((event, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: events have no other key, and never move
                <tr key={index}>
                  <td className={styles.nowrap}>
                    <Mark meaning={EVENTS[event.status] ?? 'idle'} /> {event.status}
                  </td>
                  <th scope="row">
                    <ForeignText>{event.resource}</ForeignText>
                  </th>
                  <td>{event.property}</td>
                  <td className={styles.value}>
                    <ValueLine value={event.old} />
                  </td>
                  <td className={styles.value}>
                    <ValueLine value={event.new} />
                  </td>
                  <td>
                    <ForeignText>{event.message}</ForeignText>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {events.length > SHOWN_MAX ? (
        <p className={styles.nothing}>and {countText(events.length - SHOWN_MAX, 'event')} more</p>
      ) : null}
    </section>
  )
}

const EVENTS: Readonly<Record<string, Meaning>> = { success: 'ok', failure: 'failed', noop: 'refused', audit: 'idle' }
const LEVELS: Readonly<Record<string, Meaning>> = {
  err: 'failed',
  error: 'failed',
  crit: 'failed',
  alert: 'failed',
  emerg: 'failed',
  warning: 'warn',
}

function Logs({ logs }: { logs: RunReport['logs'] }) {
  return (
    <section aria-labelledby="logs">
      <h2 id="logs">Log ({numberText(logs.length)})</h2>
      {logs.length === 0 ? (
        <p className={styles.nothing}>It has none.</p>
      ) : (
        <ol className={styles.logs}>
          {logs.slice(0, SHOWN_MAX).map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other key, and never move
            <li key={index} data-meaning={LEVELS[line.level]}>
              <span className={styles.level}>
                {LEVELS[line.level] === undefined ? null : <Mark meaning={LEVELS[line.level] ?? 'idle'} />} {line.level}
              </span>
              <span className={styles.line}>
                {line.source === undefined ? null : (
                  <span className={styles.from}>
                    <ForeignText>{line.source}</ForeignText>{' '}
                  </span>
                )}
                <ForeignText>{line.message}</ForeignText>
              </span>
              {line.atMs === undefined ? null : (
                <span className={styles.at} title={timeText(line.atMs)}>
                  {timeText(line.atMs).slice(11, 19)}
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      {logs.length > SHOWN_MAX ? (
        <p className={styles.nothing}>and {countText(logs.length - SHOWN_MAX, 'line')} more</p>
      ) : null}
    </section>
  )
}

function Metrics({ metrics }: { metrics: RunReport['metrics'] }) {
  if (metrics.length === 0) return null
  const most = Math.max(...metrics.map(({ seconds }) => seconds), 0.001)
  return (
    <section aria-labelledby="metrics">
      <h2 id="metrics">Where the time went</h2>
      <table className={styles.metrics}>
        <caption className="visually-hidden">Seconds by step or resource type</caption>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Step or type</th>
            <th scope="col">Share</th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {metrics.slice(0, 20).map(({ name, seconds }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <span className={styles.bar} style={{ width: `${(seconds / most) * 100}%` }} />
              </td>
              <td>{millisecondsText(seconds * 1_000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
