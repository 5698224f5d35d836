// `5 of 446 nodes selected (1.1%)`. [live 2]

import { shareOf } from './selection.ts'

export function SelectionCount({ selected, total }: { selected: number; total: number }) {
  return (
    <span>
      <b>{selected.toLocaleString('en')}</b> of <b>{total.toLocaleString('en')}</b> {total === 1 ? 'node' : 'nodes'}{' '}
      selected ({shareOf(selected, total)}%)
    </span>
  )
}
