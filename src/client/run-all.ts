// Runs Puppet on many nodes, never on more than so many at once: asks who is running, starts the next ones, and goes on until every
// node had its turn, somebody pressed Ctrl-C, or too many failed. What it looks like is the command's. [cli 8.10, 8.11]

import type { CallReply } from './api.ts'
import { createRunSlots, type GivenUp, type HostStatus } from './run-slots.ts'

export interface RunAllParts {
  /** In the order they shall run. */
  readonly hosts: readonly string[]
  readonly concurrency: number
  /** What is known of them already. */
  readonly known: ReadonlyMap<string, HostStatus>
  /** Asks all hosts; one that does not answer is missing. */
  status(): Promise<ReadonlyMap<string, HostStatus>>
  /** Tells one host to run; undefined: it did not answer. */
  start(host: string): Promise<CallReply | undefined>
  pause(ms: number): Promise<void>
  /** true: no further host is started. */
  stopped(): boolean
  /** Failures from which on no further host is started. */
  readonly failuresMax: number
  readonly rhythm: { readonly afterStartMs: number; readonly whileFullMs: number }
  readonly says: RunAllWords
}

/** What happens, as it happens. */
export interface RunAllWords {
  waiting?(running: number): void
  starting?(host: string, running: number): void
  started(host: string, reply: CallReply | undefined): void
  givenUp(one: GivenUp): void
}

export interface RunAllResult {
  /** Hosts that accepted to run. */
  readonly initiated: readonly string[]
  /** Hosts that refused, did not answer, never began, or vanished. */
  readonly failed: readonly string[]
  /** Hosts that never had their turn. */
  readonly left: readonly string[]
}

export async function runAll(parts: RunAllParts): Promise<RunAllResult> {
  const { hosts, concurrency, says, rhythm } = parts
  const slots = createRunSlots(hosts)
  const queue = [...hosts]
  const initiated: string[] = []
  const failed = new Set<string>()
  const learn = (statuses: ReadonlyMap<string, HostStatus>): void => {
    for (const one of slots.update(statuses)) {
      failed.add(one.host)
      says.givenUp(one)
    }
  }
  const mayGoOn = (): boolean => !parts.stopped() && failed.size < parts.failuresMax

  learn(parts.known)
  let fresh = true
  let told = false
  while (queue.length > 0 && mayGoOn()) {
    if (!fresh) learn(await parts.status())
    fresh = false
    if (!mayGoOn()) break
    if (slots.count() >= concurrency) {
      if (!told) says.waiting?.(slots.count())
      told = true
      await parts.pause(rhythm.whileFullMs)
      continue
    }
    told = false
    await startOne(queue.shift() as string)
    if (queue.length > 0 && mayGoOn()) await parts.pause(rhythm.afterStartMs)
  }
  return { initiated, failed: [...failed].sort(), left: queue }

  async function startOne(host: string): Promise<void> {
    says.starting?.(host, slots.count())
    // Before it is told, not after: it may run although its answer is lost.
    slots.started(host)
    const reply = await parts.start(host)
    says.started(host, reply)
    if (reply?.statusCode === 0) initiated.push(host)
    else failed.add(host)
    if (reply && reply.statusCode !== 0) slots.refused(host)
  }
}
