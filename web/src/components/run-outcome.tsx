// How a Puppet run went, as mark and word.

import type { LastRun } from '#console/api/puppet.ts'
import { Mark, type Meaning } from './mark.tsx'

const OUTCOMES: Record<LastRun['outcome'], { readonly meaning: Meaning; readonly word: string }> = {
  failed: { meaning: 'failed', word: 'failed' },
  changed: { meaning: 'ok', word: 'changed' },
  unchanged: { meaning: 'idle', word: 'unchanged' },
  never: { meaning: 'warn', word: 'never ran' },
  unknown: { meaning: 'silent', word: 'not known' },
}

export function RunOutcome({ outcome }: { outcome: LastRun['outcome'] }) {
  const { meaning, word } = OUTCOMES[outcome]
  return (
    <span>
      <Mark meaning={meaning} /> {word}
    </span>
  )
}

export function wordOfRun(outcome: LastRun['outcome']): string {
  return OUTCOMES[outcome].word
}
