// What stands in the fields of the filter while somebody types, and the filter it makes. [live 2]

import type { NodeFilter } from '#console/api/nodes.ts'
import { type FactWords, formatFactWords, isComplete, readFactWords } from './fact-words.ts'
import { hasWildcard, isRegex } from './glob.ts'

export interface FilterDraft {
  readonly name: string
  readonly classes: readonly string[]
  /** At least one row, which may be empty. */
  readonly facts: readonly FactWords[]
  readonly agents: readonly string[]
  readonly compound: string
}

export const NO_FACT: FactWords = { name: '', operator: '=', value: '' }

export function draftOf(filter: NodeFilter): FilterDraft {
  const facts = (filter.facts ?? []).map(readFactWords)
  return {
    name: filter.name ?? '',
    classes: filter.classes ?? [],
    facts: facts.length === 0 ? [NO_FACT] : facts,
    agents: filter.agents ?? [],
    compound: filter.compound ?? '',
  }
}

/** Rows without a name or a value say nothing. */
export function filterOfDraft(draft: FilterDraft): NodeFilter {
  const name = draft.name.trim()
  const compound = draft.compound.trim()
  const classes = draft.classes.map((one) => one.trim()).filter((one) => one !== '')
  const agents = draft.agents.map((one) => one.trim()).filter((one) => one !== '')
  const facts = draft.facts.filter(isComplete).map(formatFactWords)
  return {
    ...(name === '' || name === '*' ? {} : { name }),
    ...(classes.length === 0 ? {} : { classes }),
    ...(facts.length === 0 ? {} : { facts }),
    ...(agents.length === 0 ? {} : { agents }),
    ...(compound === '' ? {} : { compound }),
  }
}

/** How many criteria stand behind `Advanced search`. */
export function advancedCount(filter: NodeFilter): number {
  return (
    (filter.classes?.length ?? 0) +
    (filter.facts?.length ?? 0) +
    (filter.agents?.length ?? 0) +
    (filter.compound ? 1 : 0)
  )
}

/** A filter in a few words, for lists of saved ones: `web*, apache, osfamily=Debian`. */
export function filterText(filter: NodeFilter): string {
  const { name, classes = [], facts = [], agents = [], compound } = filter
  const words = [name, ...classes, ...facts, ...agents.map((agent) => `agent ${agent}`), compound]
  return words.filter((word) => word !== undefined && word.trim() !== '').join(', ')
}

/** `web` matches nobody where people mean `*web*`: what to offer; undefined: it has wildcards already. */
export function widened(name: string): string | undefined {
  const trimmed = name.trim()
  return trimmed === '' || hasWildcard(trimmed) || isRegex(trimmed) ? undefined : `*${trimmed}*`
}
