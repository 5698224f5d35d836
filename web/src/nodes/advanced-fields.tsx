// The fields behind `Advanced search`: class, facts, agents, and the language of `mco -S`. [live 2]

import { TagsInput, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type SyntheticEvent, useId, useMemo, useState } from 'react'
import { agentsQuery, classNamesQuery } from '../api/queries.ts'
import { numberText } from '../components/format.ts'
import { CompoundHelp } from './compound-help.tsx'
import { FactFields } from './fact-fields.tsx'
import type { FilterDraft } from './filter-draft.ts'
import styles from './filter-form.module.css'

const SUGGESTIONS_MAX = 100

export interface AdvancedFieldsProps {
  readonly draft: FilterDraft
  /** By `classes`, `facts`, `agents`, `compound`. */
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
      <AgentField values={draft.agents} onChange={(agents) => onChange({ agents })} error={problems.get('agents')} />
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

const NOTHING: readonly { readonly name: string; readonly nodes?: number }[] = []

interface NamesFieldProps {
  readonly label: string
  readonly placeholder: string
  readonly values: readonly string[]
  readonly error: string | undefined
  /** Asked when the field is first used. */
  readonly known: readonly { readonly name: string; readonly nodes?: number | undefined }[] | undefined
  onChange(values: string[]): void
  onUse(): void
}

/** Names of which nodes have some: exact, or `/regex/`; suggestions with how many have each. */
function NamesField({ label, placeholder, values, error, known = NOTHING, onChange, onUse }: NamesFieldProps) {
  const counts = useMemo(() => new Map(known.map(({ name, nodes }) => [name, nodes])), [known])
  return (
    <TagsInput
      label={label}
      classNames={{ label: styles.label ?? '' }}
      size="sm"
      value={[...values]}
      onChange={onChange}
      onFocus={onUse}
      acceptValueOnBlur
      clearable
      maxTags={20}
      limit={SUGGESTIONS_MAX}
      data={[...counts.keys()]}
      renderOption={({ option }) => (
        <span className={styles.option}>
          <span className={styles.optionText}>{option.value}</span>
          <span className={styles.count}>{countOf(counts.get(option.value))}</span>
        </span>
      )}
      placeholder={values.length === 0 ? placeholder : ''}
      error={error}
    />
  )
}

function countOf(nodes: number | undefined): string {
  return nodes === undefined ? '' : numberText(nodes)
}

function ClassField(rest: FieldProps) {
  const [asked, setAsked] = useState(false)
  const found = useQuery({ ...classNamesQuery, enabled: asked })
  return (
    <NamesField
      {...rest}
      label="Class"
      placeholder="apache or /^role::/"
      known={found.data?.names}
      onUse={() => setAsked(true)}
    />
  )
}

function AgentField(rest: FieldProps) {
  const [asked, setAsked] = useState(false)
  const found = useQuery({ ...agentsQuery, enabled: asked })
  const known = useMemo(() => found.data?.agents.map(({ name, nodes }) => ({ name, nodes })), [found.data])
  return (
    <NamesField {...rest} label="Agent" placeholder="package or /^puppet/" known={known} onUse={() => setAsked(true)} />
  )
}

type FieldProps = Pick<NamesFieldProps, 'values' | 'error' | 'onChange'>
