// The control for one input, by its type: text, choice, yes/no/unset, number. Label, description, mark when required, error beside it. [live 6, O17]

import { Input, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core'
import { useId } from 'react'
import type { TaskInput } from '#console/api/tasks.ts'
import { PasswordField } from '../components/password-field.tsx'
import { visibleString } from '../components/visible-text.ts'

export interface InputFieldProps {
  readonly input: TaskInput
  readonly value: string
  readonly error: string | undefined
  onChange(value: string): void
}

export function InputField({ input, value, error, onChange }: InputFieldProps) {
  const id = useId()
  const { type, name, prompt, required, choices = [], maxlength, secret } = input
  const common = {
    label: visibleString(prompt === '' ? name : prompt),
    description: descriptionOf(input),
    required,
    withAsterisk: required,
    error: error === undefined ? undefined : sentence(error),
    name: `input-${name}`,
    autoComplete: 'off',
  }
  if (type === 'boolean') {
    return (
      <Input.Wrapper {...common} labelProps={{ id: `${id}label` }} labelElement="div">
        <div>
          <SegmentedControl
            size="xs"
            mt={4}
            aria-labelledby={`${id}label`}
            value={value}
            onChange={onChange}
            data={[
              { value: 'true', label: 'Yes' },
              { value: 'false', label: 'No' },
              ...(required ? [] : [{ value: '', label: 'Not set' }]),
            ]}
          />
        </div>
      </Input.Wrapper>
    )
  }
  if (type === 'list') {
    return (
      <Select
        {...common}
        data={choices.map((choice, index) => ({ value: String(index), label: visibleString(String(choice)) }))}
        value={value === '' ? null : value}
        onChange={(next) => onChange(next ?? '')}
        placeholder={required ? 'Choose one' : 'Not set'}
        clearable={!required}
        searchable={choices.length > 12}
      />
    )
  }
  if (type === 'integer' || type === 'float' || type === 'number') {
    return (
      <TextInput
        {...common}
        inputMode={type === 'integer' ? 'numeric' : 'decimal'}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value.trim())}
        maw="14rem"
      />
    )
  }
  const text = { ...common, value, spellCheck: false, ...(maxlength === undefined ? {} : { maxLength: maxlength }) }
  if (secret) {
    return (
      <PasswordField {...text} autoComplete="new-password" onChange={(event) => onChange(event.currentTarget.value)} />
    )
  }
  if (type === 'any' || (maxlength ?? 1_000) > 400) {
    return (
      <Textarea {...text} autosize minRows={1} maxRows={8} onChange={(event) => onChange(event.currentTarget.value)} />
    )
  }
  return <TextInput {...text} onChange={(event) => onChange(event.currentTarget.value)} />
}

/** What the DDL says, its rule, and how long it may be. */
function descriptionOf({ description, rule, maxlength, type }: TaskInput): string {
  const parts = [
    description,
    type === 'any' ? 'A text, or JSON' : '',
    rule === undefined || type === 'list' || type === 'integer' ? '' : sentence(rule),
    maxlength === undefined || maxlength > 400 ? '' : `At most ${maxlength} characters`,
  ]
  return visibleString(
    parts
      .filter((part) => part !== '')
      .map((part) => part.replace(/\.$/, ''))
      .join('. '),
  )
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
