// The fields behind `Advanced search`: class, facts, and the language of `mco -S`. [live 2]

import { TagsInput, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type SyntheticEvent, useId, useMemo, useState } from 'react'
import { classNamesQuery } from '../api/queries.ts'
import { numberText } from '../components/format.ts'
import { CompoundHelp } from './compound-help.tsx'
import { FactFields } from './fact-fields.tsx'
import type { FilterDraft } from './filter-draft.ts'
import styles from './filter-form.module.css'

const SUGGESTIONS_MAX = 100

export interface AdvancedFieldsProps {
  readonly draft: FilterDraft
  /** By `classes`, `facts`, `compound`. */
  readonly problems: ReadonlyMap<string, string>
  onChange(part: Partial<FilterDraft>): void
  onSubmit(event: SyntheticEvent): void
}

export function AdvancedFields({ draft, problems, onChange, onSubmit }: AdvancedFieldsProps) {
  const id = useId()
  return (
    <>
      <ClassField
        values={draft.classes}
        onChange={(classes) => onChange({ classes })}
        error={problems.get('classes')}
      />
      <FactFields facts={draft.facts} onChange={(facts) => onChange({ facts })} error={problems.get('facts')} />
      <div>
        <div className={styles.labels}>
          <label htmlFor={id} className={styles.label}>
            Expression
          </label>
          <CompoundHelp />
        </div>
        <Textarea
          id={id}
          size="sm"
          autosize
          minRows={1}
          maxRows={6}
          classNames={{ input: styles.code ?? '' }}
          value={draft.compound}
          onChange={(event) => onChange({ compound: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey) onSubmit(event)
          }}
          placeholder="apache and !environment=dev"
          spellCheck={false}
          maxLength={10_000}
          error={problems.get('compound')}
        />
      </div>
    </>
  )
}

function ClassField({
  values,
  onChange,
  error,
}: {
  values: readonly string[]
  onChange: (values: string[]) => void
  error: string | undefined
}) {
  const [asked, setAsked] = useState(false)
  const names = useQuery({ ...classNamesQuery, enabled: asked })
  const counts = useMemo(() => new Map(names.data?.names.map(({ name, nodes }) => [name, nodes])), [names.data])
  return (
    <TagsInput
      label="Class"
      classNames={{ label: styles.label ?? '' }}
      size="sm"
      value={[...values]}
      onChange={onChange}
      onFocus={() => setAsked(true)}
      acceptValueOnBlur
      clearable
      maxTags={20}
      limit={SUGGESTIONS_MAX}
      data={names.data?.names.map(({ name }) => name) ?? []}
      renderOption={({ option }) => (
        <span className={styles.option}>
          <span>{option.value}</span>
          <span className={styles.count}>{numberText(counts.get(option.value) ?? 0)}</span>
        </span>
      )}
      placeholder={values.length === 0 ? 'apache or /^role::/' : ''}
      error={error}
    />
  )
}
