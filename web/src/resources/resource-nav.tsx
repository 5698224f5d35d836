// Manage Resources: the narrow column of types at the left of its pages, with how similar the nodes are; more types can be added. [live 3] [O8]

import { Autocomplete, Button, Popover, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { TypeFigures } from '#console/api/resources.ts'
import { type ColumnLink, Columns } from '../components/columns.tsx'
import { IconPlus } from '../components/icons.ts'
import { useSelection } from '../nodes/node-selection.tsx'
import { addType, COMMON_TYPES, typeFrom, useAddedTypes } from './known-types.ts'
import styles from './resource-nav.module.css'
import { summaryQuery } from './resource-queries.ts'
import { similarityText } from './similarity.tsx'

/** What is known of every type of the column, on the selected nodes. */
export function useTypes() {
  const { nodes, ready } = useSelection()
  const summary = useQuery({ ...summaryQuery(nodes), enabled: ready })
  const added = useAddedTypes()
  const known = summary.data?.types ?? []
  const more = added
    .filter((type) => !known.some((one) => one.type === type))
    .map((type) => nothingOf(type, nodes.length))
  const types = summary.data === undefined ? [] : [...known, ...more].sort((a, b) => (a.type < b.type ? -1 : 1))
  return { summary, types }
}

function nothingOf(type: string, nodes: number): TypeFigures {
  return { type, unique: 0, total: 0, everywhere: 0, nodes: 0, notInspected: nodes, failed: [] }
}

/** `type`: of the page, in the column even when nobody added it. */
export function ResourceColumns({ type, children }: { type?: string; children: ReactNode }) {
  const { types } = useTypes()
  const shown =
    type === undefined || types.some((one) => one.type === type)
      ? types
      : [...types, nothingOf(type, 0)].sort((a, b) => (a.type < b.type ? -1 : 1))
  const links: ColumnLink[] = [
    { label: 'Summary', link: { to: '/resources' }, exact: true },
    ...shown.map((one) => ({
      label: one.type,
      link: { to: '/resources/$type' as const, params: { type: one.type } },
      note: one.similarity === undefined ? undefined : similarityText(one.similarity),
    })),
    { label: 'Compare', link: { to: '/compare' } },
  ]
  return (
    <Columns label="Resource types" links={links} after={<AddType />}>
      {children}
    </Columns>
  )
}

function AddType() {
  const navigate = useNavigate()
  const [opened, setOpened] = useState(false)
  const [text, setText] = useState('')
  const type = typeFrom(text)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (type === undefined) return
    addType(type)
    setOpened(false)
    setText('')
    void navigate({ to: '/resources/$type', params: { type } })
  }
  return (
    <Popover opened={opened} onChange={setOpened} width={280} position="bottom-start" withArrow shadow="md" trapFocus>
      <Popover.Target>
        <Button
          className={styles.add}
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden="true" />}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          Add type
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Add a resource type">
        <form onSubmit={submit}>
          <Autocomplete
            label="Resource type"
            description="Any type Puppet knows on the nodes"
            placeholder="cron, mount, my::type ..."
            data={[...COMMON_TYPES]}
            value={text}
            onChange={setText}
            error={text === '' || type !== undefined ? undefined : 'Letters, digits and _, with :: between'}
            comboboxProps={{ withinPortal: false }}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          <Text size="xs" c="dimmed" mt={6}>
            It stays in the column of this browser.
          </Text>
          <Button type="submit" size="xs" mt="sm" disabled={type === undefined}>
            Add
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
