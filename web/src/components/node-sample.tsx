// `on 50 nodes`, which opens into their names: at once the first few, the rest asked for when opened. [live 3.5, 7]

import { useClipboard } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useRef, useState } from 'react'
import type { NodeSample } from '#console/api/words.ts'
import { sentenceOf } from '../api/error.ts'
import { countText, nodesText, numberText } from './format.ts'
import { IconChevronRight } from './icons.ts'
import { TextLink } from './link.tsx'
import styles from './node-sample.module.css'
import { TextButton } from './text-button.tsx'

export interface NodeSampleViewProps {
  readonly sample: NodeSample
  /** All names, asked for when opened and there are more than the sample has. */
  readonly all?: {
    readonly key: readonly unknown[]
    readonly load: (signal: AbortSignal) => Promise<readonly string[]>
  }
  /** Instead of `on 50 nodes`. */
  readonly label?: ReactNode
  /** What stands beside a name, e.g. the seconds that are not part of what makes answers equal. */
  readonly note?: (node: string) => ReactNode
}

export function NodeSampleView({ sample, all, label, note }: NodeSampleViewProps) {
  const [open, setOpen] = useState(false)
  const short = sample.first.length < sample.count
  const asked = useQuery({
    queryKey: all?.key ?? ['nodes of', sample.first],
    queryFn: ({ signal }) => all?.load(signal) ?? Promise.resolve(sample.first),
    enabled: open && short && all !== undefined,
  })
  const names = (short ? asked.data : undefined) ?? sample.first
  return (
    <div className={styles.sample}>
      <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} className={styles.arrow} aria-hidden="true" />
        {label ?? `on ${nodesText(sample.count)}`}
      </button>
      {open ? (
        <div className={styles.opened}>
          <NodeNameList names={names} note={note} />
          {asked.isFetching && names.length < sample.count ? (
            <p className={styles.rest}>Loading the others ...</p>
          ) : null}
          {asked.error === null ? null : <p className={styles.rest}>{sentenceOf(asked.error)}</p>}
          {!asked.isFetching && names.length < sample.count ? (
            <p className={styles.rest}>and {countText(sample.count - names.length, 'more node')}</p>
          ) : null}
          <div className={styles.foot}>
            <CopyNames names={names} busy={asked.isFetching && names.length < sample.count} />
          </div>
        </div>
      ) : null}
    </div>
  )
}

const ROW_PX = 24
const HEIGHT_MAX_PX = 264

/** Any number of node names, scrolling; each leads to its page. */
export function NodeNameList({
  names,
  note,
}: {
  names: readonly string[]
  note?: ((node: string) => ReactNode) | undefined
}) {
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: names.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    initialRect: { width: 0, height: HEIGHT_MAX_PX },
  })
  return (
    <div ref={box} className={styles.names} style={{ height: Math.min(names.length * ROW_PX, HEIGHT_MAX_PX) }}>
      <ul className={styles.list} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const name = names[row.index] ?? ''
          return (
            <li key={name} className={styles.name} style={{ transform: `translateY(${row.start}px)` }}>
              <TextLink to="/nodes/$name" params={{ name }} preload={false}>
                {name}
              </TextLink>
              {note === undefined ? null : <span className={styles.note}>{note(name)}</span>}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** `busy`: not all names are there yet, and half of them is not what is wanted. */
export function CopyNames({ names, busy = false }: { names: readonly string[]; busy?: boolean }) {
  const { copied, copy } = useClipboard({ timeout: 1_500 })
  return (
    <TextButton size="xs" tone="dim" underline="always" disabled={busy} onClick={() => copy(`${names.join('\n')}\n`)}>
      {copied ? 'Copied' : names.length === 1 ? 'Copy name' : `Copy ${numberText(names.length)} names`}
    </TextButton>
  )
}
