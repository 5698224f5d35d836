// Puppet on all selected nodes, never on more than so many at once. [live 5, O16; cli 8.16]

import { Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { runAllCommand } from '#console/api/command-line.ts'
import type { Job, NewJob } from '#console/api/jobs.ts'
import type { TaskAction } from '#console/api/tasks.ts'
import { ApiError } from '../api/error.ts'
import { useMay } from '../api/session.ts'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { FormError, fieldError } from '../components/form-error.tsx'
import { useNodeList, useSelection } from '../nodes/node-selection.tsx'
import { JobInputs } from '../results/job-inputs.tsx'
import styles from './action-form.module.css'
import { draftOfInputs, inputsOf, problemsOf } from './inputs-draft.ts'
import { InputsForm } from './inputs-form.tsx'
import { countOrShare, isCountOrShare } from './roll-out.ts'
import { asksFirst, RunButtons, RunQuestion } from './run-buttons.tsx'
import { commandFor, filterIfWhole } from './target.ts'
import { useStartJob } from './use-start-job.ts'

/** `runonce`: the action whose inputs every run gets. */
export function RunAllForm({ runonce, onCancel }: { runonce: TaskAction; onCancel: () => void }) {
  const selection = useSelection()
  const { matching } = useNodeList()
  const may = useMay('operator')
  // It decides by itself when a run is begun.
  const [fields] = useState(() => runonce.inputs.filter(({ name }) => name !== 'force' && !name.startsWith('splay')))
  const [draft, setDraft] = useState(() => draftOfInputs(fields))
  const [concurrency, setConcurrency] = useState('5')
  const [maxFailures, setMaxFailures] = useState('')
  const [asking, setAsking] = useState(false)
  const start = useStartJob()

  const problems = new Map(problemsOf(fields, draft))
  for (const [path, text] of start.error instanceof ApiError ? start.error.fields : []) {
    if (path.startsWith('inputs.')) problems.set(path.slice('inputs.'.length), text)
  }
  const badConcurrency = /^[1-9]\d{0,2}$|^1000$/.test(concurrency) ? undefined : 'A number of nodes, 1 to 1000'
  const badFailures =
    maxFailures === '' || isCountOrShare(maxFailures, 0) ? undefined : 'A number, or a share such as 10%'
  const wrong = problems.size > 0 || badConcurrency !== undefined || badFailures !== undefined
  const inputs = inputsOf(fields, draft)
  const limit = maxFailures === '' || badFailures !== undefined ? {} : { maxFailures: countOrShare(maxFailures) }
  const command = commandFor(selection, matching.length, (target) =>
    runAllCommand({ concurrency: Number(concurrency) || 1, inputs, target, ...limit }),
  )
  const run = (): void => {
    const filter = filterIfWhole(selection, matching.length)
    const job: NewJob = {
      ...{ kind: 'runall', concurrency: Number(concurrency), inputs, nodes: [...selection.nodes], ...limit },
      ...(filter === undefined ? {} : { filter }),
    }
    start.mutate(job, { onError: () => setAsking(false) })
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (wrong) event.currentTarget.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
    else if (asksFirst(selection)) setAsking(true)
    else run()
  }
  const plain = start.error instanceof ApiError && start.error.fields.size > 0 ? undefined : start.error
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label="Run all">
      <FormError error={plain} />
      <div className={styles.fields}>
        <TextInput
          label="At once"
          description="Runs at a time, counting those that run anyway"
          required
          inputMode="numeric"
          value={concurrency}
          error={badConcurrency ?? fieldError(start.error, 'concurrency')}
          onChange={(event) => setConcurrency(event.currentTarget.value.trim())}
          autoComplete="off"
        />
        <TextInput
          label="Stop at failures"
          description="So many nodes, or a share such as 10%; no further run is begun"
          placeholder="never"
          value={maxFailures}
          error={badFailures ?? fieldError(start.error, 'maxFailures')}
          onChange={(event) => setMaxFailures(event.currentTarget.value.trim())}
          autoComplete="off"
        />
      </div>
      <InputsForm inputs={fields} draft={draft} problems={problems} onChange={setDraft} />
      <CommandToCopy command={command} nodes={selection.nodes} />
      <RunButtons may={may} acts busy={start.isPending} onCancel={onCancel}>
        {may ? undefined : 'Running Puppet takes the role operator.'}
      </RunButtons>
      <RunQuestion
        opened={asking}
        what="Run Puppet"
        busy={start.isPending}
        onRun={run}
        onCancel={() => setAsking(false)}
      >
        <Text size="sm">Never more than {concurrency} at once. Nodes on which Puppet is disabled refuse.</Text>
        <JobInputs job={{ inputs: inputs as Job['inputs'] }} />
      </RunQuestion>
    </form>
  )
}
