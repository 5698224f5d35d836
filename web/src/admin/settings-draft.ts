// What stands in the settings form when somebody else has changed the settings meanwhile: what was typed here stays, what was not is as it is now.

import type { ConsoleSettings } from '#console/api/fleet.ts'

export interface CaughtUp {
  readonly draft: ConsoleSettings
  /** Names of what is as somebody else made it. */
  readonly taken: readonly string[]
  /** Names of what both changed, otherwise: saved from here, it takes the place of theirs. */
  readonly contested: readonly string[]
}

const PARTS: readonly { readonly label: string; of(settings: ConsoleSettings): Partial<ConsoleSettings> | Days }[] = [
  { label: 'Live Management', of: ({ liveManagement }) => ({ liveManagement }) },
  { label: 'resource types', of: ({ resourceTypes }) => ({ resourceTypes }) },
  { label: 'how long jobs are kept', of: ({ retentionDays: { jobs } }) => ({ retentionDays: { jobs } }) },
  { label: 'how long the audit is kept', of: ({ retentionDays: { audit } }) => ({ retentionDays: { audit } }) },
  { label: 'how long Puppet runs are kept', of: ({ retentionDays: { reports } }) => ({ retentionDays: { reports } }) },
]
type Days = { readonly retentionDays: Partial<ConsoleSettings['retentionDays']> }

/** `base`: the settings the draft was begun from; `current`: as they are now. */
export function catchUp(base: ConsoleSettings, draft: ConsoleSettings, current: ConsoleSettings): CaughtUp {
  let merged = draft
  const taken: string[] = []
  const contested: string[] = []
  for (const { label, of } of PARTS) {
    const [was, typed, now] = [base, draft, current].map((settings) => JSON.stringify(of(settings)))
    if (now === was || now === typed) continue
    if (typed !== was) {
      contested.push(label)
      continue
    }
    taken.push(label)
    const part = of(current)
    merged = { ...merged, ...part, retentionDays: { ...merged.retentionDays, ...part.retentionDays } }
  }
  return { draft: merged, taken, contested }
}

export function sameSettings(a: ConsoleSettings, b: ConsoleSettings): boolean {
  return PARTS.every(({ of }) => JSON.stringify(of(a)) === JSON.stringify(of(b)))
}
