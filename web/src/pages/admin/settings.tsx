// The console's own settings, which administrators change while it runs. [M-081, O30]

import { Alert, Button, NumberInput, Switch, TagsInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { ConsoleSettings, RevisedSettings } from '#console/api/fleet.ts'
import styles from '../../admin/admin.module.css'
import { catchUp, sameSettings } from '../../admin/settings-draft.ts'
import { call } from '../../api/client.ts'
import { ApiError } from '../../api/error.ts'
import { settingsQuery } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { useMay } from '../../api/session.ts'
import { FormError, fieldError } from '../../components/form-error.tsx'
import { Empty, ErrorState, Loading } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function SettingsPage() {
  const administrator = useMay('administrator')
  const found = useQuery(settingsQuery)
  return (
    <Page title="Settings" intro="They hold at once, for everybody, without a restart.">
      {!administrator ? (
        <Empty title="This page is for administrators" />
      ) : found.data === undefined ? (
        found.error === null ? (
          <Loading>Reading the settings ...</Loading>
        ) : (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : (
        <SettingsForm settings={found.data} />
      )}
    </Page>
  )
}

const DAYS = [
  { key: 'jobs', label: 'Jobs and their answers' },
  { key: 'audit', label: 'Audit' },
  { key: 'reports', label: 'Puppet runs' },
] as const

interface Meanwhile {
  readonly taken: readonly string[]
  readonly contested: readonly string[]
}

function ChangedMeanwhile({ taken = [], contested = [] }: Partial<Meanwhile>) {
  if (taken.length + contested.length === 0) return null
  return (
    <Alert color="yellow" variant="light" role="status" p="sm" mb="md" maw="46rem">
      Somebody else has changed the settings while this page was open.{' '}
      {taken.length === 0 ? '' : `Taken over from them: ${taken.join(', ')}. `}
      {contested.length === 0
        ? 'What you changed is still here, and not saved yet.'
        : `Kept as you have it: ${contested.join(', ')}; saving puts it in the place of theirs, Discard changes takes theirs.`}
    </Alert>
  )
}

function SettingsForm({ settings }: { settings: RevisedSettings }) {
  const [draft, setDraft] = useState<ConsoleSettings>(settings)
  const [base, setBase] = useState(settings)
  const [meanwhile, setMeanwhile] = useState<Meanwhile>()
  // Somebody else has saved: what was typed here stays.
  if (base !== settings) {
    setBase(settings)
    if (!sameSettings(base, settings)) {
      const { draft: next, taken, contested } = catchUp(base, draft, settings)
      setDraft(next)
      if (taken.length + contested.length > 0) setMeanwhile({ taken, contested })
    }
  }
  const save = useMutation({
    async mutationFn() {
      let known = base
      for (;;) {
        try {
          return await call('PUT /api/settings', { body: { ...draft, revision: known.revision } })
        } catch (error) {
          if (!(error instanceof ApiError && error.code === 'CONSOLE_CONFLICT')) throw error
          known = await queryClient.fetchQuery({ ...settingsQuery, staleTime: 0 })
          // Not over what nobody here has seen: it is shown, and saved with the next press.
          if (!sameSettings(known, base)) return undefined
        }
      }
    },
    onSuccess: (saved) => {
      if (saved === undefined) return
      setBase(saved)
      setDraft(saved)
      setMeanwhile(undefined)
      queryClient.setQueryData(settingsQuery.queryKey, saved)
      notifications.show({ message: 'The settings are saved.' })
    },
  })
  const changed = !sameSettings(draft, settings)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (changed) save.mutate()
  }
  const discard = (): void => {
    setDraft(settings)
    setMeanwhile(undefined)
  }
  const placed = save.error instanceof ApiError && save.error.fields.size > 0
  return (
    <form onSubmit={submit}>
      <ChangedMeanwhile {...meanwhile} />
      <section className={styles.section} aria-labelledby="live">
        <h2 id="live">Live Management</h2>
        <p>
          Switched off, nobody can look at resources, control Puppet or run tasks from this console, and its API refuses
          these as well. Jobs that run go on.
        </p>
        <Switch
          label="Live Management is on"
          checked={draft.liveManagement}
          onChange={(event) => setDraft({ ...draft, liveManagement: event.currentTarget.checked })}
        />
      </section>
      <section className={styles.section} aria-labelledby="types">
        <h2 id="types">Resource types</h2>
        <p>Which types the tab Manage Resources shows. Any type Puppet knows on the nodes will do.</p>
        <TagsInput
          aria-label="Resource types"
          placeholder="service, cron, mount"
          value={draft.resourceTypes}
          onChange={(types) => {
            const names = types.map((type) => type.trim().toLowerCase()).filter((type) => /^[a-z][\w:]*$/.test(type))
            setDraft({ ...draft, resourceTypes: [...new Set(names)] })
          }}
          splitChars={[',', ' ']}
          error={fieldError(save.error, 'resourceTypes')}
        />
      </section>
      <section className={styles.section} aria-labelledby="days">
        <h2 id="days">How long things are kept</h2>
        <p>Days, 1 to 3650. What is older is deleted.</p>
        <div className={styles.days}>
          {DAYS.map(({ key, label }) => (
            <NumberInput
              key={key}
              label={label}
              min={1}
              max={3650}
              allowDecimal={false}
              allowNegative={false}
              clampBehavior="blur"
              value={draft.retentionDays[key]}
              onChange={(value) =>
                setDraft({ ...draft, retentionDays: { ...draft.retentionDays, [key]: Number(value) || 1 } })
              }
              error={fieldError(save.error, `retentionDays.${key}`)}
            />
          ))}
        </div>
      </section>
      <div className={styles.save}>
        <Button type="submit" disabled={!changed} loading={save.isPending}>
          Save
        </Button>
        <Button variant="subtle" disabled={!changed} onClick={discard}>
          Discard changes
        </Button>
        <FormError error={placed ? undefined : save.error} />
      </div>
    </form>
  )
}
