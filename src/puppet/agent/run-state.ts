// Whether the Puppet agent is enabled, running, waiting as a daemon or about to begin; and the lock that disables it. Puppet 2 has one
// lock file (empty: disabled, with a process id: running), Puppet 3 and later have two. A lock whose process is gone, or is not Puppet,
// does not count. [agents 10.1]

import { messageOf, TroupeError } from '#base/errors.ts'
import { PUPPET_LOCK_BYTES_MAX } from '#base/limits.ts'
import type { PuppetMachine } from './puppet-machine.ts'
import { isPuppet, isSingleRun } from './puppet-process.ts'
import type { PuppetSettings } from './puppet-settings.ts'

export interface RunState {
  readonly enabled: boolean
  /** Why it was disabled; empty when it is enabled, or nobody said. */
  readonly disableMessage: string
  /** A catalogue is being fetched or applied now. */
  readonly applying: boolean
  /** Process id of the daemon; undefined: none is running. */
  readonly daemonPid: number | undefined
}

export async function readRunState(machine: PuppetMachine, settings: PuppetSettings): Promise<RunState> {
  const [locks, daemonPid] = await Promise.all([readLocks(machine, settings), readDaemonPid(machine, settings)])
  return { ...locks, daemonPid }
}

/** Whether a single run was started that loads Puppet or waits out its splay: the lock comes later. Looks at every process. */
export async function isSingleRunThere(machine: PuppetMachine): Promise<boolean> {
  return (await machine.commandLines()).some(isSingleRun)
}

async function readLocks(
  machine: PuppetMachine,
  { locks }: PuppetSettings,
): Promise<Pick<RunState, 'enabled' | 'disableMessage' | 'applying'>> {
  if (locks.kind === 'one') {
    const content = await readLock(machine, locks.file)
    const empty = content?.trim() === ''
    return { enabled: !empty, disableMessage: '', applying: !empty && (await isHeld(machine, content)) }
  }
  const [disabled, running] = await Promise.all([readLock(machine, locks.disabled), readLock(machine, locks.running)])
  return {
    enabled: disabled === undefined,
    disableMessage: disabled === undefined ? '' : disableMessageOf(disabled),
    applying: await isHeld(machine, running),
  }
}

async function isHeld(machine: PuppetMachine, content: string | undefined): Promise<boolean> {
  const pid = pidOf(content)
  return pid !== undefined && isPuppet((await machine.commandLineOf(pid)) ?? [])
}

async function readDaemonPid(machine: PuppetMachine, { pidFile }: PuppetSettings): Promise<number | undefined> {
  if (pidFile === '') return undefined
  const content = await readLock(machine, pidFile)
  return (await isHeld(machine, content)) ? pidOf(content) : undefined
}

/** What the pid file holds that is no process id, for a message; undefined: it is missing or fine. */
export async function brokenPidFile(machine: PuppetMachine, { pidFile }: PuppetSettings): Promise<string | undefined> {
  const content = pidFile === '' ? undefined : await readLock(machine, pidFile)
  return content === undefined || pidOf(content) !== undefined ? undefined : content.trim()
}

function pidOf(content: string | undefined): number | undefined {
  const digits = content?.trim() ?? ''
  return /^[1-9]\d{0,9}$/.test(digits) ? Number(digits) : undefined
}

async function readLock(machine: PuppetMachine, path: string): Promise<string | undefined> {
  try {
    return await machine.readFile(path, PUPPET_LOCK_BYTES_MAX)
  } catch (error) {
    throw new TroupeError('RPC_PUPPET_STATE', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}

/** Puppet writes `{"disabled_message":"why"}`; what is not that was put there by somebody and is shown as it is. */
function disableMessageOf(content: string): string {
  try {
    const parsed: unknown = JSON.parse(content)
    const message = (parsed as { disabled_message?: unknown } | null)?.disabled_message
    return typeof message === 'string' ? message : ''
  } catch {
    return content.trim().split('\n')[0] ?? ''
  }
}

export type LockChange = 'done' | 'already' | 'running'

/** `running`: Puppet 2's one lock is held by a run and cannot be touched. Throws RPC_PUPPET_STATE. */
export async function enableAgent(machine: PuppetMachine, settings: PuppetSettings): Promise<LockChange> {
  const { locks } = settings
  if (locks.kind === 'one') {
    const content = await readLock(machine, locks.file)
    if (content === undefined) return 'already'
    // A process id of a run that died is Puppet's to clean up: nobody disabled anything.
    if (content.trim() !== '') return (await isHeld(machine, content)) ? 'running' : 'already'
  }
  const path = locks.kind === 'one' ? locks.file : locks.disabled
  return (await changing(path, () => machine.removeFile(path))) ? 'done' : 'already'
}

/** Throws RPC_PUPPET_STATE. */
export async function disableAgent(
  machine: PuppetMachine,
  settings: PuppetSettings,
  message: string,
): Promise<LockChange> {
  const { locks } = settings
  if (locks.kind === 'two') {
    const content = JSON.stringify({ disabled_message: message })
    return (await changing(locks.disabled, () => machine.createFile(locks.disabled, content))) ? 'done' : 'already'
  }
  const content = await readLock(machine, locks.file)
  if (content?.trim() === '') return 'already'
  if (content !== undefined) {
    if (await isHeld(machine, content)) return 'running'
    await changing(locks.file, () => machine.removeFile(locks.file))
  }
  return (await changing(locks.file, () => machine.createFile(locks.file, ''))) ? 'done' : 'already'
}

async function changing<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw new TroupeError('RPC_PUPPET_STATE', `cannot change ${path}: ${messageOf(error)}`, { cause: error })
  }
}
