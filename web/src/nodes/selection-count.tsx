// `5 of 446 nodes selected (1.1%)`. [live 2]

import { numberText } from '../components/format.ts'
import { shareOf } from './selection.ts'

export function SelectionCount({ selected, total }: { selected: number; total: number }) {
  return (
    <span>
      <b>{numberText(selected)}</b> of <b>{numberText(total)}</b> {total === 1 ? 'node' : 'nodes'} selected (
      {shareOf(selected, total)}%)
    </span>
  )
}
