// Saving what is filtered or selected as a group, changing one, and removing one.

import { Button, Checkbox, Group, Radio, Stack, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { NodeGroup } from '#console/api/fleet.ts'
import { call } from '../api/client.ts'
import { ApiError } from '../api/error.ts'
import { groupsQuery } from '../api/queries.ts'
import { useMay } from '../api/session.ts'
import { ConfirmTyped } from '../components/confirm-typed.tsx'
import { Dialog } from '../components/dialog.tsx'
import { FormError, fieldError } from '../components/form-error.tsx'
import { nodesText } from '../components/format.ts'
import { filterText } from './filter-draft.ts'
import { useNodeList } from './node-selection.tsx'

export interface GroupDialogsProps {
  readonly saving: boolean
  readonly editing: NodeGroup | undefined
  readonly removing: NodeGroup | undefined
  onClose(): void
}

export function GroupDialogs({ saving, editing, removing, onClose }: GroupDialogsProps) {
  return (
    <>
      <Dialog
        opened={saving || editing !== undefined}
        onClose={onClose}
        title={editing === undefined ? 'Save as a group' : `Change the group ${editing.name}`}
      >
        {saving || editing !== undefined ? <GroupForm group={editing} onClose={onClose} /> : null}
      </Dialog>
      <RemoveGroup group={removing} onClose={onClose} />
    </>
  )
}

/** What a group keeps: as it is, the filter in use now, or the nodes selected now. */
type Keeps = 'same' | 'filter' | 'nodes'

/** `group` absent: a new one. */
function GroupForm({ group, onClose }: { group: NodeGroup | undefined; onClose: () => void }) {
  const { filter, filtering, selected } = useNodeList()
  const mayShare = useMay('operator')
  const cache = useQueryClient()
  const [name, setName] = useState(group?.name ?? '')
  const [description, setDescription] = useState(group?.description ?? '')
  const [shared, setShared] = useState(group?.shared ?? false)
  const [keeps, setKeeps] = useState<Keeps>(group !== undefined ? 'same' : filtering ? 'filter' : 'nodes')
  const save = useMutation({
    mutationFn: () => {
      const kept =
        keeps === 'filter'
          ? { filter }
          : keeps === 'nodes' || group === undefined
            ? { nodes: [...selected] }
            : keptOf(group)
      const body = { name: name.trim(), description: description.trim(), shared, ...kept }
      return group === undefined
        ? call('POST /api/groups', { body })
        : call('PUT /api/groups/:id', { params: { id: group.id }, body })
    },
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: groupsQuery.queryKey })
      notifications.show({ message: `The group ${name.trim()} is ${group === undefined ? 'saved' : 'changed'}.` })
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
        <FormError error={save.error instanceof ApiError && save.error.fields.has('name') ? undefined : save.error} />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={100}
          error={fieldError(save.error, 'name')}
          autoComplete="off"
          data-autofocus
        />
        <Radio.Group label="What it keeps" value={keeps} onChange={(value) => setKeeps(value as Keeps)}>
          <Stack gap={6} mt={4}>
            {group === undefined ? null : <Radio value="same" label={`What it has: ${whatOf(group)}`} />}
            <Radio
              value="filter"
              label={
                group === undefined || !filtering
                  ? 'The filter: whatever matches when it is used'
                  : `The filter in use now: ${filterText(filter)}`
              }
              disabled={!filtering}
            />
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
        {mayShare || shared ? (
          <Checkbox
            label="For everybody"
            description="Others see and use it; only you and administrators change it."
            checked={shared}
            disabled={!mayShare}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
        ) : null}
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

function keptOf({ filter, nodes }: NodeGroup): Pick<NodeGroup, 'filter' | 'nodes'> {
  return filter === undefined ? { nodes: nodes ?? [] } : { filter }
}

function whatOf({ filter, nodes }: NodeGroup): string {
  return filter === undefined ? `${nodesText(nodes?.length ?? 0)} by name` : `the filter ${filterText(filter)}`
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
