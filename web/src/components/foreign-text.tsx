// One text from a node, harmless: nothing in it is invisible or turns the text around it. Long texts are cut and can be opened.

import { type ReactNode, useState } from 'react'
import styles from './foreign-text.module.css'
import { countText } from './format.ts'
import { TextButton } from './text-button.tsx'
import { cutText, visibleText } from './visible-text.ts'

const SHOWN_AT_FIRST = 2_000
/** A browser takes long to lay out more than that in one piece. */
const SHOWN_MAX = 200_000

export function ForeignText({ children: text, oneLine = false }: { children: string; oneLine?: boolean }) {
  const [limit, setLimit] = useState(SHOWN_AT_FIRST)
  const shown = cutText(text, limit)
  const rest = text.length - shown.length
  return (
    <span className={oneLine ? styles.line : styles.text} dir="ltr">
      <Pieces>{shown}</Pieces>
      {rest === 0 ? null : (
        <span className={styles.rest}>
          {' '}
          {limit >= SHOWN_MAX ? (
            `... ${countText(rest, 'more character')}`
          ) : (
            <TextButton underline="always" onClick={() => setLimit(SHOWN_MAX)}>
              ... show {countText(rest, 'more character')}
            </TextButton>
          )}
        </span>
      )}
    </span>
  )
}

function Pieces({ children }: { children: string }): ReactNode {
  const pieces = visibleText(children)
  if (pieces.length === 1 && pieces[0]?.hidden === undefined) return pieces[0]?.text
  return pieces.map((piece, index) =>
    piece.hidden === undefined ? (
      piece.text
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move
      <span key={index} className={styles.hidden} title={`${piece.hidden}, a character that cannot be seen`}>
        {piece.text}
      </span>
    ),
  )
}
