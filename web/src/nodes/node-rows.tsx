// The rows of the node list: only those in sight are in the page, whatever their number. One list box for pointers, keyboards and readers of the
// screen: click and space toggle, shift selects ranges, Ctrl-A all, typing jumps to a name, Enter opens the node. [live 2]

import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useId, useRef, useState } from 'react'
import { Mark, meaningOfNodeState, wordOfNodeState } from '../components/mark.tsx'
import styles from './node-rows.module.css'
import { useNodeList } from './node-selection.tsx'
import { ROW_PX } from './row-height.ts'
import { moveOf, TypeAhead } from './row-keys.ts'
import { ALL, isSelected, NONE, rangeOf, withNames } from './selection.ts'

export interface NodeRowsProps {
  /** The row under the keyboard, by name. */
  readonly active: string | undefined
  onActive(name: string): void
  onOpen(name: string): void
}

export function NodeRows({ active, onActive, onOpen }: NodeRowsProps) {
  const { matching, rowOf, selection, selected, settling, setSelection } = useNodeList()
  const box = useRef<HTMLDivElement>(null)
  const id = useId()
  // Where a range begins, and whether it selects or clears.
  const [anchor, setAnchor] = useState<{ name: string; selects: boolean }>()
  const typed = useRef(new TypeAhead())
  const rows = useVirtualizer({
    count: matching.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    // Until the place of the list has been measured: the names are in the very first frame.
    initialRect: { width: 0, height: globalThis.innerHeight },
  })
  const activeAt = active === undefined ? -1 : matching.indexOf(active)

  const go = (index: number): void => {
    const name = matching[index]
    if (name === undefined) return
    onActive(name)
    rows.scrollToIndex(index, { align: 'auto' })
  }
  const toggle = (index: number): void => {
    const name = matching[index]
    if (name === undefined) return
    const selects = !isSelected(selection, name)
    setAnchor({ name, selects })
    setSelection(withNames(selection, [name], selects, matching))
  }
  const extend = (index: number): void => {
    const from = anchor === undefined ? index : matching.indexOf(anchor.name)
    if (from < 0) toggle(index)
    else setSelection(withNames(selection, rangeOf(matching, from, index), anchor?.selects ?? true, matching))
  }

  const onClick = (event: MouseEvent): void => {
    const index = Number((event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index ?? -1)
    const name = matching[index]
    if (name === undefined) return
    onActive(name)
    if (event.shiftKey) extend(index)
    else toggle(index)
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event
    if ((ctrlKey || metaKey) && key.toLowerCase() === 'a') {
      event.preventDefault()
      setSelection(selected.length === matching.length ? NONE : ALL)
      return
    }
    if (ctrlKey || metaKey || altKey) return
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? ROW_PX) / ROW_PX) - 1)
    const to = moveOf(key, activeAt, matching.length, page)
    if (to !== undefined) {
      event.preventDefault()
      go(to)
      if (shiftKey) {
        if (anchor === undefined) setAnchor({ name: matching[Math.max(0, activeAt)] ?? '', selects: true })
        extend(to)
      }
    } else if (key === ' ' && !typed.current.going(event.timeStamp)) {
      event.preventDefault()
      toggle(Math.max(0, activeAt))
    } else if (key === 'Enter' && active !== undefined) {
      event.preventDefault()
      onOpen(active)
    } else if (key.length === 1 && key !== '/') {
      // No name has a slash: that goes to the filter.
      event.preventDefault()
      go(typed.current.find(key, event.timeStamp, matching, activeAt))
    }
  }

  return (
    <div
      ref={box}
      className={styles.rows}
      role="listbox"
      aria-multiselectable="true"
      aria-label="Nodes"
      aria-busy={settling}
      aria-activedescendant={activeAt >= 0 ? `${id}${active}` : undefined}
      tabIndex={0}
      onClick={onClick}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (activeAt < 0 && matching[0] !== undefined) onActive(matching[0])
      }}
      data-dimmed={settling || undefined}
    >
      <div className={styles.inner} role="presentation" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const name = matching[index] ?? ''
          const row = rowOf.get(name)
          const chosen = isSelected(selection, name)
          const state = row?.state ?? 'silent'
          return (
            <div
              key={name}
              id={`${id}${name}`}
              role="option"
              aria-selected={chosen}
              aria-setsize={matching.length}
              aria-posinset={index + 1}
              data-index={index}
              data-active={name === active || undefined}
              className={styles.row}
              style={{ transform: `translateY(${start}px)` }}
              title={name}
            >
              <span className={styles.box} aria-hidden="true" />
              <span className={styles.name}>{name}</span>
              {row?.neverRan === true ? <span className={styles.note}>no run yet</span> : null}
              <Mark meaning={meaningOfNodeState(state)} size={10} />
              {state === 'answering' ? null : <span className="visually-hidden">, {wordOfNodeState(state)}</span>}
            </div>
          )
        })}
      </div>
    </div>
  )
}
