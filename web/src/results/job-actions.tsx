// What can be done with a job: stop it, run it again on all or on those that did not manage, undo it, take it along as a file. What the account may
// not do is not there.

import { Button, Menu, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Job, JobOutcome } from '#console/api/jobs.ts'
import { addressOf, call } from '../api/client.ts'
import { ApiError, sentenceOf } from '../api/error.ts'
import { jobQuery } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { rememberJob } from '../api/remember-job.ts'
import { useMay, useSession } from '../api/session.ts'
import { ConfirmTyped } from '../components/confirm-typed.tsx'
import { nodesText } from '../components/format.ts'
import { IconArrowBackUp, IconChevronDown, IconDownload, IconPlayerStop, IconRefresh } from '../components/icons.ts'
import { PasswordField } from '../components/password-field.tsx'

export const NOT_MANAGED: readonly JobOutcome[] = ['failed', 'refused', 'noResponse', 'notAddressed', 'unknown']
/** Above that many nodes their number must be typed. [live 4: safety] */
export const TYPED_FROM = 26

export interface Repeat {
  /** Absent: all of them. */
  readonly outcomes?: readonly JobOutcome[]
  /** Nodes of one group of equal answers. */
  readonly group?: { readonly key: string; readonly normalised: boolean; readonly nodes: number }
}

/** `acts`: it changes nodes, so that only operators may repeat it, after a question. */
export function JobActions({
  job,
  acts,
  repeat,
  onRepeat,
  onOther,
}: {
  job: Job
  acts: boolean
  repeat: Repeat | undefined
  onRepeat: (repeat: Repeat | undefined) => void
  onOther: (job: Job) => void
}) {
  const { account } = useSession()
  const operator = useMay('operator')
  const [undoing, setUndoing] = useState(false)
  const stop = useMutation({
    mutationFn: () => call('POST /api/jobs/:id/stop', { params: { id: job.id } }),
    onSuccess: rememberJob,
    onError: (error) => {
      // It had ended already.
      if (error instanceof ApiError && error.status === 409) {
        void queryClient.invalidateQueries({ queryKey: jobQuery(job.id).queryKey })
      } else notifications.show({ color: 'red', title: 'Not stopped', message: sentenceOf(error) })
    },
  })
  const running = job.state === 'running'
  const mayStop = running && (operator || job.account === account?.name)
  const repeatable = !running && mayRepeat(job, acts, operator)
  const bad = NOT_MANAGED.reduce((sum, outcome) => sum + job.counts[outcome], 0)
  return (
    <>
      {mayStop ? (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} aria-hidden="true" />}
          loading={stop.isPending}
          onClick={() => stop.mutate()}
        >
          {job.stopReason === undefined && !stop.isSuccess ? 'Stop' : 'Stop waiting'}
        </Button>
      ) : null}
      {repeatable ? (
        <Button.Group>
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden="true" />}
            onClick={() => onRepeat({})}
          >
            Run again
          </Button>
          {bad > 0 ? (
            <Button variant="default" onClick={() => onRepeat({ outcomes: NOT_MANAGED })}>
              On {nodesText(bad)} not ok
            </Button>
          ) : null}
        </Button.Group>
      ) : null}
      {job.canUndo && operator && !running ? (
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={16} aria-hidden="true" />}
          onClick={() => setUndoing(true)}
        >
          {undoWord(job)}
        </Button>
      ) : null}
      <ExportMenu id={job.id} />
      {repeat === undefined ? null : (
        <RepeatDialog job={job} acts={acts} repeat={repeat} onClose={() => onRepeat(undefined)} onOther={onOther} />
      )}
      {undoing ? <UndoDialog job={job} onClose={() => setUndoing(false)} onOther={onOther} /> : null}
    </>
  )
}

export function mayRepeat(job: Job, acts: boolean, operator: boolean): boolean {
  return (job.kind === 'call' || job.kind === 'runall') && (operator || !(acts || job.kind === 'runall'))
}

