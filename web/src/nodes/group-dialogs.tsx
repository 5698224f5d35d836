// Saving what is filtered or selected as a group, and removing one.

import { Button, Checkbox, Group, Modal, Radio, Stack, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { NodeGroup } from '#console/api/fleet.ts'
import { call } from '../api/client.ts'
import { groupsQuery } from '../api/queries.ts'
import { ConfirmTyped } from '../components/confirm-typed.tsx'
import { FormError, fieldError } from '../components/form-error.tsx'
import { nodesText } from '../components/format.ts'
import { useNodeList } from './node-selection.tsx'

export interface GroupDialogsProps {
  readonly saving: boolean
  readonly removing: NodeGroup | undefined
  onClose(): void
}

export function GroupDialogs({ saving, removing, onClose }: GroupDialogsProps) {
  return (
    <>
      <Modal opened={saving} onClose={onClose} title="Save as a group">
        {saving ? <SaveForm onClose={onClose} /> : null}
      </Modal>
      <RemoveGroup group={removing} onClose={onClose} />
    </>
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
