// What a clone would do, as the nodes themselves say: the resource at the left, then each present state among the targets with its effect. [live 4]

import { useMemo } from 'react'
import type { ClonePreview } from '#console/api/resources.ts'
import { call } from '../api/client.ts'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { ForeignText } from '../components/foreign-text.tsx'
import { countText, nodesText } from '../components/format.ts'
import { Mark, type Meaning } from '../components/mark.tsx'
import { NodeSampleView } from '../components/node-sample.tsx'
import { Pill } from '../components/pill.tsx'
import { ValueLine } from '../components/value-view.tsx'
import styles from './clone-view.module.css'
import strips from './inspection.module.css'
import { type PropertyColumn, PropertyTable } from './property-table.tsx'

type EffectGroup = ClonePreview['effects'][number]
type Effect = EffectGroup['effect']

const EFFECTS: Record<Effect, { readonly meaning: Meaning; word(count: number): string }> = {
  create: { meaning: 'busy', word: (count) => countText(count, 'creation') },
  change: { meaning: 'busy', word: (count) => countText(count, 'change') },
  nothing: { meaning: 'ok', word: (count) => `${count} unchanged` },
  excluded: { meaning: 'refused', word: (count) => `${count} left out` },
  failed: { meaning: 'failed', word: (count) => `${count} failed` },
  noResponse: { meaning: 'silent', word: (count) => `${count} did not answer` },
}

export function EffectPill({ effect, count }: { effect: Effect; count: number }) {
  const { meaning, word } = EFFECTS[effect]
  return (
    <Pill meaning={meaning} mark={effect !== 'create' && effect !== 'change'}>
      {word(count)}
    </Pill>
  )
}

export function ClonePreviewView({ preview, stale }: { preview: ClonePreview; stale: string | undefined }) {
  const { source, effects, counts, steps, warnings, type, title } = preview
  const columns = useMemo(() => columnsOf(preview), [preview])
  const { changing, rest } = useMemo(() => rowsOf(preview), [preview])
  const before = steps.slice(0, -1)
  return (
    <div data-stale={stale !== undefined || undefined} className={styles.view}>
      {stale === undefined ? null : (
        <p className={strips.strip}>
          <Mark meaning="warn" /> {stale} It is shown as it was; Preview again shows what would happen now.
        </p>
      )}
      <p className={styles.counts} role="status">
        {(Object.keys(EFFECTS) as Effect[])
          .filter((effect) => counts[effect] > 0)
          .map((effect) => (
            <EffectPill key={effect} effect={effect} count={counts[effect]} />
          ))}
        <span className={styles.dim}>taken from {preview.sourceNode}; a look only, nothing has been changed</span>
      </p>
      {warnings.length === 0 ? null : (
        <ul className={styles.warnings} aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={warning}>
              <Mark meaning="warn" size={13} />
              <span>
                <ForeignText>{sentence(warning)}</ForeignText>
              </span>
            </li>
          ))}
        </ul>
      )}
      {before.length === 0 ? null : (
        <section className={styles.steps} aria-label="Cloned before it">
          <h2>First, where missing</h2>
          <ul>
            {before.map((step) => (
              <li key={`${step.type} ${step.title}`}>
                {step.type} <b>{step.title}</b>
                {Object.entries(step.properties)
                  .filter(([name]) => name !== 'ensure')
                  .map(([name, value]) => (
                    <span key={name} className={styles.dim}>
                      {' '}
                      {name} <ValueLine value={value} />
                    </span>
                  ))}
              </li>
            ))}
          </ul>
        </section>
      )}
      <PropertyTable
        caption={`What cloning ${type} ${title.slice(0, 200)} would do`}
        columns={columns}
        differing={changing}
        equal={rest}
        differingTitle="Properties that would change on some nodes"
        equalTitle={changing.length === 0 ? 'Properties' : 'Properties that stay as they are'}
        noun="state"
      />
      <div className={styles.command}>
        <CommandToCopy command={preview.command} />
      </div>
      {effects.length === 0 ? <p>No node was asked.</p> : null}
      <p className="visually-hidden">{nodesText(source.nodes.count)} have the resource as it is cloned.</p>
    </div>
  )
}

function columnsOf({ id, source, effects }: ClonePreview): PropertyColumn[] {
  const first: PropertyColumn = {
    key: 'source',
    properties: source.properties,
    isSource: true,
    highlighted: NONE,
    head: (
      <div className={styles.head}>
        <b>Resource to clone</b>
        <NodeSampleView sample={source.nodes} />
      </div>
    ),
  }
  const targets = effects.map((group): PropertyColumn => {
    const absent = Object.keys(group.properties).length === 0
    return {
      key: group.key,
      properties: absent ? undefined : group.properties,
      empty: EMPTY[group.effect],
      highlighted: new Set(group.changes),
      head: (
        <div className={styles.head}>
          <EffectPill effect={group.effect} count={group.nodes.count} />
          <NodeSampleView
            sample={group.nodes}
            all={{
              key: ['resources', 'preview', id, group.key],
              load: (signal) =>
                call('GET /api/clones/preview/:id/effects/:key/nodes', { params: { id, key: group.key }, signal }).then(
                  ({ nodes }) => nodes,
                ),
            }}
          />
          {group.reason === undefined ? null : (
            <p className={styles.reason}>
              <ForeignText>{group.reason}</ForeignText>
            </p>
          )}
          {group.also.length === 0 ? null : (
            <ul className={styles.also}>
              {group.also.map((also) => (
                <li key={also}>
                  <ForeignText>{also}</ForeignText>
                </li>
              ))}
            </ul>
          )}
        </div>
      ),
    }
  })
  return [first, ...targets]
}

const NONE: ReadonlySet<string> = new Set()
const EMPTY: Record<Effect, string> = {
  create: 'absent',
  change: 'absent',
  nothing: 'absent',
  excluded: 'not told',
  failed: 'not told',
  noResponse: 'not told',
}

function rowsOf({ source, effects }: ClonePreview): { changing: string[]; rest: string[] } {
  const names = new Set(Object.keys(source.properties))
  const changed = new Set<string>()
  for (const { properties, changes } of effects) {
    for (const name of Object.keys(properties)) names.add(name)
    for (const name of changes) changed.add(name)
  }
  for (const name of changed) names.add(name)
  const sorted = [...names].sort()
  return { changing: sorted.filter((name) => changed.has(name)), rest: sorted.filter((name) => !changed.has(name)) }
}

/** The console's warnings begin small, to be put behind a word of the command line. */
function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?)]$/.test(text) ? '' : '.'}`
}
