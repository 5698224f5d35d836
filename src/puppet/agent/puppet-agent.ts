// The Puppet agent of this node as one thing to ask and to tell: state, enabling, runs, what its last run did. What agents and data
// plugins answer with it is theirs. [agents 10]

import { messageOf, TroupeError } from '#base/errors.ts'
import {
  type AppliedResource,
  type ApplyOptions,
  applyIsolated,
  type ResourceToApply,
} from '../apply/isolated-apply.ts'
import { createManagedResources } from './managed-resources.ts'
import type { PuppetMachine } from './puppet-machine.ts'
import {
  createPuppetSettings,
  type PuppetSettings,
  type SettingsMemory,
  type SettingsOverrides,
} from './puppet-settings.ts'
import { type RunOptions, runArguments } from './run-options.ts'
import { type RunReport, readRunReport } from './run-report.ts'
import {
  brokenPidFile,
  disableAgent,
  enableAgent,
  isSingleRunThere,
  type LockChange,
  type RunState,
  readRunState,
} from './run-state.ts'
import { type RunLog, type RunSummary, readRunLogs, readRunSummary } from './run-summary.ts'

export interface PuppetAgent {
  /** Whether Puppet is installed. Cheap. */
  present(): Promise<boolean>
  /** Asks Puppet for its settings, so that the first request finds them. Throws RPC_PUPPET_ABSENT. */
  settings(): Promise<PuppetSettings>
  state(): Promise<RunState>
  /** Whether a single run is there, applying or on its way to it. Costs more than `state`: every process is looked at. */
  singleRun(): Promise<boolean>
  /** When Puppet last ended a run, seconds since 1970; 0: never. A summary that cannot be read counts by its age. */
  lastRunAt(): Promise<number>
  /** As lastRunAt, but a run that applied a catalogue and did not get to its summary counts as well, as it did in PE 2. */
  lastActivityAt(): Promise<number>
  enable(): Promise<LockChange>
  disable(message: string): Promise<LockChange>
  /** Content of a pid file that is no process id; undefined: all is well. */
  brokenPidFile(): Promise<string | undefined>
  /** Tells the daemon to run now. Throws RPC_PUPPET_RUN. */
  wakeDaemon(pid: number): Promise<void>
  /**
   * Starts one run that outlives this process, and returns its command line as text, without waiting for it. `command` is e.g.
   * `puppet agent`; `fixed` goes before the options. Throws RPC_PUPPET_RUN.
   */
  startRun(command: string, fixed: readonly string[], options: RunOptions): Promise<string>
  summary(): Promise<RunSummary>
  logs(): Promise<readonly RunLog[]>
  /** What changed and failed in the last run; undefined: there is no report. */
  report(): Promise<RunReport | undefined>
  /** Whether the last catalogue manages this resource. */
  manages(type: string, title: string): Promise<boolean>
  /** How many resources of each type it manages. */
  managedByType(): Promise<Readonly<Record<string, number>>>
  /** Enforces one resource without touching summary and report. Throws RPC_PUPPET_RUN. */
  apply(resource: ResourceToApply, options?: ApplyOptions): Promise<AppliedResource>
}

/**
 * All but `present` throw RPC_PUPPET_ABSENT without a Puppet, and RPC_PUPPET_STATE for files that cannot be used. `memory`: spares asking
 * Puppet for its settings at every start of the node.
 */
export function createPuppetAgent(
  machine: PuppetMachine,
  overrides: SettingsOverrides = {},
  memory?: SettingsMemory,
): PuppetAgent {
  const source = createPuppetSettings(machine, overrides, memory)
  const managed = createManagedResources(machine)
  const ageOf = async (path: string): Promise<number> => {
    const stamp = path === '' ? undefined : await machine.stampOf(path)
    return stamp === undefined ? 0 : Math.floor(stamp.mtimeMs / 1000)
  }
  const summary = async (): Promise<RunSummary> => readRunSummary(machine, (await source.get()).summaryFile)
  const lastRunAt = async (): Promise<number> => {
    try {
      return (await summary()).lastRunAt
    } catch (error) {
      if (!(error instanceof TroupeError) || error.code !== 'RPC_PUPPET_STATE') throw error
      return ageOf((await source.get()).summaryFile)
    }
  }
  return {
    present: source.present,
    settings: source.get,
    state: async () => readRunState(machine, await source.get()),
    singleRun: () => isSingleRunThere(machine),
    lastRunAt,
    async lastActivityAt() {
      const { stateFile } = await source.get()
      return Math.max(await lastRunAt(), await ageOf(stateFile))
    },
    enable: async () => enableAgent(machine, await source.get()),
    disable: async (message) => disableAgent(machine, await source.get(), message),
    brokenPidFile: async () => brokenPidFile(machine, await source.get()),
    async wakeDaemon(pid) {
      try {
        await machine.signal(pid, 'SIGUSR1')
      } catch (error) {
        throw notRun(`cannot signal the Puppet daemon, process ${pid}: ${messageOf(error)}`, error)
      }
    },
    async startRun(command, fixed, options) {
      const { portOption, program } = await source.get()
      const [name = 'puppet', ...words] = command.trim().split(/\s+/)
      const args = [...words, ...fixed, ...runArguments(options, portOption)]
      const text = [name, ...args].join(' ')
      const found = name === 'puppet' ? program : await machine.findProgram(name)
      if (found === undefined) throw notRun(`cannot start '${text}': there is no program ${name}`)
      try {
        await machine.startDetached([found, ...args])
      } catch (error) {
        throw notRun(`cannot start '${text}': ${messageOf(error)}`, error)
      }
      return text
    },
    summary,
    logs: async () => readRunLogs(machine, (await source.get()).reportFile),
    report: async () => readRunReport(machine, (await source.get()).reportFile),
    manages: async (type, title) => managed.has((await source.get()).resourceFile, type, title),
    managedByType: async () => managed.countByType((await source.get()).resourceFile),
    apply: async (resource, options) => applyIsolated(machine, (await source.get()).program, resource, options),
  }
}

function notRun(message: string, cause?: unknown): TroupeError {
  return new TroupeError('RPC_PUPPET_RUN', message, { cause })
}
