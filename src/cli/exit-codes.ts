// Exit codes, decided in one place. [cli 7]

export const EXIT = {
  ok: 0,
  /** No node was found, or the program failed. */
  nothing: 1,
  /** At least one node answered with a failure or refused. */
  failures: 2,
  /** Nodes were found, none answered; with --strict: not all answered. */
  silence: 3,
  /** Nobody was looked for and nobody answered. */
  noAnswer: 4,
  /** Quit by a second Ctrl-C. */
  interrupted: 130,
  /** The reader of a pipe has gone away. */
  brokenPipe: 141,
} as const

export interface Outcome {
  /** Nodes known before the answers: by discovery, the roster or a list of names. */
  readonly targeted: number
  readonly ok: number
  readonly failed: number
  readonly refused: number
  readonly noResponse: number
  readonly notAddressed: number
  /** `named`: nobody was looked for. */
  readonly discovery: 'roster' | 'mc' | 'named' | 'none'
}

export function exitCodeOf(outcome: Outcome, strict: boolean): number {
  const replies = outcome.ok + outcome.failed + outcome.refused
  if (outcome.discovery === 'none') return EXIT.ok
  if (replies === 0) {
    if (outcome.discovery === 'named') return EXIT.noAnswer
    return outcome.targeted > 0 ? EXIT.silence : EXIT.nothing
  }
  if (outcome.failed + outcome.refused > 0) return EXIT.failures
  if (strict && outcome.noResponse + outcome.notAddressed > 0) return EXIT.silence
  return EXIT.ok
}
