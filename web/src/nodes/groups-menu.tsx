// Saved groups: use one, save what is filtered or selected now, change or remove one's own. A group with a filter is looked up anew each time. [live 2, O5]

import { ActionIcon, Popover, Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { NodeGroup } from '#console/api/fleet.ts'
import { groupsQuery } from '../api/queries.ts'
import { useMay, useSession } from '../api/session.ts'
import { nodesText } from '../components/format.ts'
import { IconBookmark, IconBookmarkPlus, IconPencil, IconTrash, IconUsers } from '../components/icons.ts'
import { filterText } from './filter-draft.ts'
import styles from './groups-menu.module.css'
import { useNodeList } from './node-selection.tsx'
import { NONE, withNames } from './selection.ts'

const GroupDialogs = lazy(() => import('./group-dialogs.tsx').then((module) => ({ default: module.GroupDialogs })))

export function GroupsMenu() {
  const { setFilter, setNames } = useNodeListChanges()
  const [opened, setOpened] = useState(false)
  const [saving, setSaving] = useState(false)
  const [editing, setEditing] = useState<NodeGroup>()
  const [removing, setRemoving] = useState<NodeGroup>()
  const groups = useQuery({ ...groupsQuery, enabled: opened })
  const choose = (group: NodeGroup): void => {
    if (group.filter !== undefined) setFilter(group.filter)
    else setNames(group)
  }
  const close = (then: () => void) => (): void => {
    setOpened(false)
    then()
  }
  return (
    <>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" width={330} shadow="md" trapFocus>
        <Popover.Target>
          <Tooltip label="Saved groups" disabled={opened}>
            <ActionIcon
              variant="default"
              size={30}
              aria-label="Saved groups"
              aria-expanded={opened}
              onClick={() => setOpened(!opened)}
            >
              <IconBookmark size={16} aria-hidden="true" />
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown p={0} aria-label="Saved groups">
          <p className={styles.title}>Saved groups</p>
          <div className={styles.groups}>
            {groups.isPending ? <p className={styles.note}>Asking ...</p> : null}
            {groups.error === null ? null : <p className={styles.note}>{groups.error.message}</p>}
            {groups.data?.groups.length === 0 ? (
              <p className={styles.note}>None yet. Save a filter or a selection you will need again.</p>
            ) : null}
            {groups.data?.groups.map((group) => (
              <GroupItem
                key={group.id}
                group={group}
                onChoose={close(() => choose(group))}
                onEdit={close(() => setEditing(group))}
                onRemove={close(() => setRemoving(group))}
              />
            ))}
          </div>
          <button type="button" className={styles.save} onClick={close(() => setSaving(true))}>
            <IconBookmarkPlus size={16} aria-hidden="true" />
            Save as a group ...
          </button>
        </Popover.Dropdown>
      </Popover>
      {saving || editing !== undefined || removing !== undefined ? (
        <Suspense>
          <GroupDialogs
            saving={saving}
            editing={editing}
            removing={removing}
            onClose={() => {
              setSaving(false)
              setEditing(undefined)
              setRemoving(undefined)
            }}
          />
        </Suspense>
      ) : null}
    </>
  )
}

/** A group by name shows all and selects exactly these; those that are gone are said. */
function useNodeListChanges() {
  const { rowOf, rows, setFilter, setFilterAndSelection } = useNodeList()
  return {
    setFilter,
    setNames(group: NodeGroup) {
      const names = group.nodes ?? []
      const known = names.filter((name) => rowOf.has(name))
      const all = rows.map((row) => row.name)
      setFilterAndSelection({}, withNames(NONE, known, true, all))
      if (known.length < names.length) {
        notifications.show({
          message: `${nodesText(names.length - known.length)} of the group ${group.name} ${names.length - known.length === 1 ? 'is' : 'are'} not in the list any more.`,
        })
      }
    },
  }
}

interface GroupItemProps {
  readonly group: NodeGroup
  onChoose(): void
  onEdit(): void
  onRemove(): void
}

function GroupItem({ group, onChoose, onEdit, onRemove }: GroupItemProps) {
  const { account } = useSession()
  const administrator = useMay('administrator')
  const own = group.account === account?.name
  return (
    <div className={styles.group}>
      <button type="button" className={styles.choose} onClick={onChoose}>
        {group.shared ? (
          <IconUsers size={16} className={styles.icon} aria-label="For everybody" />
        ) : (
          <IconBookmark size={16} className={styles.icon} aria-hidden="true" />
        )}
        <span className={styles.words}>
          <span className={styles.name}>{group.name}</span>
          <span className={styles.what}>
            {group.nodes === undefined ? filterText(group.filter ?? {}) : nodesText(group.nodes.length)}
            {own ? '' : `, by ${group.account}`}
            {group.description === '' ? '' : `: ${group.description}`}
          </span>
        </span>
      </button>
      {own || administrator ? (
        <>
          <ActionIcon variant="subtle" color="gray" aria-label={`Change the group ${group.name}`} onClick={onEdit}>
            <IconPencil size={15} aria-hidden="true" />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove the group ${group.name}`} onClick={onRemove}>
            <IconTrash size={15} aria-hidden="true" />
          </ActionIcon>
        </>
      ) : null}
    </div>
  )
}
