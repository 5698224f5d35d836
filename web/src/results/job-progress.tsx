// How far a job is: `37 / 446 answered` with a bar in the colours of the outcomes, how long it may still take, what a node told last. [live 8]

import { useEffect, useState } from 'react'
import type { Job, JobOutcome } from '#console/api/jobs.ts'
import { ForeignText } from '../components/foreign-text.tsx'
import { countText, durationText, millisecondsText, nodesText, numberText } from '../components/format.ts'
import { Mark, meaningOfJobState, meaningOfOutcome, wordOfOutcome } from '../components/mark.tsx'
import { Pill } from '../components/pill.tsx'
import styles from './job-progress.module.css'

/** In the order of the bar. */
const OUTCOMES = ['ok', 'failed', 'refused', 'noResponse', 'notAddressed', 'unknown'] as const
const STATE_WORDS = {
  running: 'running',
  done: 'done',
  stopped: 'stopped',
  failed: 'could not be done',
  interrupted: 'interrupted',
} as const

export function JobProgress({ job }: { job: Job }) {
  const { counts, state } = job
  const answered = counts.ok + counts.failed + counts.refused
  const running = state === 'running'
  return (
    <section className={styles.progress} aria-label="Progress">
      <div className={styles.line}>
        <span className={styles.count}>
          <b>{numberText(answered)}</b> / {numberText(counts.targeted)} answered
        </span>
        <Pill meaning={meaningOfJobState(state)}>{STATE_WORDS[state]}</Pill>
        <span className={styles.outcomes}>
          {OUTCOMES.filter((outcome) => counts[outcome] > 0).map((outcome) => (
            <span key={outcome} className={styles.outcome}>
              <Mark meaning={meaningOfOutcome(outcome)} /> {numberText(counts[outcome])} {wordOfOutcome(outcome)}
            </span>
          ))}
        </span>
        <span className={styles.time}>{running ? <Countdown job={job} /> : <Took job={job} />}</span>
      </div>
      <div
        className={styles.track}
        role="progressbar"
        aria-label="Nodes that answered"
        aria-valuemin={0}
        aria-valuemax={counts.targeted}
        aria-valuenow={answered}
        aria-valuetext={`${answered} of ${nodesText(counts.targeted)} answered`}
        data-running={running || undefined}
      >
        {OUTCOMES.map((outcome) => (
          <span
            key={outcome}
            className={styles.part}
            data-outcome={outcome}
            style={{ width: `${counts.targeted === 0 ? 0 : (counts[outcome] / counts.targeted) * 100}%` }}
          />
        ))}
      </div>
      {running && job.latest !== undefined ? (
        <p className={styles.latest}>
          {job.latest.node === '' ? null : <b>{job.latest.node}: </b>}
          <ForeignText oneLine>{job.latest.text}</ForeignText>
        </p>
      ) : null}
      <p className="visually-hidden" role="status">
        {running ? '' : `${job.title}: ${STATE_WORDS[state]}. ${spoken(counts)}`}
      </p>
    </section>
  )
}

function spoken(counts: Job['counts']): string {
  return OUTCOMES.filter((outcome: JobOutcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${wordOfOutcome(outcome)}`)
    .join(', ')
}

function Countdown({ job }: { job: Job }) {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const since = `${durationText(Math.max(0, Math.round((nowMs - job.startedAtMs) / 1000)))} so far`
  if (job.deadlineMs === undefined) return since
  const left = Math.ceil((job.deadlineMs - nowMs) / 1000)
  return `${since}, ${left > 0 ? `at most ${durationText(left)} more` : 'over in a moment'}`
}

function stopText(reason = 'stopped'): string {
  return /^stopped\b/.test(reason) ? `S${reason.slice(1)}` : `Stopped: ${reason}`
}

function Took({ job }: { job: Job }) {
  return job.endedAtMs === undefined ? null : `in ${millisecondsText(job.endedAtMs - job.startedAtMs)}`
}

/** Why a job ended otherwise than it should, and what that means for its nodes. */
export function JobProblem({ job }: { job: Job }) {
  const { state, counts } = job
  const words =
    state === 'interrupted'
      ? `The console ended in the middle of this job. ${
          counts.unknown > 0
            ? `${nodesText(counts.unknown)} had been sent the request and may have carried it out: their outcome is unknown. Look at them before you run it again.`
            : 'Every node that had been sent the request had answered.'
        }`
      : state === 'stopped'
        ? `${stopText(job.stopReason)}.${
            counts.notAddressed > 0 ? ` ${countText(counts.notAddressed, 'node was', 'nodes were')} never asked.` : ''
          }`
        : undefined
  if (words === undefined && job.problem === undefined) return null
  return (
    <div className={styles.problem} data-state={state} role="note">
      <Mark meaning={state === 'failed' ? 'failed' : 'warn'} size={15} />
      <div>
        {words}
        {job.problem === undefined ? null : (
          <div>
            <ForeignText>{job.problem}</ForeignText>
          </div>
        )}
      </div>
    </div>
  )
}
