// One resource: its variants side by side, where each is, where it is missing. [live 3.5]

import { Button } from '@mantine/core'
import { Fragment, useMemo } from 'react'
import type { ResourceVariant, ResourceVariants } from '#console/api/resources.ts'
import { call } from '../api/client.ts'
import { useMay } from '../api/session.ts'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { countText, nodesText, numberText } from '../components/format.ts'
import { Help } from '../components/help.tsx'
import { IconCopyPlus } from '../components/icons.ts'
import { NodeSampleView } from '../components/node-sample.tsx'
import { Pill } from '../components/pill.tsx'
import { Empty } from '../components/state.tsx'
import { useSelection } from '../nodes/node-selection.tsx'
import { FailedStrip } from './failed-strip.tsx'
import styles from './inspect-view.module.css'
import { type PropertyColumn, PropertyTable } from './property-table.tsx'
import { usePuppetralCommand } from './puppetral-command.ts'
import { keyOfNodes } from './resource-queries.ts'
import { SecretValue } from './secret-value.tsx'

export interface InspectViewProps {
  readonly found: ResourceVariants
  /** The nodes that were asked. */
  readonly nodes: readonly string[]
  /** Of the variant that is being cloned. */
  readonly source?: string | undefined
  /** Absent: not now. */
  readonly onClone?: ((variant: ResourceVariant) => void) | undefined
}

export function InspectView({ found, nodes, source, onClone }: InspectViewProps) {
  const { type, title, variants, differing, equal, absent, failed, secret } = found
  const operator = useMay('operator')
  const secrets = useMemo(() => new Set(secret), [secret])
  const asked = usePuppetralCommand('find', { type, title })
  const isSelection = useSelection().nodes === nodes
  const columns = useMemo(() => {
    const of = (variant: string) => ({
      key: ['resources', 'nodes', type, title, variant, keyOfNodes(nodes)],
      load: (signal: AbortSignal) =>
        call('POST /api/resources/:type/nodes', {
          params: { type },
          body: { title, variant, nodes: [...nodes] },
          signal,
        }).then((answer) => answer.nodes),
    })
    const list: PropertyColumn[] = variants.map((variant) => ({
      key: variant.key,
      properties: variant.properties,
      isSource: variant.key === source,
      head: (
        <div className={styles.head}>
          <NodeSampleView sample={variant.nodes} all={of(variant.key)} />
          <Managed variant={variant} />
          {variant.key === source ? (
            <Pill meaning="busy" mark={false}>
              resource to clone
            </Pill>
          ) : onClone !== undefined && operator && found.cloneable ? (
            <span className={styles.clone}>
              <Button
                size="compact-sm"
                variant="light"
                leftSection={<IconCopyPlus size={15} aria-hidden="true" />}
                onClick={() => onClone(variant)}
              >
                Clone resource
              </Button>
              <Help label="Clone resource">
                Makes it like this on other nodes, after a preview of what would change on each of them.
              </Help>
            </span>
          ) : null}
        </div>
      ),
    }))
    if (absent.count > 0) {
      list.push({
        key: 'absent',
        properties: undefined,
        head: (
          <div className={styles.head}>
            <NodeSampleView sample={absent} all={of('absent')} />
            <Pill meaning="idle">absent</Pill>
          </div>
        ),
      })
    }
    return list
  }, [type, title, variants, absent, source, onClone, operator, found.cloneable, nodes])
  const nodeOf = useMemo(() => new Map(variants.map(({ key, nodes: sample }) => [key, sample.first[0]])), [variants])

  return (
    <>
      <p className={styles.sentence} role="status">
        <Sentence found={found} />
      </p>
      <FailedStrip failed={failed} all={found.found + absent.count === 0} />
      {variants.length === 0 ? (
        <Empty title={failed.length === found.asked ? 'No node answered' : 'Not found'}>
          {failed.length === found.asked
            ? 'What went wrong stands above, by node.'
            : `None of the ${nodesText(found.asked - failed.length)} that answered has it.`}
        </Empty>
      ) : (
        <PropertyTable
          caption={`Variants of ${type} ${title.slice(0, 200)}`}
          columns={columns}
          differing={differing}
          equal={equal}
          cell={(name, column) => {
            const value = column.properties?.[name]
            if (!secrets.has(name) || value === undefined || value === null) return undefined
            return <SecretValue {...{ type, title, value }} property={name} node={nodeOf.get(column.key)} />
          }}
        />
      )}
      <Notes found={found} />
      <CommandToCopy command={isSelection ? asked : found.command} nodes={nodes} />
    </>
  )
}

function Sentence({ found: { found, asked, type, title, variants, absent } }: { found: ResourceVariants }) {
  const name = (
    <>
      {type} <b className={styles.title}>{title.length > 200 ? `${title.slice(0, 200)} ...` : title}</b>
    </>
  )
  if (found === 0) {
    return (
      <>
        We asked {nodesText(asked)} and found no {name}.
      </>
    )
  }
  return (
    <>
      We found {nodesText(found)} with {name}, with {countText(variants.length, 'variation')}
      {absent.count === 0 ? '.' : `; it is absent on ${numberText(absent.count)}.`}
    </>
  )
}

function Managed({ variant: { managed, nodes } }: { variant: ResourceVariant }) {
  if (managed === 0) return null
  return (
    <span className={styles.clone}>
      <Pill meaning="warn" mark={false}>
        managed by Puppet{managed === nodes.count ? '' : ` on ${numberText(managed)}`}
      </Pill>
      <Help label="Managed by Puppet">
        It is in the catalogue of these nodes: whatever is changed by hand is put back at the next run of Puppet.
      </Help>
    </span>
  )
}

function Notes({
  found: { hidden, secret, variants, cloneable, notCloneableReason, type },
}: {
  found: ResourceVariants
}) {
  if (variants.length === 0) return null
  const masked = secret.filter((name) => variants.some(({ properties }) => properties[name] === '*****'))
  const notes = [
    hidden.length === 0 ? undefined : `Left out, as each node has its own: ${hidden.join(', ')}.`,
    masked.length === 0
      ? undefined
      : `${masked.join(', ')}: hidden by the nodes, so whether it is alike cannot be seen.`,
    cloneable ? undefined : `${type} cannot be cloned: ${notCloneableReason ?? 'it is not supported'}.`,
  ].filter((note) => note !== undefined)
  if (notes.length === 0) return <div className={styles.notes} />
  return (
    <p className={styles.notes}>
      {notes.map((note) => (
        <Fragment key={note}>
          {note}
          <br />
        </Fragment>
      ))}
    </p>
  )
}
