// What is compared with what: one node, a saved group, or what the node list has selected, on either side.

import { ActionIcon, Select, Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { NodeGroup } from '#console/api/fleet.ts'
import { sentenceOf } from '../api/error.ts'
import { groupsQuery, matchQuery } from '../api/queries.ts'
import { nodesText } from '../components/format.ts'
import { IconArrowsExchange } from '../components/icons.ts'
import { useNodeList, useSelection } from '../nodes/node-selection.tsx'
import styles from './compare.module.css'

export interface Side {
  readonly word: string | undefined
  /** e.g. `web1.example.com`, `Group web servers`. */
  readonly name: string
  /** undefined: nothing chosen, or not known yet. */
  readonly nodes: readonly string[] | undefined
  readonly problem: string | undefined
}

const NO_NODES: readonly string[] = []

/** The nodes a word of the address stands for: `selected`, `node:web1`, `group:ID`. */
export function useSide(word: string | undefined): Side {
  const { rowOf, loading } = useNodeList()
  const { nodes: selected, ready } = useSelection()
  const id = word?.startsWith('group:') === true ? word.slice(6) : undefined
  const groups = useQuery({ ...groupsQuery, enabled: id !== undefined })
  const group = id === undefined ? undefined : groups.data?.groups.find((one) => one.id === id)
  const match = useQuery({ ...matchQuery(group?.filter ?? {}), enabled: group?.filter !== undefined })
  return useMemo(() => {
    const side = (name: string, nodes: readonly string[] | undefined, problem?: string): Side => ({
      word,
      name,
      nodes,
      problem,
    })
    if (word === undefined) return side('', undefined)
    if (word === 'selected') return side('The selection', ready ? selected : undefined)
    if (word.startsWith('node:')) {
      const node = word.slice(5)
      if (!loading && !rowOf.has(node)) return side(node, NO_NODES, `${node} is not in the node list.`)
      return side(node, [node])
    }
    if (group === undefined) {
      const problem = groups.data === undefined ? groups.error : 'This group does not exist any more.'
      return side('Group', problem === null ? undefined : NO_NODES, problem === null ? undefined : textOf(problem))
    }
    const name = `Group ${group.name}`
    if (group.nodes !== undefined) return side(name, group.nodes)
    if (match.error !== null) return side(name, NO_NODES, sentenceOf(match.error))
    return side(name, match.isPlaceholderData ? undefined : match.data?.nodes)
  }, [
    word,
    ready,
    selected,
    loading,
    rowOf,
    group,
    groups.data,
    groups.error,
    match.data,
    match.error,
    match.isPlaceholderData,
  ])
}

function textOf(problem: unknown): string {
  return typeof problem === 'string' ? problem : sentenceOf(problem)
}

export function SidePicker({ label, side, onChoose }: { label: string; side: Side; onChoose: (word: string) => void }) {
  const { rows } = useNodeList()
  const { count } = useSelection()
  const groups = useQuery(groupsQuery)
  const data = useMemo(
    () => [
      { group: 'Node list', items: [{ value: 'selected', label: `The selection (${nodesText(count)})` }] },
      {
        group: 'Saved groups',
        items: (groups.data?.groups ?? []).map((group) => ({ value: `group:${group.id}`, label: labelOf(group) })),
      },
      { group: 'Nodes', items: rows.map(({ name }) => ({ value: `node:${name}`, label: name })) },
    ],
    [rows, groups.data, count],
  )
  return (
    <div className={styles.side}>
      <Select
        label={label}
        placeholder="A node, a group or the selection"
        data={data}
        value={side.word ?? null}
        onChange={(value) => (value === null ? undefined : onChoose(value))}
        searchable
        limit={60}
        nothingFoundMessage="No node or group is called so"
        error={side.problem}
        allowDeselect={false}
      />
      <p className={styles.sideCount}>{side.nodes === undefined ? ' ' : nodesText(side.nodes.length)}</p>
    </div>
  )
}

function labelOf({ name, nodes }: NodeGroup): string {
  return `${name} (${nodes === undefined ? 'filter' : nodesText(nodes.length)})`
}

export function SwapSides({ onSwap, disabled }: { onSwap: () => void; disabled: boolean }) {
  return (
    <Tooltip label="Swap the sides">
      <ActionIcon
        variant="default"
        size={34}
        className={styles.swap}
        aria-label="Swap the sides"
        disabled={disabled}
        onClick={onSwap}
      >
        <IconArrowsExchange size={17} aria-hidden="true" />
      </ActionIcon>
    </Tooltip>
  )
}
