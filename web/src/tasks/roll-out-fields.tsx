// How carefully an action is rolled out: groups, pauses, a limit of failures, some nodes first. [live 10]

import { TextInput } from '@mantine/core'
import styles from './action-form.module.css'
import type { RollOutDraft } from './roll-out.ts'

const FIELDS: readonly { key: keyof RollOutDraft; label: string; description: string; placeholder: string }[] = [
  {
    key: 'canary',
    label: 'First only on',
    description: 'So many nodes first; the others only when none of them failed',
    placeholder: 'all',
  },
  {
    key: 'batch',
    label: 'Groups of',
    description: 'Nodes at a time, or a share such as 10%',
    placeholder: 'all at once',
  },
  { key: 'batchSleep', label: 'Pause between groups', description: 'Seconds', placeholder: '1' },
  {
    key: 'maxFailures',
    label: 'Stop at failures',
    description: 'So many, or a share; no further group is begun',
    placeholder: 'never',
  },
  {
    key: 'timeout',
    label: 'Wait for answers',
    description: 'Seconds, for every group',
    placeholder: "the agent's own",
  },
]

export function RollOutFields({
  draft,
  problems,
  timeoutSeconds,
  onChange,
}: {
  draft: RollOutDraft
  problems: Partial<Record<keyof RollOutDraft, string>>
  timeoutSeconds: number
  onChange: (draft: RollOutDraft) => void
}) {
  return (
    <div className={styles.rollOut}>
      {FIELDS.map(({ key, label, description, placeholder }) => (
        <TextInput
          key={key}
          label={label}
          description={description}
          placeholder={key === 'timeout' ? String(timeoutSeconds) : placeholder}
          value={draft[key]}
          error={problems[key]}
          disabled={key === 'batchSleep' && draft.batch === ''}
          onChange={(event) => onChange({ ...draft, [key]: event.currentTarget.value.trim() })}
          autoComplete="off"
          inputMode={key === 'batch' || key === 'maxFailures' ? 'text' : 'decimal'}
        />
      ))}
    </div>
  )
}
