// Remembers what apt-get said of updates: simulating an upgrade takes seconds of processor time, and says the same until something it reads
// has changed. Before every answer the files it reads are looked at (apt's lists, settings, pins, dpkg's status: path, inode, size, times of
// each); the remembered answer counts only while nothing at all about them is different. [agents 12, R-044]

import { createHash } from 'node:crypto'
import type { Host, RunResult } from '#rpc/host.ts'
import { type PackageManager, QUERY_SECONDS, type UpdatesRun } from './package-system.ts'

/** One for each node, kept from call to call. */
export interface UpdatesMemory {
  last: { readonly stamp: string; readonly run: UpdatesRun } | undefined
  /** One simulation at a time: who asks meanwhile gets its answer. */
  turn: Promise<unknown>
}

export function createUpdatesMemory(): UpdatesMemory {
  return { last: undefined, turn: Promise.resolve() }
}

/** apt's own names of what it reads; it tells where each is. */
const PLACES: readonly string[] = [
  ...['Dir::State::lists/d', 'Dir::State::status/f', 'Dir::State::extended_states/f', 'Dir::State::cdroms/f'],
  ...['Dir::Etc/d', 'Dir::Etc::main/f', 'Dir::Etc::parts/d', 'Dir::Etc::sourcelist/f', 'Dir::Etc::sourceparts/d'],
  ...['Dir::Etc::preferences/f', 'Dir::Etc::preferencesparts/d'],
]
/** Also read: foreign architectures, whom a phased update is for, apt itself. */
const ALSO = ['/var/lib/dpkg/arch', '/etc/machine-id', '/usr/bin/apt-get']
const FOLDER_DEPTH = 2

/** `config` as for createApt. */
export function rememberUpdates(
  apt: PackageManager,
  host: Host,
  memory: UpdatesMemory,
  { config }: { readonly config?: string } = {},
): PackageManager {
  const stampNow = (signal: AbortSignal): Promise<string | undefined> => stampOf(host, config, signal)
  const outdated: PackageManager['outdated'] = (signal, ...more) => {
    const answer = memory.turn.then(async () => {
      const before = signal.aborted ? undefined : await stampNow(signal)
      if (before !== undefined && memory.last?.stamp === before) return memory.last.run
      const run = await apt.outdated(signal, ...more)
      // What changed while apt was reading it may be in the answer or not.
      const isWhole = before !== undefined && run.failure === undefined && (await stampNow(signal)) === before
      memory.last = isWhole ? { stamp: before, run } : undefined
      return run
    })
    memory.turn = answer.catch(() => {})
    return answer
  }
  return { ...apt, outdated }
}

/** Differs when anything that apt reads is different; undefined: that cannot be told. */
async function stampOf(host: Host, config: string | undefined, signal: AbortSignal): Promise<string | undefined> {
  const options = { signal, timeoutSeconds: QUERY_SECONDS }
  const env = config === undefined ? {} : { env: { LC_ALL: 'C', APT_CONFIG: config } }
  const words = PLACES.flatMap((place, i) => [`P${i}`, place])
  const told = await host.run(['/usr/bin/apt-config', 'shell', ...words], { ...options, ...env })
  const places = [...told.stdout.matchAll(/^P\d+='(\/[^']*)'$/gm)].map((match) => match[1] ?? '')
  // A place that apt does not tell, or quotes in a way of its own, could not be watched.
  if (!isWhole(told) || told.status !== 0 || places.length !== PLACES.length) return undefined
  const paths = new Set([...places, ...ALSO, ...(config === undefined ? [] : [config])])
  const how = ['-maxdepth', String(FOLDER_DEPTH), '-printf', '%p %i %s %T@ %C@\\n']
  const seen = await host.run(['/usr/bin/find', '-L', ...paths, ...how], options)
  // Status 1: one of them is not there, which is a state like others.
  if (!isWhole(seen) || seen.status > 1 || seen.stdout === '') return undefined
  return createHash('sha256').update(`${told.stdout}\n${seen.stdout}`).digest('hex')
}

function isWhole({ status, truncated, error }: RunResult): boolean {
  return status >= 0 && !truncated && error === undefined
}
