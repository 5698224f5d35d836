// Nodes that answered the same, beside what they answered. Failures, refusals and silence have a look of their own. [live 7]

import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Job, JobGroup, JobOutcome } from '#console/api/jobs.ts'
import type { TaskAction } from '#console/api/tasks.ts'
import { ForeignText } from '../components/foreign-text.tsx'
import { countText, durationText, nodesText } from '../components/format.ts'
import { IconRefresh } from '../components/icons.ts'
import { TextLink } from '../components/link.tsx'
import { Mark, meaningOfOutcome } from '../components/mark.tsx'
import { TextButton } from '../components/text-button.tsx'
import { ValueView } from '../components/value-view.tsx'
import { isMap, labelsOf, puppetStateOf, sharedOf } from './data-view.ts'
import styles from './group-block.module.css'
import { GroupNodes } from './group-nodes.tsx'

export interface GroupBlockProps {
  readonly job: Job
  readonly group: JobGroup
  readonly normalised: boolean
  readonly action: TaskAction | undefined
  /** Runs it again on these nodes. Absent: this account may not, or the job cannot be repeated. */
  readonly onRepeat?: ((group: JobGroup) => void) | undefined
}

export function GroupBlock({ job, group, normalised, action, onRepeat }: GroupBlockProps) {
  const { outcome } = group
  const shared = sharedOf(group.data, action)
  const labelOf = labelsOf(action)
  const bad = outcome !== 'ok'
  // Said in a line of its own; the figures are there for those who want them.
  const told = /^puppetd?$/.test(job.agent) && job.action === 'status' && puppetStateOf(group.data) !== undefined
  const repeat = outcome !== 'waiting' && job.state !== 'running' && onRepeat ? () => onRepeat(group) : undefined
  return (
    <li className={styles.block} data-outcome={outcome}>
      <div className={styles.nodes}>
        <GroupNodes
          job={job}
          group={group}
          normalised={normalised}
          own={bad ? [] : shared.own}
          labelOf={labelOf}
          reports={job.agent === 'puppet' && (outcome === 'ok' || isRun(group.data))}
          onRepeat={repeat}
        />
      </div>
      <div className={styles.answer}>
        {bad ? (
          <p className={styles.title}>
            <Mark meaning={meaningOfOutcome(outcome)} size={14} /> {titleOf(job, group)}
          </p>
        ) : null}
        {told ? <PuppetState data={group.data} /> : null}
        {group.message === undefined || group.message === '' || group.message === 'OK' ? null : (
          <p className={styles.message}>
            <ForeignText>{group.message}</ForeignText>
          </p>
        )}
        {HINTS[outcome] === undefined ? null : (
          <p className={styles.hint}>{HINTS[outcome][group.nodes.count === 1 ? 0 : 1]}</p>
        )}
        {hasAnswer(shared.value, bad) ? (
          <Answer value={shared.value} labelOf={labelOf} folded={told} />
        ) : outcome === 'ok' && group.message === undefined ? (
          <p className={styles.hint}>Done, with nothing to say.</p>
        ) : null}
        {group.cut === true ? (
          <p className={styles.hint}>
            Cut here:{' '}
            <TextLink to="/jobs/$id" params={{ id: job.id }} search={{ view: 'nodes' }}>
              one line per node
            </TextLink>{' '}
            and the export have what is kept.
          </p>
        ) : null}
        {repeat === undefined || !bad ? null : (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden="true" />}
            onClick={repeat}
          >
            {group.nodes.count === 1 ? 'Try this node again' : `Try these ${nodesText(group.nodes.count)} again`}
          </Button>
        )}
      </div>
    </li>
  )
}

/** `bad`: outputs that were never set, as the action failed, are not worth a table of dashes. */
function hasAnswer(value: unknown, bad: boolean): boolean {
  if (value === undefined || value === null) return false
  if (!isMap(value)) return !(bad && value === '')
  const values = Object.values(value)
  return bad ? values.some((one) => one !== null && one !== undefined && one !== '') : values.length > 0
}

function Answer({ value, labelOf, folded }: { value: unknown; labelOf: (output: string) => string; folded: boolean }) {
  const [open, setOpen] = useState(!folded)
  return (
    <>
      {folded ? (
        <TextButton size="sm" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide the figures' : 'All figures'}
        </TextButton>
      ) : null}
      {open ? (
        <div className={isMap(value) ? styles.table : styles.value}>
          <ValueView value={value} labelOf={labelOf} />
        </div>
      ) : null}
    </>
  )
}

function PuppetState({ data }: { data: unknown }) {
  const state = puppetStateOf(data)
  if (state === undefined) return null
  return (
    <p className={styles.state}>
      <Mark meaning={state.enabled ? 'ok' : 'off'} size={14} /> <ForeignText>{state.text}</ForeignText>
    </p>
  )
}

/** A Puppet run that was waited for, failed or not, has a report. */
const isRun = (data: unknown): boolean => isMap(data) && typeof data.run === 'string'

function titleOf(job: Job, { outcome, statusCode, message = '', nodes, data }: JobGroup): string {
  switch (outcome) {
    case 'failed':
      if (/^puppetd?$/.test(job.agent) && /\bdisabled\b/i.test(message)) return 'Refused: Puppet is disabled there'
      if (isRun(data)) return `The Puppet run failed on ${nodesText(nodes.count)}`
      return `Failed${statusCode === undefined ? '' : `: ${STATUS_WORDS[statusCode] ?? `status ${statusCode}`}`}`
    case 'refused':
      return nodes.count === 1 ? 'Refused: the node does not allow it' : 'Refused: the nodes do not allow it'
    case 'noResponse': {
      const end = job.endedAtMs ?? Date.now()
      const waited =
        job.state === 'running' ? '' : ` within ${durationText(Math.round((end - job.startedAtMs) / 1000))}`
      return `No answer${waited} on ${nodesText(nodes.count)}`
    }
    case 'notAddressed':
      return `${countText(nodes.count, 'node was', 'nodes were')} not asked`
    case 'unknown':
      return `Unknown on ${nodesText(nodes.count)}`
    default:
      return 'Waiting for an answer'
  }
}

const STATUS_WORDS: Readonly<Record<number, string>> = {
  1: 'the action could not be carried out',
  2: 'there is no such action on the node',
  3: 'an input is missing',
  4: 'an input is not valid',
  5: 'the node could not carry it out',
}

/** Of one node, and of several. */
const HINTS: Partial<Record<JobOutcome, readonly [string, string]>> = {
  noResponse: [
    'It may be down, cut off, or not have this agent. A node that answers late is not counted.',
    'They may be down, cut off, or not have this agent. A node that answers late is not counted.',
  ],
  notAddressed: [
    'The job ended before its turn: nothing was sent to it.',
    'The job ended before their turn: nothing was sent to them.',
  ],
  unknown: [
    'It was sent the request; what came of it was not seen. Look at it before you run it again.',
    'They were sent the request; what came of it was not seen. Look at them before you run it again.',
  ],
  refused: [
    'Its policy does not let this account run this action, or the message could not be authenticated.',
    'Their policy does not let this account run this action, or the message could not be authenticated.',
  ],
}
