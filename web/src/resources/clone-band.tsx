// Across the page while a clone is prepared: what is cloned, the two steps, options, Preview, then Clone. The node list below stays usable: it says
// where to. [live 4]

import { Button, Checkbox, Drawer, NumberInput, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { RollOut } from '#console/api/jobs.ts'
import type { ResourceVariant } from '#console/api/resources.ts'
import { usePreviewProgress } from '../api/preview-progress.ts'
import { ConfirmTyped } from '../components/confirm-typed.tsx'
import { fieldError } from '../components/form-error.tsx'
import { countText, nodesText, numberText } from '../components/format.ts'
import { IconChevronRight, IconEye } from '../components/icons.ts'
import { Mark } from '../components/mark.tsx'
import { TextButton } from '../components/text-button.tsx'
import { useSelection } from '../nodes/node-selection.tsx'
import styles from './clone-band.module.css'
import type { CloneOptions, CloneSession } from './clone-session.ts'
import { PropertyTable } from './property-table.tsx'

export function CloneBand({
  session,
  source,
  onCancel,
}: {
  session: CloneSession
  /** The variant, as far as this page knows it. */
  source: ResourceVariant | undefined
  onCancel: () => void
}) {
  const { type, title, preview, stale, previewing } = session
  const { count, hint } = useSelection()
  const [confirming, setConfirming] = useState(false)
  const [details, setDetails] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const ready = preview !== undefined && stale === undefined && !previewing
  const acting = preview === undefined ? 0 : preview.counts.create + preview.counts.change
  return (
    <section className={styles.band} aria-labelledby="clone-band">
      <div className={styles.words}>
        <h2 id="clone-band" tabIndex={-1} ref={heading} className={styles.heading}>
          Cloning {type}: <b>{title.slice(0, 200)}</b>
        </h2>
        {source === undefined ? null : (
          <TextButton size="sm" underline="always" onClick={() => setDetails(true)}>
            See all properties of this resource
          </TextButton>
        )}
        {ready ? null : (
          <ol className={styles.steps}>
            <li>
              Choose the target nodes in the list at the left: <b>{nodesText(count)}</b> selected.
            </li>
            <li>Press Preview: the nodes say what would happen, and nothing is changed.</li>
          </ol>
        )}
      </div>
      <div className={styles.choices}>
        <Options type={type} options={session.options} onChange={session.setOptions} />
        <RollOutFields rollOut={session.rollOut} error={session.previewError} onChange={session.setRollOut} />
      </div>
      <div className={styles.buttons}>
        {ready ? (
          <Button color="red" disabled={acting === 0} onClick={() => setConfirming(true)}>
            Clone
          </Button>
        ) : null}
        <Button
          variant={ready ? 'default' : 'filled'}
          leftSection={<IconEye size={16} aria-hidden="true" />}
          disabled={hint !== undefined}
          loading={previewing}
          onClick={session.makePreview}
        >
          {preview === undefined ? 'Preview' : 'Preview again'}
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <p className={styles.hint} role="status">
          {hint ??
            (previewing ? (
              <Asking />
            ) : stale !== undefined ? (
              <>
                <Mark meaning="warn" /> {stale}
              </>
            ) : ready && acting === 0 ? (
              'No node would be changed.'
            ) : null)}
        </p>
      </div>
      {preview === undefined ? null : (
        <ConfirmTyped
          opened={confirming}
          title={`Clone ${type} ${title.slice(0, 100)} to ${nodesText(acting)}`}
          word={preview.confirm}
          action={`Clone to ${nodesText(acting)}`}
          busy={session.starting}
          error={session.startError}
          onConfirm={() => session.start(preview.confirm)}
          onCancel={() => {
            session.forgetStartError()
            setConfirming(false)
          }}
        >
          As the preview says: {effectWords(preview.counts)}. What is there now is recorded first, so that it can be
          undone.
          {preview.confirm === undefined || /^\d+$/.test(preview.confirm) ? null : (
            <>
              {' '}
              <b>This is an account or group of the system</b>: a mistake may lock everybody out.
            </>
          )}
        </ConfirmTyped>
      )}
      <Drawer
        opened={details}
        onClose={() => setDetails(false)}
        position="right"
        size="lg"
        title={`${type} ${title.slice(0, 200)}`}
      >
        {source === undefined ? null : (
          <PropertyTable
            caption={`All properties of ${type} ${title.slice(0, 200)}`}
            columns={[{ key: source.key, head: `on ${nodesText(source.nodes.count)}`, properties: source.properties }]}
            differing={[]}
            equal={Object.keys(source.properties)}
            equalTitle="Properties"
          />
        )}
      </Drawer>
    </section>
  )
}

function Asking() {
  const progress = usePreviewProgress()
  if (progress === undefined) return 'Asking the nodes ...'
  const { question, questions, answered, asked } = progress
  const which = questions > 1 ? `, question ${question} of ${questions}` : ''
  return `Asking the nodes${which}: ${numberText(answered)} of ${numberText(asked)} answered`
}

function effectWords({ create, change }: { create: number; change: number }): string {
  return [create === 0 ? '' : countText(create, 'creation'), change === 0 ? '' : countText(change, 'change')]
    .filter((word) => word !== '')
    .join(' and ')
}

const OPTIONS: Readonly<Record<string, readonly (readonly [name: keyof CloneOptions, label: string])[]>> = {
  user: [
    ['groups', 'Supplementary groups, created where missing'],
    ['createHome', 'Create the home directory'],
    ['keepIds', 'Keep uid and gid where free'],
    ['passwordAges', 'Password ages'],
  ],
  group: [
    ['keepIds', 'Keep the gid where free'],
    ['members', 'Members'],
  ],
}

function Options({
  type,
  options,
  onChange,
}: {
  type: string
  options: CloneOptions
  onChange: (options: CloneOptions) => void
}) {
  const known = OPTIONS[type]
  if (known === undefined) return null
  return (
    <fieldset className={styles.options}>
      <legend className="visually-hidden">Options</legend>
      {known.map(([name, label]) => (
        <Checkbox
          key={name}
          size="xs"
          label={label}
          checked={options[name] === true}
          onChange={(event) => onChange({ ...options, [name]: event.currentTarget.checked })}
        />
      ))}
    </fieldset>
  )
}

function RollOutFields({
  rollOut,
  error,
  onChange,
}: {
  rollOut: RollOut
  error: unknown
  onChange: (rollOut: RollOut) => void
}) {
  const [opened, setOpened] = useState(false)
  const put = (part: { [name in keyof RollOut]?: RollOut[name] | undefined }): void => {
    const entries = Object.entries({ ...rollOut, ...part }).filter(([, value]) => value !== undefined)
    onChange(Object.fromEntries(entries))
  }
  const words = wordsOf(rollOut)
  return (
    <div className={styles.rollOut}>
      <button type="button" className={styles.toggle} aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <IconChevronRight size={14} aria-hidden="true" /> Roll-out: {words === '' ? 'all nodes at once' : words}
      </button>
      {opened ? (
        <div className={styles.fields}>
          <NumberInput
            size="xs"
            w="7rem"
            label="Canary nodes"
            placeholder="none"
            min={1}
            allowDecimal={false}
            value={rollOut.canary ?? ''}
            onChange={(value) => put({ canary: typeof value === 'number' ? value : undefined })}
            error={fieldError(error, 'rollOut.canary')}
          />
          <ShareInput
            label="Then at a time"
            placeholder="all, 10 or 25%"
            value={rollOut.batch}
            onChange={(batch) => put({ batch })}
            error={fieldError(error, 'rollOut.batch')}
          />
          <NumberInput
            size="xs"
            w="7rem"
            label="Pause, seconds"
            placeholder="1"
            min={0}
            max={86_400}
            value={rollOut.batchSleepSeconds ?? ''}
            onChange={(value) => put({ batchSleepSeconds: typeof value === 'number' ? value : undefined })}
            error={fieldError(error, 'rollOut.batchSleepSeconds')}
          />
          <ShareInput
            label="Stop after failures"
            placeholder="never"
            value={rollOut.maxFailures}
            onChange={(maxFailures) => put({ maxFailures })}
            error={
              rollOut.maxFailures !== undefined && rollOut.batch === undefined
                ? 'Needs a number at a time'
                : fieldError(error, 'rollOut.maxFailures')
            }
          />
        </div>
      ) : null}
    </div>
  )
}

/** A number or `25%`. */
function ShareInput({
  label,
  placeholder,
  value,
  onChange,
  error,
}: {
  label: string
  placeholder: string
  value: number | string | undefined
  onChange: (value: number | string | undefined) => void
  error: string | undefined
}) {
  const [text, setText] = useState(value === undefined ? '' : String(value))
  const valid = /^(\d{0,6}|([1-9]\d?|100)%)$/.test(text.trim())
  return (
    <TextInput
      size="xs"
      w="8.5rem"
      label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => {
        const next = event.currentTarget.value
        setText(next)
        const word = next.trim()
        if (word === '') onChange(undefined)
        else if (/^([1-9]\d?|100)%$/.test(word)) onChange(word)
        else if (/^\d{1,6}$/.test(word)) onChange(Number(word))
      }}
      error={valid ? error : 'A number, or 25%'}
      autoComplete="off"
    />
  )
}

function wordsOf({ canary, batch, maxFailures }: RollOut): string {
  const atOnce = (share: number | string): string => (typeof share === 'number' ? numberText(share) : share)
  return [
    canary === undefined ? '' : `${nodesText(canary)} first`,
    batch === undefined ? '' : `${atOnce(batch)} at a time`,
    maxFailures === undefined ? '' : `stop after ${atOnce(maxFailures)} failures`,
  ]
    .filter((word) => word !== '')
    .join(', ')
}
