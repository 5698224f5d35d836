// Which rows of the node list are selected, as a value: all that match except some, or only some. Names that do not match the filter are never
// selected, whatever the value says. [live 2]

export type Selection =
  | { readonly kind: 'except'; readonly names: ReadonlySet<string> }
  | { readonly kind: 'only'; readonly names: ReadonlySet<string> }

export const ALL: Selection = { kind: 'except', names: new Set() }
export const NONE: Selection = { kind: 'only', names: new Set() }

export function isSelected(selection: Selection, name: string): boolean {
  return selection.names.has(name) === (selection.kind === 'only')
}

/** Of the names that match, those selected; in their order. */
export function selectedOf(selection: Selection, matching: readonly string[]): readonly string[] {
  if (selection.names.size === 0) return selection.kind === 'except' ? matching : []
  return matching.filter((name) => isSelected(selection, name))
}

/**
 * Sets or clears some names. Names that left the list are forgotten. `except` also stands for nodes that appear later, so names picked one by
 * one stay `only`, and `except` becomes `only` once less than half is left of it.
 */
export function withNames(
  selection: Selection,
  names: Iterable<string>,
  selected: boolean,
  matching: readonly string[],
): Selection {
  const set = new Set(selectedOf(selection, matching))
  for (const name of names) {
    if (selected) set.add(name)
    else set.delete(name)
  }
  if (set.size === 0) return NONE
  if (set.size === matching.length) return ALL
  if (selection.kind === 'only' || set.size < matching.length / 2) return { kind: 'only', names: set }
  return { kind: 'except', names: new Set(matching.filter((name) => !set.has(name))) }
}

/** All rows from one index to another, both included, in either direction. */
export function rangeOf(matching: readonly string[], from: number, to: number): readonly string[] {
  return matching.slice(Math.max(0, Math.min(from, to)), Math.max(from, to) + 1)
}

/** `5 of 446 nodes selected (1.1%)` is `1.1`; of no nodes it is `0.0`. */
export function shareOf(selected: number, total: number): string {
  if (total === 0) return '0.0'
  const share = (100 * selected) / total
  // Never 100.0 or 0.0 by rounding alone: these say all and none.
  if (selected < total && share > 99.9) return '99.9'
  if (selected > 0 && share < 0.1) return '0.1'
  return share.toFixed(1)
}