function ExportMenu({ id }: { id: string }) {
  const to = (format: string): string => addressOf('/api/jobs/:id/export', { id }, { format })
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden="true" />}
          rightSection={<IconChevronDown size={14} aria-hidden="true" />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={to('csv')} download>
          CSV, one line per node
        </Menu.Item>
        <Menu.Item component="a" href={to('json')} download>
          JSON, everything
        </Menu.Item>
        <Menu.Item component="a" href={to('nodes')} download>
          Names of the nodes, for mco
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function RepeatDialog({
  job,
  acts,
  repeat: { outcomes, group },
  onClose,
  onOther,
}: {
  job: Job
  acts: boolean
  repeat: Repeat
  onClose: () => void
  onOther: (job: Job) => void
}) {
  // Secrets are not kept: the console says which are missing.
  const [missing, setMissing] = useState<readonly string[]>([])
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({})
  const again = useMutation({
    mutationFn: () =>
      call('POST /api/jobs/:id/again', {
        params: { id: job.id },
        body: {
          ...(outcomes === undefined ? {} : { outcomes: [...outcomes] }),
          ...(group === undefined ? {} : { group: group.key, normalised: group.normalised }),
          ...(missing.length === 0 ? {} : { inputs: secrets }),
        },
      }),
    onSuccess: (made) => {
      onClose()
      onOther(made)
    },
    onError: (error) => {
      if (!(error instanceof ApiError)) return
      const names = [...error.fields.keys()].map((path) => path.replace(/^inputs\./, ''))
      if (names.length > 0 && missing.length === 0) setMissing(names)
    },
  })
  const count =
    group !== undefined
      ? group.nodes
      : outcomes === undefined
        ? job.counts.targeted
        : outcomes.reduce((sum, outcome) => sum + job.counts[outcome], 0)
  const which = group !== undefined ? 'that answered so' : outcomes === undefined ? 'it was run on' : 'that were not ok'
  return (
    <ConfirmTyped
      opened
      title={`Run ${job.title} again`}
      word={acts && count >= TYPED_FROM ? String(count) : undefined}
      action={`Run on ${nodesText(count)}`}
      danger={acts}
      busy={again.isPending}
      error={again.error}
      onConfirm={() => again.mutate()}
      onCancel={onClose}
    >
      <Text size="sm">
        The same inputs, on the {nodesText(count)} {which}. It becomes a job of its own.
      </Text>
      {missing.length === 0 ? null : (
        <Stack gap="xs" mt="sm">
          {missing.map((name) => (
            <PasswordField
              key={name}
              label={name}
              autoComplete="off"
              value={secrets[name] ?? ''}
              onChange={(event) => setSecrets({ ...secrets, [name]: event.currentTarget.value })}
            />
          ))}
        </Stack>
      )}
    </ConfirmTyped>
  )
}

/** What has been undone can be done again, as it was. */
const undoWord = ({ kind, title }: Job): string => (kind === 'undo' && title.startsWith('Undo: ') ? 'Redo' : 'Undo')

function UndoDialog({ job, onClose, onOther }: { job: Job; onClose: () => void; onOther: (job: Job) => void }) {
  const undo = useMutation({
    mutationFn: () => call('POST /api/jobs/:id/undo', { params: { id: job.id } }),
    onSuccess: (made) => {
      onClose()
      onOther(made)
    },
  })
  // Also nodes that failed half-way or gave no answer: what they were before is written down.
  const touched = useQuery({
    queryKey: ['jobs', 'undo', job.id],
    queryFn: ({ signal }) => call('GET /api/jobs/:id/undo', { params: { id: job.id }, signal }),
    staleTime: 0,
  })
  const count = touched.data?.nodes.count
  return (
    <ConfirmTyped
      opened
      title={`${undoWord(job)} ${job.title.replace(/^Undo: /, '')}`}
      word={count !== undefined && count >= TYPED_FROM ? String(count) : undefined}
      action={count === undefined ? 'Put back what was before' : `Put back what was before on ${nodesText(count)}`}
      busy={undo.isPending || touched.isPending}
      error={undo.error ?? touched.error}
      onConfirm={() => undo.mutate()}
      onCancel={onClose}
    >
      <Text size="sm">
        What was recorded before the job is put back
        {count === undefined ? '' : ` on ${nodesText(count)}`}
        {count === undefined || count === job.counts.ok ? '' : `, also those of which the job does not know the end`}.
        Nodes where somebody has changed it since are left alone and named.
      </Text>
    </ConfirmTyped>
  )
}
