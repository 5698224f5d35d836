// Jobs in a table: what, who, when, how it went; each leads to its page.

import { Table } from '@mantine/core'
import type { Job, JobCounts } from '#console/api/jobs.ts'
import { millisecondsText, nodesText, numberText } from '../components/format.ts'
import { inputsText } from '../components/inputs-text.ts'
import { TextLink } from '../components/link.tsx'
import { Mark, meaningOfJobState, meaningOfOutcome, wordOfOutcome } from '../components/mark.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import styles from './job-table.module.css'

const WORDS = {
  running: 'running',
  done: 'done',
  stopped: 'stopped',
  failed: 'could not be done',
  interrupted: 'interrupted',
}
const OUTCOMES = ['ok', 'failed', 'refused', 'noResponse', 'notAddressed', 'unknown'] as const

export function JobTable({ jobs, caption, short = false }: { jobs: readonly Job[]; caption: string; short?: boolean }) {
  return (
    <Table.ScrollContainer minWidth={short ? 420 : 760} type="native">
      <Table highlightOnHover className={styles.table ?? ''}>
        <caption className="visually-hidden">{caption}</caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">What</Table.Th>
            <Table.Th scope="col">State</Table.Th>
            <Table.Th scope="col">Nodes</Table.Th>
            <Table.Th scope="col">By</Table.Th>
            <Table.Th scope="col">When</Table.Th>
            {short ? null : (
              <Table.Th scope="col" ta="right">
                Took
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {jobs.map((job) => (
            <Table.Tr key={job.id}>
              <Table.Th scope="row" className={styles.what ?? ''}>
                <TextLink to="/jobs/$id" params={{ id: job.id }} preload={false}>
                  {job.title}
                </TextLink>
                {short ? null : <span className={styles.inputs}>{inputsText(job.inputs).slice(0, 120)}</span>}
              </Table.Th>
              <Table.Td className={styles.state ?? ''}>
                <Mark meaning={meaningOfJobState(job.state)} /> {WORDS[job.state]}
              </Table.Td>
              <Table.Td>
                <Counts counts={job.counts} />
              </Table.Td>
              <Table.Td>{job.account}</Table.Td>
              <Table.Td className={styles.state ?? ''}>
                <RelativeTime atMs={job.startedAtMs} />
              </Table.Td>
              {short ? null : (
                <Table.Td ta="right" className={styles.state ?? ''}>
                  {job.endedAtMs === undefined ? '' : millisecondsText(job.endedAtMs - job.startedAtMs)}
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** The shares as a small bar, with what is not ok in words. */
function Counts({ counts }: { counts: JobCounts }) {
  const bad = OUTCOMES.filter((outcome) => outcome !== 'ok' && counts[outcome] > 0)
  return (
    <span className={styles.counts}>
      <span className={styles.bar} aria-hidden="true">
        {OUTCOMES.map((outcome) => (
          <span
            key={outcome}
            data-outcome={outcome}
            style={{ width: `${counts.targeted === 0 ? 0 : (counts[outcome] / counts.targeted) * 100}%` }}
          />
        ))}
      </span>
      <span>{nodesText(counts.targeted)}</span>
      {bad.map((outcome) => (
        <span key={outcome} className={styles.bad}>
          <Mark meaning={meaningOfOutcome(outcome)} /> {numberText(counts[outcome])} {wordOfOutcome(outcome)}
        </span>
      ))}
    </span>
  )
}
