// Fact tests, one per row: name with suggestions and the pop-over of common names, operator, value with what the nodes really say. [live 2]

import { Autocomplete, NativeSelect, Popover } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { factNamesQuery, factValuesQuery } from '../api/queries.ts'
import { numberText } from '../components/format.ts'
import { IconPlus, IconX } from '../components/icons.ts'
import { TextButton } from '../components/text-button.tsx'
import { FACT_OPERATORS, type FactOperator, type FactWords, OPERATOR_LABELS } from './fact-words.ts'
import { NO_FACT } from './filter-draft.ts'
import styles from './filter-form.module.css'

const ROWS_MAX = 20
const SUGGESTIONS_MAX = 100

export interface FactFieldsProps {
  readonly facts: readonly FactWords[]
  readonly error: string | undefined
  onChange(facts: readonly FactWords[]): void
}

export function FactFields({ facts, error, onChange }: FactFieldsProps) {
  const put = (index: number, part: Partial<FactWords>): void =>
    onChange(facts.map((fact, at) => (at === index ? { ...fact, ...part } : fact)))
  const remove = (index: number): void => {
    const rest = facts.filter((_, at) => at !== index)
    onChange(rest.length === 0 ? [NO_FACT] : rest)
  }
  /** Into the first row without a name, else into a new one. */
  const choose = (name: string): void => {
    const free = facts.findIndex((fact) => fact.name.trim() === '')
    if (free >= 0) put(free, { name })
    else onChange([...facts, { ...NO_FACT, name }])
  }
  return (
    <fieldset className={styles.facts}>
      <div className={styles.labels}>
        <legend className={styles.label}>Fact</legend>
        <CommonFacts onChoose={choose} />
      </div>
      {facts.map((fact, index) => (
        <FactRow
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity, and keep their place
          key={index}
          fact={fact}
          number={facts.length > 1 ? ` ${index + 1}` : ''}
          removable={facts.length > 1 || fact.name !== '' || fact.value !== ''}
          onChange={(part) => put(index, part)}
          onRemove={() => remove(index)}
        />
      ))}
      {error === undefined ? null : <p className={styles.error}>{error}</p>}
      {facts.length < ROWS_MAX ? (
        <TextButton size="xs" className={styles.add} onClick={() => onChange([...facts, NO_FACT])}>
          <IconPlus size={13} aria-hidden="true" /> Another fact
        </TextButton>
      ) : null}
    </fieldset>
  )
}

interface FactRowProps {
  readonly fact: FactWords
  /** Empty, or a blank and its number. */
  readonly number: string
  readonly removable: boolean
  onChange(part: Partial<FactWords>): void
  onRemove(): void
}

function FactRow({ fact, number, removable, onChange, onRemove }: FactRowProps) {
  const [asked, setAsked] = useState(false)
  const names = useQuery({ ...factNamesQuery, enabled: asked })
  const name = fact.name.trim()
  const known = names.data?.names.some((one) => one.name === name) ?? false
  const values = useQuery({ ...factValuesQuery(name), enabled: asked && known })
  const nameCounts = useMemo(() => new Map(names.data?.names.map((one) => [one.name, one.nodes])), [names.data])
  const valueCounts = useMemo(() => new Map(values.data?.values.map((one) => [one.value, one.nodes])), [values.data])
  return (
    <div className={styles.fact}>
      <Autocomplete
        size="sm"
        aria-label={`Fact name${number}`}
        placeholder="Fact Name"
        value={fact.name}
        onChange={(value) => onChange({ name: value })}
        onFocus={() => setAsked(true)}
        data={[...nameCounts.keys()]}
        limit={SUGGESTIONS_MAX}
        renderOption={({ option }) => <Counted text={option.value} nodes={nameCounts.get(option.value)} />}
        spellCheck={false}
        className={styles.factName ?? ''}
      />
      <NativeSelect
        size="sm"
        aria-label={`Comparison${number}`}
        value={fact.operator}
        onChange={(event) => onChange({ operator: event.currentTarget.value as FactOperator })}
        data={FACT_OPERATORS.map((operator) => ({ value: operator, label: OPERATOR_LABELS[operator] }))}
        className={styles.operator ?? ''}
      />
      <Autocomplete
        size="sm"
        aria-label={`Fact value${number}`}
        placeholder="Fact Value"
        value={fact.value}
        onChange={(value) => onChange({ value })}
        onFocus={() => setAsked(true)}
        data={[...valueCounts.keys()]}
        limit={SUGGESTIONS_MAX}
        renderOption={({ option }) => <Counted text={option.value} nodes={valueCounts.get(option.value)} />}
        spellCheck={false}
        className={styles.factValue ?? ''}
      />
      {removable ? (
        <button type="button" className={styles.remove} aria-label={`Remove fact${number}`} onClick={onRemove}>
          <IconX size={14} aria-hidden="true" />
        </button>
      ) : null}
    </div>
  )
}

function Counted({ text, nodes }: { text: string; nodes: number | undefined }) {
  return (
    <span className={styles.option}>
      <span className={styles.optionText}>{text}</span>
      <span className={styles.count}>{numberText(nodes ?? 0)}</span>
    </span>
  )
}

/** `Select Fact Name`: what the nodes report, the common ones first; closes on choice. */
function CommonFacts({ onChoose }: { onChoose: (name: string) => void }) {
  const [opened, setOpened] = useState(false)
  const names = useQuery({ ...factNamesQuery, enabled: opened })
  const common = names.data?.names.filter((one) => one.common) ?? []
  const others = names.data?.names.filter((one) => !one.common) ?? []
  const choose = (name: string): void => {
    setOpened(false)
    onChoose(name)
  }
  return (
    <Popover width={280} position="bottom-end" withArrow shadow="md" opened={opened} onChange={setOpened} trapFocus>
      <Popover.Target>
        <TextButton size="xs" className={styles.link} onClick={() => setOpened(!opened)} aria-expanded={opened}>
          Common fact names
        </TextButton>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <p className={styles.popTitle}>Select Fact Name</p>
        <div className={styles.popList}>
          {names.isPending ? <p className={styles.popNote}>Asking ...</p> : null}
          {names.error === null ? null : <p className={styles.popNote}>{names.error.message}</p>}
          {common.map((one) => (
            <FactChoice key={one.name} {...one} onChoose={choose} />
          ))}
          {common.length > 0 && others.length > 0 ? <hr className={styles.popRule} /> : null}
          {others.map((one) => (
            <FactChoice key={one.name} {...one} onChoose={choose} />
          ))}
          {names.data?.names.length === 0 ? (
            <p className={styles.popNote}>The nodes have not reported any facts yet.</p>
          ) : null}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

function FactChoice({ name, nodes, onChoose }: { name: string; nodes: number; onChoose: (name: string) => void }) {
  return (
    <button type="button" className={styles.popItem} onClick={() => onChoose(name)}>
      <span className={styles.optionText}>{name}</span>
      <span className={styles.count}>{numberText(nodes)}</span>
    </button>
  )
}
