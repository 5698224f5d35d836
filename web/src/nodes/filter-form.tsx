// The fields of the node filter: name with wildcards; class, facts and the language of `mco -S` behind `Advanced search`. Checked while typing,
// used with Enter or `Filter`. [live 2]

import { Button, Collapse, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useDeferredValue, useId, useMemo, useState } from 'react'
import type { NodeFilter } from '#console/api/nodes.ts'
import { call } from '../api/client.ts'
import { classNamesQuery } from '../api/queries.ts'
import { nodesText, numberText } from '../components/format.ts'
import { IconChevronRight, IconSearch } from '../components/icons.ts'
import { CompoundHelp } from './compound-help.tsx'
import { FactFields } from './fact-fields.tsx'
import { advancedCount, draftOf, type FilterDraft, filterOfDraft, widened } from './filter-draft.ts'
import styles from './filter-form.module.css'
import { globTest, isRegex } from './glob.ts'
import { GroupsMenu } from './groups-menu.tsx'
import { isEmptyFilter } from './live-search.ts'
import { useNodeList } from './node-selection.tsx'
import { WildcardHelp } from './wildcard-help.tsx'

const SUGGESTIONS_MAX = 100

/** Begins anew whenever another filter is in use: by the back button, a saved group, a link. */
export function FilterForm() {
  const { filter } = useNodeList()
  return <Fields key={JSON.stringify(filter)} />
}

function Fields() {
  const { filter, filtering, settling, setFilter } = useNodeList()
  const [draft, setDraft] = useState<FilterDraft>(() => draftOf(filter))
  const [open, setOpen] = useState(() => advancedCount(filter) > 0)
  const wanted = useMemo(() => filterOfDraft(draft), [draft])
  const problems = useProblems(wanted)
  const change = (part: Partial<FilterDraft>): void => setDraft((old) => ({ ...old, ...part }))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (problems.size === 0) setFilter(wanted)
  }
  const id = useId()
  return (
    <search>
      <form className={styles.form} onSubmit={submit}>
        <div className={styles.labels}>
          <label htmlFor={`${id}name`} className={styles.label}>
            Node filter
          </label>
          <WildcardHelp />
        </div>
        <TextInput
          id={`${id}name`}
          size="sm"
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          leftSection={<IconSearch size={15} aria-hidden="true" />}
          placeholder="web*.example.com"
          autoComplete="off"
          spellCheck={false}
          maxLength={500}
          error={problems.get('name')}
        />
        <NamePreview draft={draft} onUse={(name) => setFilter({ ...wanted, name })} />
        <button
          type="button"
          className={styles.disclosure}
          aria-expanded={open}
          aria-controls={`${id}advanced`}
          onClick={() => setOpen(!open)}
        >
          <IconChevronRight size={14} className={styles.arrow} aria-hidden="true" />
          Advanced search
          {!open && advancedCount(wanted) > 0 ? (
            <span className={styles.badge}>{advancedCount(wanted)} in use</span>
          ) : null}
        </button>
        <Collapse expanded={open} id={`${id}advanced`}>
          <div className={styles.advanced}>
            <ClassField
              values={draft.classes}
              onChange={(classes) => change({ classes })}
              error={problems.get('classes')}
            />
            <FactFields facts={draft.facts} onChange={(facts) => change({ facts })} error={problems.get('facts')} />
            <div>
              <div className={styles.labels}>
                <label htmlFor={`${id}compound`} className={styles.label}>
                  Expression
                </label>
                <CompoundHelp />
              </div>
              <Textarea
                id={`${id}compound`}
                size="sm"
                autosize
                minRows={1}
                maxRows={6}
                classNames={{ input: styles.code ?? '' }}
                value={draft.compound}
                onChange={(event) => change({ compound: event.currentTarget.value })}
                onKeyDown={(event) => {
                  if (event.key === 'Enter' && !event.shiftKey) submit(event)
                }}
                placeholder="apache and !environment=dev"
                spellCheck={false}
                maxLength={10_000}
                error={problems.get('compound')}
              />
            </div>
          </div>
        </Collapse>
        <div className={styles.buttons}>
          <Button type="submit" size="xs" loading={settling} disabled={problems.size > 0}>
            Filter
          </Button>
          <button
            type="button"
            className={styles.reset}
            disabled={!filtering && isEmptyFilter(wanted)}
            onClick={() => {
              setDraft(draftOf({}))
              setFilter({})
            }}
          >
            Reset filter
          </button>
          <span className={styles.groups}>
            <GroupsMenu />
          </span>
        </div>
      </form>
    </search>
  )
}

/** How many the name would match, before it is used; and what was probably meant when it matches nobody. */
function NamePreview({ draft, onUse }: { draft: FilterDraft; onUse: (name: string) => void }) {
  const { rows, filter } = useNodeList()
  const name = useDeferredValue(draft.name.trim())
  const found = useMemo(() => {
    if (name === '' || isRegex(name) || name.startsWith('/')) return undefined
    const count = (pattern: string): number => {
      const test = globTest(pattern)
      let matches = 0
      for (const row of rows) if (test(row.name)) matches++
      return matches
    }
    const matches = count(name)
    const wider = matches === 0 ? widened(name) : undefined
    return { matches, wider, widerMatches: wider === undefined ? 0 : count(wider) }
  }, [name, rows])
  if (found === undefined || name === (filter.name ?? '')) return null
  return (
    <p className={styles.preview} role="status">
      {found.wider !== undefined && found.widerMatches > 0 ? (
        <>
          None is called so.{' '}
          <button type="button" className={styles.use} onClick={() => onUse(found.wider ?? name)}>
            {found.wider}
          </button>{' '}
          matches {numberText(found.widerMatches)}
        </>
      ) : (
        `${nodesText(found.matches)} by name; Enter to filter`
      )}
    </p>
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

/** What the console says about the fields, a moment after the last key: by `name`, `classes`, `facts`, `compound`. */
function useProblems(filter: NodeFilter): ReadonlyMap<string, string> {
  const [settled] = useDebouncedValue(filter, 250)
  const check = useQuery({
    queryKey: ['nodes', 'check', settled],
    queryFn: ({ signal }) => call('POST /api/nodes/check', { body: settled, signal }),
    enabled: !isEmptyFilter(settled),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const current = settled === filter ? check.data : undefined
  return useMemo(() => {
    const problems = new Map<string, string>()
    // `facts.1` and `facts/1` belong to the field `facts`.
    for (const [path, text] of Object.entries(current?.fields ?? {})) {
      const field = path.split(/[./[]/).find((part) => part !== '') ?? path
      if (!problems.has(field)) problems.set(field, text)
    }
    return problems
  }, [current])
}
