// What a job was given: inputs (secrets masked) and roll-out, in one line.

import type { Job } from '#console/api/jobs.ts'
import { ForeignText } from '../components/foreign-text.tsx'
import { inputText } from '../components/inputs-text.ts'
import styles from './job-inputs.module.css'

export function JobInputs({ job }: { job: Pick<Job, 'inputs' | 'rollOut'> }) {
  const { rollOut = {} } = job
  const care = [
    rollOut.canary === undefined ? '' : `canary ${rollOut.canary}`,
    rollOut.batch === undefined ? '' : `groups of ${rollOut.batch}`,
    rollOut.batchSleepSeconds === undefined ? '' : `${rollOut.batchSleepSeconds} s between them`,
    rollOut.maxFailures === undefined ? '' : `at most ${rollOut.maxFailures} failures`,
    rollOut.timeoutSeconds === undefined ? '' : `waits ${rollOut.timeoutSeconds} s`,
  ].filter((text) => text !== '')
  const inputs = Object.entries(job.inputs)
  if (inputs.length === 0 && care.length === 0) return null
  return (
    <ul className={styles.inputs} aria-label="Inputs">
      {inputs.map(([name, value]) => (
        <li key={name}>
          {name}=<ForeignText>{inputText(value).slice(0, 300)}</ForeignText>
        </li>
      ))}
      {care.map((text) => (
        <li key={text} data-care>
          {text}
        </li>
      ))}
    </ul>
  )
}
