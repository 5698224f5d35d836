// The agent `package`: software by the package manager of the node. What cannot be done is code 1 with the reason, and with the state of the
// package; every answer says what the manager printed. One change at a time. [agents 12, 17 A10, R-042..R-046, R-092, M-051]

import { createHash } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import { PACKAGE_LIST_MAX } from '#base/limits.ts'
import type { Value, Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import { ActionFailed, type Agent, type Call, type NodeView } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import { defineAgent } from '#rpc/define-agent.ts'
import type { PackageActions } from './package-actions.ts'
import type {
  ChangeAction,
  ChangeRequest,
  ManagerRun,
  PackageManager,
  PackageState,
  UpdatesRun,
} from './package-system.ts'
import { isPackageName, isPackageVersion, type Packages } from './packages.ts'

export interface PackageAgentParts {
  /** The package managers of the node. */
  packages(node: NodeView): Packages
  readonly clock: Clock
}

type ChangeCall = Omit<Call, 'data'> & {
  readonly data: { readonly package: string; readonly version?: string; readonly noop?: boolean }
}
type Outputs = Readonly<Record<string, Value>>

/** Before the agent's 180 s are over, so that a change that takes longer is answered with a reason; it goes on. */
const ANSWER_SECONDS = 165
const YUM_CLEAN_MODE = 'all'

export function createPackageAgent(ddl: AgentDdl, parts: PackageAgentParts): Agent {
  const open = (node: NodeView): Packages => parts.packages(node)
  const changes = createChangeQueue(parts.clock)
  const change = (action: ChangeAction) => async (call: ChangeCall, node: NodeView) => {
    const { package: name, version, noop = false } = call.data
    const request = {
      action,
      name: checkedName(name),
      noop,
      ...(version === undefined ? {} : { version: checkedVersion(version) }),
    }
    return changeAndTell(await found(open(node).manager()), request, call, changes)
  }
  const checkUpdates =
    (which: (packages: Packages) => Promise<PackageManager>, withName: boolean) =>
    async ({ signal, progress }: Omit<Call, 'data'>, node: NodeView): Promise<Outputs> => {
      const manager = await found(which(open(node)))
      progress('Looking for updates')
      const run = await manager.outdated(signal, progress)
      const named = withName ? { package_manager: manager.name } : {}
      return told('check for updates', run, { ...named, ...updatesOutputs(run) })
    }
  const implementation = defineAgent<PackageActions>({
    actions: {
      install: change('install'),
      update: change('update'),
      uninstall: change('uninstall'),
      purge: change('purge'),
      async status({ data, signal }, node) {
        const manager = await found(open(node).manager())
        const name = checkedName(data.package)
        return stateOutputs(manager, await asked(`get the status of '${name}'`, manager.state(name, signal)))
      },
      count: async ({ signal }, node) => ({ output: String((await list(open(node), signal)).length), exitcode: 0 }),
      md5: async ({ signal }, node) => ({ output: digest(await list(open(node), signal)), exitcode: 0 }),
      async yum_clean({ data, signal }, node) {
        const manager = await found(open(node).yum())
        const mode = data.mode ?? node.setting('package.yum_clean_mode') ?? YUM_CLEAN_MODE
        return told(`clean ${mode}`, await manager.clean(String(mode), signal))
      },
      async apt_update({ signal, progress }, node) {
        return told('update the apt cache', await (await found(open(node).apt())).refresh(signal, progress))
      },
      async refresh({ signal, progress }, node) {
        const manager = await found(open(node).manager())
        const run = await manager.refresh(signal, progress)
        return told('refresh the package lists', run, { package_manager: manager.name, ...runOutputs(run) })
      },
      checkupdates: checkUpdates((packages) => packages.manager(), true),
      checkupdate: checkUpdates((packages) => packages.manager(), true),
      yum_checkupdates: checkUpdates((packages) => packages.yum(), false),
      apt_checkupdates: checkUpdates((packages) => packages.apt(), false),
    },
  })
  return { ...implementation, ddl }
}

async function changeAndTell(
  manager: PackageManager,
  request: ChangeRequest,
  { signal, progress }: Pick<Call, 'signal' | 'progress'>,
  changes: ChangeQueue,
): Promise<Outputs> {
  const { action, name, version, noop } = request
  const doing = `${noop ? 'plan to ' : ''}${action} '${name}'`
  const checked = async (): Promise<PackageState> => {
    const state = await asked(`get the status of '${name}'`, manager.state(name, signal))
    const refusal = refusalOf(request, state, manager)
    if (refusal !== undefined) throw new ActionFailed(STATUS.aborted, refusal, stateOutputs(manager, state))
    return state
  }
  const before = await checked()
  // Planning locks nothing and may go on beside a change.
  const run = noop
    ? await manager.change(request)
    : await changes.run(doing, progress, async (waited) => {
        // Whoever went first may have done it, or undone what it rests on.
        if (waited) await checked()
        return manager.change(request, progress)
      })
  const after = await asked(`get the status of '${name}'`, manager.state(name, signal))
  const outputs = {
    ...stateOutputs(manager, after),
    ...runOutputs(run),
    changes: changesOutput(run, request, before, after),
  }
  const failure = run.failure ?? (noop ? undefined : notAsWanted(action, version, after))
  if (failure !== undefined) throw new ActionFailed(STATUS.aborted, `Could not ${doing}: ${failure}`, outputs)
  return outputs
}

/** The texts of the original. What apt calls absent and not purged has left configuration files, which can be purged. */
function refusalOf(
  { action, version }: ChangeRequest,
  state: PackageState,
  manager: PackageManager,
): string | undefined {
  if (action === 'install') return state.installed && version === undefined ? 'Package is already installed' : undefined
  const leftovers = action === 'purge' && manager.name === 'apt' && state.ensure === 'absent'
  return state.installed || leftovers ? undefined : 'Package is not present on the system'
}

/** A manager may be content without having done it: virtual packages, versions that are held back. */
function notAsWanted(
  action: ChangeAction,
  version: string | undefined,
  { installed, ensure }: PackageState,
): string | undefined {
  if (action === 'uninstall' || action === 'purge')
    return installed ? `Package is still there in version ${ensure}` : undefined
  if (!installed)
    return 'the package manager did not install it; it may be the name of something that other packages provide'
  if (version === undefined || isVersion(version, ensure)) return undefined
  return `version ${ensure} is installed, not ${version}`
}

/** `2.0`, `2.0-1` and `1:2.0-1` all name `1:2.0-1`. */
function isVersion(wanted: string, ensure: string): boolean {
  const [plain = ensure, wantedPlain = wanted] = [ensure.replace(/^\d+:/, ''), wanted.replace(/^\d+:/, '')]
  return plain === wantedPlain || plain.startsWith(`${wantedPlain}-`)
}

function stateOutputs(manager: PackageManager, state: PackageState): Outputs {
  const { ensure, name, epoch = null, version = null, release = null, arch = null } = state
  return { ensure, name, epoch, version, release, arch, provider: manager.name }
}

function runOutputs({ output, exitcode }: ManagerRun): { output: string; exitcode: number } {
  return { output, exitcode }
}

function updatesOutputs(run: UpdatesRun): Outputs {
  return { ...runOutputs(run), outdated_packages: run.packages.slice(0, PACKAGE_LIST_MAX) }
}

function changesOutput(run: ManagerRun, request: ChangeRequest, before: PackageState, after: PackageState): Value {
  const changes = run.changes.slice(0, PACKAGE_LIST_MAX).map((change): Values => ({ ...change }))
  if (changes.length > 0 || run.failure !== undefined) return changes
  // Managers that do not say what they did, and plans of theirs.
  const to = request.noop && request.action !== 'install' ? null : after.installed ? after.ensure : null
  const from = before.installed ? before.ensure : null
  if (request.action !== 'uninstall' || from === to) return []
  return [{ action: 'remove', package: before.name, from, to }]
}

/** Outputs of a run that may have failed: code 1 with the reason then. */
function told(doing: string, run: ManagerRun, outputs: Outputs = runOutputs(run)): Outputs {
  if (run.failure === undefined) return outputs
  throw new ActionFailed(STATUS.aborted, `Could not ${doing}: ${run.failure}`, outputs)
}

async function list(packages: Packages, signal: AbortSignal): Promise<readonly string[]> {
  const manager = await found(packages.manager())
  return asked('list the packages', manager.list(signal))
}

function digest(lines: readonly string[]): string {
  return createHash('md5').update(lines.join('\n')).digest('hex')
}

function found<Manager>(manager: Promise<Manager>): Promise<Manager> {
  return manager.catch((error) => {
    throw new ActionFailed(STATUS.aborted, messageOf(error))
  })
}

function asked<Answer>(doing: string, answer: Promise<Answer>): Promise<Answer> {
  return answer.catch((error) => {
    throw new ActionFailed(STATUS.aborted, `Could not ${doing}: ${messageOf(error)}`)
  })
}

/** The DDL lets through whatever is no shell trick; to a package manager `-oDebug`, `foo-` and `*` mean something. */
function checkedName(name: string): string {
  if (isPackageName(name)) return name
  throw new ActionFailed(STATUS.invalidData, `'${name}' is not a valid package name`)
}

function checkedVersion(version: string): string {
  if (isPackageVersion(version)) return version
  throw new ActionFailed(STATUS.invalidData, `'${version}' is not a valid package version`)
}

interface ChangeQueue {
  run(doing: string, progress: Call['progress'], change: (waited: boolean) => Promise<ManagerRun>): Promise<ManagerRun>
}

/** Runs one change after the other; who would have to wait longer than an answer may take gets a failure instead. */
function createChangeQueue(clock: Clock): ChangeQueue {
  let last: Promise<unknown> = Promise.resolve()
  let current = ''
  let waiting = 0
  return {
    run(doing, progress, change) {
      const waited = waiting > 0
      waiting++
      if (waited) progress(`Waiting for another change of this node: ${current}`)
      const mine = Promise.withResolvers<ManagerRun>()
      let late = false
      let started = false
      const cancel = clock.after(ANSWER_SECONDS * 1000, () => {
        late = true
        const why = started
          ? `it is still running after ${ANSWER_SECONDS} s and goes on; ask for its status later`
          : `it had to wait ${ANSWER_SECONDS} s for another change of this node (${current}) and was given up`
        mine.resolve({ output: '', exitcode: -1, failure: why, changes: [] })
      })
      last = last.then(async () => {
        try {
          if (late) return
          started = true
          current = doing
          mine.resolve(await change(waited))
        } catch (error) {
          mine.reject(error)
        } finally {
          current = ''
          waiting--
          cancel()
        }
      })
      return mine.promise
    },
  }
}
