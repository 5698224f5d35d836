// The fields of the node filter: name with wildcards; class, facts, agents and the language of `mco -S` behind `Advanced search`. Checked while typing,
// used with Enter or `Filter`. [live 2]

import { Button, Collapse, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { lazy, memo, Suspense, type SyntheticEvent, useDeferredValue, useId, useMemo, useState } from 'react'
import type { NodeFilter } from '#console/api/nodes.ts'
import { call } from '../api/client.ts'
import { nodesText, numberText } from '../components/format.ts'
import { IconChevronRight, IconSearch } from '../components/icons.ts'
import { Loading } from '../components/state.tsx'
import { TextButton } from '../components/text-button.tsx'
import { advancedCount, draftOf, type FilterDraft, filterOfDraft, widened } from './filter-draft.ts'
import styles from './filter-form.module.css'
import { globTest, isRegex } from './glob.ts'
import { GroupsMenu } from './groups-menu.tsx'
import { isEmptyFilter } from './live-search.ts'
import { useNodeFilter } from './node-selection.tsx'
import { WildcardHelp } from './wildcard-help.tsx'

/** Most people filter by name: what the other fields take is loaded when they are opened. */
const AdvancedFields = lazy(() =>
  import('./advanced-fields.tsx').then((module) => ({ default: module.AdvancedFields })),
)

export const FilterForm = memo(function FilterForm() {
  const { filter, filtering, settling, setFilter } = useNodeFilter()
  const [draft, setDraft] = useState<FilterDraft>(() => draftOf(filter))
  const [open, setOpen] = useState(() => advancedCount(filter) > 0)
  const [seen, setSeen] = useState(open)
  // Another filter came into use, by the back button, a saved group, a link: the fields follow.
  const [shown, setShown] = useState(filter)
  if (shown !== filter) {
    setShown(filter)
    setDraft(draftOf(filter))
    if (advancedCount(filter) > 0) {
      setOpen(true)
      setSeen(true)
    }
  }
  const wanted = useMemo(() => filterOfDraft(draft), [draft])
  const problems = useProblems(wanted)
  const change = (part: Partial<FilterDraft>): void => setDraft((old) => ({ ...old, ...part }))
  const submit = (event: SyntheticEvent): void => {
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
          data-node-filter
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
          onClick={() => {
            setSeen(true)
            setOpen(!open)
          }}
        >
          <IconChevronRight size={14} className={styles.arrow} aria-hidden="true" />
          Advanced search
          {!open && advancedCount(wanted) > 0 ? (
            <span className={styles.badge}>{advancedCount(wanted)} in use</span>
          ) : null}
        </button>
        <Collapse expanded={open} id={`${id}advanced`}>
          <div className={styles.advanced}>
            <Suspense fallback={<Loading>Loading ...</Loading>}>
              {seen ? <AdvancedFields draft={draft} problems={problems} onChange={change} onSubmit={submit} /> : null}
            </Suspense>
          </div>
        </Collapse>
        <div className={styles.buttons}>
          <Button type="submit" size="xs" loading={settling} disabled={problems.size > 0}>
            Filter
          </Button>
          <TextButton
            size="sm"
            className={styles.reset}
            disabled={!filtering && isEmptyFilter(wanted)}
            onClick={() => {
              setDraft(draftOf({}))
              setFilter({})
            }}
          >
            Reset filter
          </TextButton>
          <span className={styles.groups}>
            <GroupsMenu />
          </span>
        </div>
      </form>
    </search>
  )
})

/** How many the name would match, before it is used; and what was probably meant when it matches nobody. */
function NamePreview({ draft, onUse }: { draft: FilterDraft; onUse: (name: string) => void }) {
  const { rows, filter } = useNodeFilter()
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
          <TextButton underline="always" onClick={() => onUse(found.wider ?? name)}>
            <code>{found.wider}</code>
          </TextButton>{' '}
          matches {numberText(found.widerMatches)}
        </>
      ) : (
        `${nodesText(found.matches)} by name; Enter to filter`
      )}
    </p>
  )
}

/** What the console says about the fields, a moment after the last key: by `name`, `classes`, `facts`, `agents`, `compound`. */
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
