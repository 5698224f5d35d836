// The inputs of an action: those it needs at once, the others under "more". [live 6]

import { Collapse, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import type { TaskInput } from '#console/api/tasks.ts'
import { countText } from '../components/format.ts'
import { IconChevronRight } from '../components/icons.ts'
import styles from './action-form.module.css'
import { InputField } from './input-field.tsx'
import type { InputsDraft } from './inputs-draft.ts'

/** With that few, none is put away. */
const ALL_SHOWN_UPTO = 3

export function InputsForm({
  inputs,
  draft,
  problems,
  onChange,
}: {
  inputs: readonly TaskInput[]
  draft: InputsDraft
  problems: ReadonlyMap<string, string>
  onChange: (draft: InputsDraft) => void
}) {
  const few = inputs.length <= ALL_SHOWN_UPTO
  const first = inputs.filter((input) => few || input.required)
  const more = inputs.filter((input) => !first.includes(input))
  const fields = (some: readonly TaskInput[]) =>
    some.map((input) => (
      <InputField
        key={input.name}
        input={input}
        value={draft[input.name] ?? ''}
        error={problems.get(input.name)}
        onChange={(value) => onChange({ ...draft, [input.name]: value })}
      />
    ))
  return (
    <>
      {first.length === 0 ? null : <div className={styles.fields}>{fields(first)}</div>}
      {more.length === 0 ? null : (
        <More
          label={`${countText(more.length, first.length === 0 ? 'optional input' : 'more input')}`}
          forced={more.some(({ name }) => problems.has(name))}
        >
          <div className={styles.fields}>{fields(more)}</div>
        </More>
      )}
      {inputs.some(({ required }) => required) ? (
        <p className={styles.note}>
          <span className={styles.star}>*</span> is required
        </p>
      ) : null}
    </>
  )
}

/** Something that opens; `forced`: it holds an error, so it stays open. */
export function More({
  label,
  forced = false,
  children,
}: {
  label: string
  forced?: boolean
  children: React.ReactNode
}) {
  const [open, setOpen] = useState(false)
  const opened = open || forced
  return (
    <div className={styles.more}>
      <UnstyledButton className={styles.moreToggle} aria-expanded={opened} onClick={() => setOpen(!opened)}>
        <IconChevronRight size={14} className={styles.arrow} data-open={opened || undefined} aria-hidden="true" />
        {label}
      </UnstyledButton>
      <Collapse expanded={opened}>{opened ? <div className={styles.moreBody}>{children}</div> : null}</Collapse>
    </div>
  )
}
