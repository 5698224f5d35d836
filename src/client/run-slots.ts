// Who is running Puppet now, as far as one can know from outside: nodes that say so, and nodes that were started and have not shown yet
// that they are done. Never counts too few: a run needs seconds until it holds its lock, and a node may be slow to answer.
// [cli 8.10, 8.11, R-069]

export interface HostStatus {
  readonly running: boolean
  /** Whether a run was started that holds no lock yet; undefined: the node's agent cannot tell. */
  readonly starting: boolean | undefined
  /** Seconds since 1970; 0: never. */
  readonly lastRunAt: number
}

export interface RunSlots {
  /** A round of answers; of the nodes that were asked, one missing in it did not answer. Gives the nodes that are given up, each once. */
  update(statuses: ReadonlyMap<string, HostStatus>, asked?: readonly string[]): readonly GivenUp[]
  /** Before a node is told to run. */
  started(host: string): void
  /** The node refused: it is not running on our account. */
  refused(host: string): void
  /** Those that count as running. */
  busy(): ReadonlySet<string>
  /** Those that were started and of which neither an end nor a giving up was seen. */
  awaited(): readonly string[]
}

export interface GivenUp {
  readonly host: string
  /** `idle`: it answers, but no run of ours is to be seen; `silent`: it does not answer any more; `long`: it runs longer than anybody waits. */
  readonly why: 'idle' | 'silent' | 'long'
}

/** Rounds a node that was started may be seen doing nothing, when it would say that it is starting. */
const IDLE_ROUNDS_MAX = 5
/** The same for older agents, which cannot say: Puppet takes up to half a minute to load on a slow node. */
const IDLE_ROUNDS_BLIND_MAX = 60
/** Rounds a node may be silent. */
const SILENT_ROUNDS_MAX = 5

interface Started {
  /** Its last run before ours. */
  readonly before: number
  idle: number
}

export function createRunSlots(hosts: readonly string[]): RunSlots {
  const running = new Set<string>()
  const started = new Map<string, Started>()
  const silent = new Map<string, number>()
  const lastRuns = new Map<string, number>()

  function judge(host: string, status: HostStatus): GivenUp | undefined {
    silent.delete(host)
    if (status.running) running.add(host)
    else running.delete(host)
    const ours = started.get(host)
    lastRuns.set(host, status.lastRunAt)
    if (!ours) return undefined
    if (status.running || status.starting === true) {
      ours.idle = 0
      return undefined
    }
    if (status.lastRunAt > ours.before) {
      started.delete(host)
      return undefined
    }
    ours.idle++
    if (ours.idle < (status.starting === undefined ? IDLE_ROUNDS_BLIND_MAX : IDLE_ROUNDS_MAX)) return undefined
    started.delete(host)
    return { host, why: 'idle' }
  }

  function missed(host: string): GivenUp | undefined {
    if (!running.has(host) && !started.has(host)) return undefined
    const rounds = (silent.get(host) ?? 0) + 1
    silent.set(host, rounds)
    if (rounds < SILENT_ROUNDS_MAX) return undefined
    running.delete(host)
    silent.delete(host)
    return started.delete(host) ? { host, why: 'silent' } : undefined
  }

  return {
    update(statuses, asked = hosts) {
      const givenUp = asked.map((host) => {
        const status = statuses.get(host)
        return status ? judge(host, status) : missed(host)
      })
      return givenUp.filter((one) => one !== undefined)
    },
    started: (host) => void started.set(host, { before: lastRuns.get(host) ?? 0, idle: 0 }),
    refused: (host) => void started.delete(host),
    busy: () => new Set([...running, ...started.keys()]),
    awaited: () => [...started.keys()],
  }
}
