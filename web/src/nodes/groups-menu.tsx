// Saved groups: use one, save what is filtered or selected now, remove one's own. A group with a filter is looked up anew each time. [live 2, O5]

import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Modal,
  Popover,
  Radio,
  Stack,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { NodeGroup } from '#console/api/fleet.ts'
import { call } from '../api/client.ts'
import { groupsQuery } from '../api/queries.ts'
import { useMay, useSession } from '../api/session.ts'
import { ConfirmTyped } from '../components/confirm-typed.tsx'
import { FormError, fieldError } from '../components/form-error.tsx'
import { nodesText } from '../components/format.ts'
import { IconBookmark, IconBookmarkPlus, IconTrash, IconUsers } from '../components/icons.ts'
import styles from './groups-menu.module.css'
import { useNodeList } from './node-selection.tsx'
import { NONE, withNames } from './selection.ts'

export function GroupsMenu() {
  const { setFilter, setNames } = useNodeListChanges()
  const [opened, setOpened] = useState(false)
  const [saving, setSaving] = useState(false)
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
      <Popover opened={opened} onChange={setOpened} position="bottom-end" width={300} shadow="md" trapFocus>
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
      <Modal opened={saving} onClose={() => setSaving(false)} title="Save as a group">
        {saving ? <SaveForm onClose={() => setSaving(false)} /> : null}
      </Modal>
      <RemoveGroup group={removing} onClose={() => setRemoving(undefined)} />
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

function GroupItem({ group, onChoose, onRemove }: { group: NodeGroup; onChoose: () => void; onRemove: () => void }) {
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
            {group.nodes === undefined ? 'Filter' : nodesText(group.nodes.length)}
            {own ? '' : `, by ${group.account}`}
            {group.description === '' ? '' : `: ${group.description}`}
          </span>
        </span>
      </button>
      {own || administrator ? (
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove the group ${group.name}`} onClick={onRemove}>
          <IconTrash size={15} aria-hidden="true" />
        </ActionIcon>
      ) : null}
    </div>
  )
}

function SaveForm({ onClose }: { onClose: () => void }) {
  const { filter, filtering, selected } = useNodeList()
  const cache = useQueryClient()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [shared, setShared] = useState(false)
  const [kind, setKind] = useState<'filter' | 'nodes'>(filtering ? 'filter' : 'nodes')
  const save = useMutation({
    mutationFn: () =>
      call('POST /api/groups', {
        body: {
          name: name.trim(),
          description: description.trim(),
          shared,
          ...(kind === 'filter' ? { filter } : { nodes: [...selected] }),
        },
      }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: groupsQuery.queryKey })
      notifications.show({ message: `The group ${name.trim()} is saved.` })
      onClose()
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() !== '') save.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <FormError error={save.error} />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={100}
          error={fieldError(save.error, 'name')}
          data-autofocus
        />
        <Radio.Group label="What it keeps" value={kind} onChange={(value) => setKind(value as 'filter' | 'nodes')}>
          <Stack gap={6} mt={4}>
            <Radio value="filter" label="The filter: whatever matches when it is used" disabled={!filtering} />
            <Radio
              value="nodes"
              label={`The selection: these ${nodesText(selected.length)} by name`}
              disabled={selected.length === 0}
            />
          </Stack>
        </Radio.Group>
        <Textarea
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          maxLength={1000}
          autosize
          minRows={1}
          maxRows={4}
        />
        <Checkbox label="For everybody" checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function RemoveGroup({ group, onClose }: { group: NodeGroup | undefined; onClose: () => void }) {
  const cache = useQueryClient()
  const remove = useMutation({
    mutationFn: (id: string) => call('DELETE /api/groups/:id', { params: { id } }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: groupsQuery.queryKey })
      onClose()
    },
  })
  return (
    <ConfirmTyped
      opened={group !== undefined}
      title={`Remove the group ${group?.name ?? ''}?`}
      action="Remove"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => group && remove.mutate(group.id)}
      onCancel={onClose}
    >
      {group?.shared === true ? 'Everybody loses it. ' : ''}The nodes themselves are not touched.
    </ConfirmTyped>
  )
}
