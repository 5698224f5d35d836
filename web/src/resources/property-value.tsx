// A property of a resource beside the same one elsewhere: what differs is marked. Values are foreign: harmless, wrapped, cut when long.

import { type ReactNode, useState } from 'react'
import { ForeignText } from '../components/foreign-text.tsx'
import { countText } from '../components/format.ts'
import { TextButton } from '../components/text-button.tsx'
import { ValueView } from '../components/value-view.tsx'
import { cutText } from '../components/visible-text.ts'
import styles from './property-table.module.css'
import { markDifferences, type Segment } from './text-diff.ts'

/** Views of one property, one per column; `undefined` in: there is none. Marked: they are not all alike. */
export function viewsOf(values: readonly unknown[], marked: boolean): readonly ReactNode[] {
  const present = values.filter((value) => !isUnset(value))
  if (!marked || present.length < 2) return values.map(plainView)
  if (present.every(isScalar) && !present.some(isHidden)) {
    const marks = markDifferences(present.map(String))
    let at = 0
    return values.map((value) => (isUnset(value) ? plainView(value) : segmentsView(marks[at++] ?? [])))
  }
  if (present.every(isFlatList)) {
    const [first = new Set<string>(), ...others] = present.map((list) => new Set(list.map(String)))
    const inAll = new Set([...first].filter((item) => others.every((other) => other.has(item))))
    return values.map((value) => (isFlatList(value) ? markedList(value, inAll) : plainView(value)))
  }
  return values.map(plainView)
}

function plainView(value: unknown): ReactNode {
  if (isUnset(value)) {
    return (
      <span className={styles.unset}>
        <span aria-hidden="true">—</span>
        <span className="visually-hidden">not set</span>
      </span>
    )
  }
  if (isHidden(value)) return <HiddenValue value={value} />
  return typeof value === 'string' && value.length > LONG ? <LongText>{value}</LongText> : <ValueView value={value} />
}

/** More than that would push the other properties out of sight. */
const LONG = 600
const SHOWN_OF_LONG = 300

function LongText({ children: text }: { children: string }) {
  const [whole, setWhole] = useState(false)
  if (whole) return <ForeignText>{text}</ForeignText>
  const shown = cutText(text, SHOWN_OF_LONG)
  return (
    <>
      <ForeignText>{shown}</ForeignText>{' '}
      <TextButton tone="text" underline="always" onClick={() => setWhole(true)}>
        ... show {countText(text.length - shown.length, 'more character')}
      </TextButton>
    </>
  )
}

/** `(hidden, 3f2a9c01)`: hidden by the console, with a fingerprint by which equal ones are seen to be equal; `*****`: hidden by the node itself. */
const HIDDEN = /^(?:\*{5}|\(hidden, ([0-9a-f]{1,16})\))$/

function isHidden(value: unknown): value is string {
  return typeof value === 'string' && HIDDEN.test(value)
}

export function HiddenValue({ value }: { value: unknown }) {
  const print = typeof value === 'string' ? HIDDEN.exec(value)?.[1] : undefined
  return (
    <span>
      <span className={styles.dots} aria-hidden="true">
        •••••
      </span>
      <span className="visually-hidden">hidden</span>
      {print === undefined ? null : (
        <span className={styles.fingerprint} title="Fingerprint: equal secrets have equal ones">
          {' '}
          {print}
        </span>
      )}
    </span>
  )
}

/** Cut like every text of a node, after the marks: a segment that is long is shown short. */
function segmentsView(segments: readonly Segment[]): ReactNode {
  const length = segments.reduce((sum, { text }) => sum + text.length, 0)
  if (segments.length > SEGMENTS_MAX || length > LONG) return plainView(segments.map(({ text }) => text).join(''))
  return segments.map(({ text, differs }, index) =>
    differs ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: segments of one text never move
      <mark key={index} className={styles.mark}>
        <ForeignText>{text}</ForeignText>
      </mark>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: segments of one text never move
      <ForeignText key={index}>{text}</ForeignText>
    ),
  )
}

const SEGMENTS_MAX = 200
const ITEMS_MAX = 200

function markedList(list: readonly Scalar[], inAll: ReadonlySet<string>): ReactNode {
  if (list.length > ITEMS_MAX) return <ValueView value={list} />
  return (
    <ul className={styles.items}>
      {list.map(String).map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a foreign list may have equal items, and never moves
        <li key={index}>
          {inAll.has(item) ? (
            <ForeignText>{item}</ForeignText>
          ) : (
            <mark className={styles.mark}>
              <ForeignText>{item}</ForeignText>
            </mark>
          )}
        </li>
      ))}
    </ul>
  )
}

type Scalar = string | number | boolean

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function isFlatList(value: unknown): value is readonly Scalar[] {
  return Array.isArray(value) && value.length > 0 && value.every(isScalar)
}

export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}
