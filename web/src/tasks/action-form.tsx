// The open row of an action: its inputs, how carefully, the equivalent command, Run and Cancel; a question before it acts on many. [live 5, 6]

import { Text } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { rpcCommand } from '#console/api/command-line.ts'
import type { Job, NewJob } from '#console/api/jobs.ts'
import type { TaskAction } from '#console/api/tasks.ts'
import { ApiError } from '../api/error.ts'
import { useMay } from '../api/session.ts'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { FormError } from '../components/form-error.tsx'
import { durationText, nodesText } from '../components/format.ts'
import { useNodeList, useSelection } from '../nodes/node-selection.tsx'
import { JobInputs } from '../results/job-inputs.tsx'
import styles from './action-form.module.css'
import { draftOfInputs, inputsOf, maskedInputs, problemsOf } from './inputs-draft.ts'
import { InputsForm, More } from './inputs-form.tsx'
import { NO_ROLL_OUT, rollOutOf, rollOutProblems } from './roll-out.ts'
import { RollOutFields } from './roll-out-fields.tsx'
import { asksFirst, RunButtons, RunQuestion } from './run-buttons.tsx'
import { commandFor, filterIfWhole } from './target.ts'
import { useStartJob } from './use-start-job.ts'

export interface ActionFormProps {
  readonly agent: string
  readonly action: TaskAction
  /** Above the fields: what a person must know of this action. */
  readonly note?: ReactNode
  onCancel(): void
}

export function ActionForm({ agent, action, note, onCancel }: ActionFormProps) {
  const selection = useSelection()
  const { matching } = useNodeList()
  const may = useMay(action.acts ? 'operator' : 'viewer')
  const [draft, setDraft] = useState(() => draftOfInputs(action.inputs))
  const [rollOut, setRollOut] = useState(NO_ROLL_OUT)
  const [tried, setTried] = useState(false)
  const [asking, setAsking] = useState(false)
  const start = useStartJob()

  const found = problemsOf(action.inputs, draft)
  // What is missing is said once somebody wanted to run; what is wrong, at once.
  const problems = new Map([...found].filter(([name]) => tried || (draft[name] ?? '') !== ''))
  for (const [path, text] of start.error instanceof ApiError ? start.error.fields : []) {
    const name = path.replace(/^inputs\./, '')
    if (path.startsWith('inputs.') && !problems.has(name)) problems.set(name, text)
  }
  const careProblems = rollOutProblems(rollOut, selection.count)
  const careful = rollOutOf(rollOut)
  const inputs = inputsOf(action.inputs, draft)
  const words = { agent, action: action.name, inputs: maskedInputs(action.inputs, inputs), rollOut: careful }
  const command =
    careful?.canary === undefined
      ? commandFor(selection, matching.length, (target) => rpcCommand({ ...words, target }))
      : rpcCommand({ ...words, target: { kind: 'nodes', nodes: selection.nodes } })
  const run = (): void => {
    const filter = filterIfWhole(selection, matching.length)
    const job: NewJob = {
      ...{ kind: 'call', agent, action: action.name, inputs, nodes: [...selection.nodes] },
      ...(filter === undefined ? {} : { filter }),
      ...(careful === undefined ? {} : { rollOut: careful }),
    }
    start.mutate(job, { onError: () => setAsking(false) })
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    setTried(true)
    if (found.size > 0 || Object.keys(careProblems).length > 0) {
      // After the errors are there.
      const form = event.currentTarget
      requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
      return
    }
    if (action.acts && asksFirst(selection)) setAsking(true)
    else run()
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={`${agent} ${action.name}`}>
      {note}
      <FormError error={unplaced(start.error, action) ? start.error : undefined} />
      <InputsForm
        inputs={action.inputs}
        draft={draft}
        problems={problems}
        onChange={(next) => {
          setDraft(next)
          if (start.error !== null) start.reset()
        }}
      />
      <More label="Roll-out: groups, canary, limits" forced={Object.keys(careProblems).length > 0}>
        <RollOutFields
          draft={rollOut}
          problems={careProblems}
          timeoutSeconds={action.timeoutSeconds}
          onChange={setRollOut}
        />
      </More>
      <CommandToCopy command={command} nodes={selection.nodes} />
      <RunButtons may={may} acts={action.acts} busy={start.isPending} onCancel={onCancel}>
        {may ? '' : 'What may change nodes takes the role operator. '}
        {action.acts ? 'May change nodes' : 'Changes nothing'}
        {action.noop ? '; No-op only says what would change' : ''}; waits at most{' '}
        {durationText(careful?.timeoutSeconds ?? action.timeoutSeconds)}
      </RunButtons>
      <RunQuestion
        opened={asking}
        what={`${agent} ${action.name}`}
        busy={start.isPending}
        onRun={run}
        onCancel={() => setAsking(false)}
      >
        <Text size="sm">
          {action.description.replace(/\.$/, '')}: on{' '}
          {selection.all ? 'every node there is' : nodesText(selection.count)}.
          {careful?.canary === undefined
            ? ''
            : ` First on ${nodesText(careful.canary)}; on the others only when none of these failed.`}
        </Text>
        <JobInputs
          job={{ inputs: words.inputs as Job['inputs'], ...(careful === undefined ? {} : { rollOut: careful }) }}
        />
      </RunQuestion>
    </form>
  )
}

/** An error that no field shows. */
function unplaced(error: unknown, action: TaskAction): boolean {
  if (!(error instanceof ApiError) || error.fields.size === 0) return error !== null
  return [...error.fields.keys()].some((path) => !action.inputs.some(({ name }) => path === `inputs.${name}`))
}
