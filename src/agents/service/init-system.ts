// What starts and stops services on a node: the contract of systemd.ts and init-scripts.ts. Names reach it checked, results leave it as
// the system gives them; what they mean for an action is services.ts's. [agents 11]

import type { RunResult } from '#rpc/host.ts'

export interface ServiceState {
  readonly running: boolean
  /** Whether there is a service of that name. */
  readonly known: boolean
  /** On its way to another state: worth another look. */
  readonly settling?: boolean
  /** How often the system has started it again by itself since it was told to start it. */
  readonly restarts?: number
  /** What the system adds, e.g. `Result exit-code, exit status 203`. */
  readonly detail?: string
}

export interface InitSystem {
  /** Throws an Error with the reason when the system cannot be asked. */
  state(name: string, signal: AbortSignal): Promise<ServiceState>
  act(action: ServiceAction, name: string, signal: AbortSignal): Promise<RunResult>
}

export type ServiceAction = 'start' | 'stop' | 'restart'

/** Asking takes milliseconds; a status that takes longer hangs. */
export const STATE_SECONDS = 8
/** Leaves of the agent's 60 s enough to look at the service afterwards, so that a hanging one gets an answer with its state. */
export const ACT_SECONDS = 45

/** Why a command failed, in a few words of its own. */
export function reasonOf(result: RunResult): string {
  if (result.error !== undefined) return result.error
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-3).join('; ').trim()
  return said === '' ? `exit status ${result.status}` : said
}
