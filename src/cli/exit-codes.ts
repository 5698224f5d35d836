// Exit codes, decided in one place. [cli 7]

import type { CallSummary } from '#client/api.ts'

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

export type Outcome = Pick<
  CallSummary,
  'targeted' | 'ok' | 'failed' | 'refused' | 'noResponse' | 'notAddressed' | 'discovery'
>

/** `listed`: the nodes came from a file or standard input, which counts as discovery although nobody was asked. */
export function exitCodeOf(outcome: Outcome, how: { readonly strict: boolean; readonly listed?: boolean }): number {
  const { targeted, ok, failed, refused, noResponse, notAddressed, discovery } = outcome
  if (discovery === 'none') return EXIT.ok
  if (targeted === 0) return EXIT.nothing
  if (ok + failed + refused === 0) return discovery === 'named' && !how.listed ? EXIT.noAnswer : EXIT.silence
  if (failed + refused > 0) return EXIT.failures
  if (how.strict && noResponse.length + notAddressed.length > 0) return EXIT.silence
  return EXIT.ok
}

/** What an operator should know of each code. */
export function exitCodeRows(): readonly (readonly [number, string])[] {
  return [
    [EXIT.ok, 'nodes were found and every reply was good'],
    [
      EXIT.nothing,
      'no node was found; or the command could not be run: a wrong option, a missing DDL, no configuration, a declined prompt',
    ],
    [EXIT.failures, 'at least one node failed or refused'],
    [
      EXIT.silence,
      'nodes were found and none answered; with `--strict` also: some did not answer or were not addressed; `mco puppet` that waits: how some run ended is not known',
    ],
    [
      EXIT.noAnswer,
      'nobody was looked for and nobody answered: `ping` without a reply, or `-I NAME` alone without a reply',
    ],
    [EXIT.interrupted, 'quit by a second Ctrl-C, or by the first when no call was running'],
    [EXIT.brokenPipe, 'the reader of a pipe went away, as in `mco ... | head`'],
  ]
}
