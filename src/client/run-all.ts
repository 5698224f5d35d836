// Runs Puppet on many nodes, never on more than so many at once: asks who is running, starts the next ones, and goes on until every
// node had its turn, somebody pressed Ctrl-C, or too many failed; if wanted, until the runs have ended. What it looks like is the command's.
// [cli 8.10, 8.11]

import type { CallReply } from './api.ts'
import { createRunSlots, type GivenUp, type HostStatus } from './run-slots.ts'

export interface RunAllParts {
  /** In the order they shall run. */
  readonly hosts: readonly string[]
  readonly concurrency: number
  /** What is known of them already. */
  readonly known: ReadonlyMap<string, HostStatus>
  /** Asks these hosts; one that does not answer is missing. */
  status(hosts: readonly string[]): Promise<ReadonlyMap<string, HostStatus>>
  /** Tells one host to run; undefined: it did not answer. */
  start(host: string): Promise<CallReply | undefined>
  pause(ms: number): Promise<void>
  /** true: no further host is started. */
  stopped(): boolean
  /** Failures from which on no further host is started. */
  readonly failuresMax: number
  readonly rhythm: { readonly afterStartMs: number; readonly whileFullMs: number }
  readonly says: RunAllWords
  /** Present: what came of the runs is waited for. Absent: it ends with the last start. */
  readonly ends?: RunAllEnds
}

export interface RunAllEnds {
  /** Runs that were seen to have ended; gives the hosts of which the run failed, which count as failures. */
  ended(hosts: readonly string[]): Promise<readonly string[]>
  /** After every round of asking, those whose end is waited for. */
  awaited?(hosts: readonly string[]): void
  /** Milliseconds; a run that lasts longer is given up, and when no place became free for so long, no further host is started. */
  readonly limitMs: number
  now(): number
  /** true: nobody waits any longer. */
  abandoned(): boolean
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
  /** Hosts that refused, did not answer, never began, or vanished; with `ends`, also those of which the run failed. */
  readonly failed: readonly string[]
  /** Hosts that never had their turn. */
  readonly left: readonly string[]
  /** Hosts that were started and no longer waited for. */
  readonly unseen: readonly string[]
}

export async function runAll(parts: RunAllParts): Promise<RunAllResult> {
  const { hosts, concurrency, says, rhythm, ends } = parts
  const slots = createRunSlots(hosts)
  const queue = [...hosts]
  const initiated: string[] = []
  const failed = new Set<string>()
  const startedAtMs = new Map<string, number>()
  /** Runs of ours that hold a place and that nobody waits for any longer. */
  const tooLong = new Set<string>()
  let movedAtMs = ends?.now() ?? 0

  const giveUp = (one: GivenUp): void => {
    failed.add(one.host)
    says.givenUp(one)
  }
  const learn = async (statuses: ReadonlyMap<string, HostStatus>, asked = hosts): Promise<void> => {
    const before = slots.awaited()
    const given = slots.update(statuses, asked)
    for (const one of given) if (!tooLong.has(one.host)) giveUp(one)
    if (ends) await learnEnds(ends, before, given)
  }
  const learnEnds = async (
    { ended, awaited, now, limitMs }: RunAllEnds,
    before: readonly string[],
    given: readonly GivenUp[],
  ): Promise<void> => {
    const gone = new Set([...slots.awaited(), ...given.map(({ host }) => host)])
    const over = before.filter((host) => !gone.has(host))
    if (over.length > 0 || given.length > 0) movedAtMs = now()
    if (over.length > 0) for (const host of await ended(over)) failed.add(host)
    for (const host of waitedFor()) {
      if (now() - (startedAtMs.get(host) ?? 0) < limitMs) continue
      tooLong.add(host)
      giveUp({ host, why: 'long' })
    }
    awaited?.(waitedFor())
  }
  const waitedFor = (): string[] => slots.awaited().filter((host) => !tooLong.has(host))
  const isStuck = (): boolean => ends !== undefined && ends.now() - movedAtMs >= ends.limitMs
  const mayGoOn = (): boolean => !parts.stopped() && failed.size < parts.failuresMax && !isStuck()

  await learn(parts.known)
  const wholeEvery = Math.ceil(hosts.length / WHOLE_HOSTS_MAX)
  let told = false
  for (let round = 0; queue.length > 0 && mayGoOn(); round++) {
    if (round > 0) {
      const asked = round % wholeEvery === 0 ? hosts : [...new Set([...slots.busy(), queue[0] as string])]
      await learn(await parts.status(asked), asked)
    }
    if (!mayGoOn()) break
    const running = slots.busy().size
    if (running >= concurrency) {
      if (!told) says.waiting?.(running)
      told = true
      await parts.pause(rhythm.whileFullMs)
      continue
    }
    told = false
    await startOne(queue.shift() as string)
    if (queue.length > 0 && mayGoOn()) await parts.pause(rhythm.afterStartMs)
  }
  for (let rounds = 0; ends && waitedFor().length > 0 && !ends.abandoned(); rounds++) {
    await parts.pause(Math.min(LAST_PAUSE_MS_MAX, rhythm.whileFullMs * (1 + rounds / 20)))
    const asked = waitedFor()
    if (!ends.abandoned()) await learn(await parts.status(asked), asked)
  }
  return { initiated, failed: [...failed].sort(), left: queue, unseen: ends ? waitedFor() : [] }

  async function startOne(host: string): Promise<void> {
    says.starting?.(host, slots.busy().size)
    // Before it is told, not after: it may run although its answer is lost.
    slots.started(host)
    movedAtMs = ends?.now() ?? 0
    startedAtMs.set(host, movedAtMs)
    const reply = await parts.start(host)
    says.started(host, reply)
    if (reply?.statusCode === 0) initiated.push(host)
    else failed.add(host)
    if (reply && reply.statusCode !== 0) slots.refused(host)
  }
}

/**
 * Up to so many hosts all are asked in every round, whether they run by themselves: a thousand in every tenth round. The ones that
 * are known to run, and the next to be started, are always asked.
 */
const WHOLE_HOSTS_MAX = 100
/** Of a run that takes minutes nobody needs to know each second that it is not over. */
const LAST_PAUSE_MS_MAX = 5_000
