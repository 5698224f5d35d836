// Packages by dnf, or by yum, its ancestor with the same words. Removal is rpm's, so that it takes nothing else along; purge takes what
// needs the package as well. A lock is an error, not a wait. [agents 12, M-051]

import { PACKAGE_LIST_MAX } from '#base/limits.ts'
import type { Host, RunResult } from '#rpc/host.ts'
import { outputOf, reasonOf } from './manager-output.ts'
import {
  CHANGE_SECONDS,
  type ChangeRequest,
  FETCH_SECONDS,
  type ManagerRun,
  type PackageChange,
  type PackageManager,
  type UpdatesRun,
} from './package-system.ts'
import { dnfProgress, type Progress } from './progress-lines.ts'
import { createRpm } from './rpm.ts'

export const DNF = '/usr/bin/dnf'
export const YUM = '/usr/bin/yum'
/** check-update with updates: not a failure. */
const UPDATES = 100
const ERROR_LINE = /^(Error: |No match for argument: |\[Errno \d+\] |\w+ already locked by \d+|Existing lock )/
const NO_WAITING = '--setopt=exit_on_lock=True'

export interface Dnf extends PackageManager {
  /** `mode` as in the DDL of yum_clean; dnf knows all of them but headers and plugins. */
  clean(mode: string, signal: AbortSignal): Promise<ManagerRun>
}

/** `program` is DNF or YUM; `words` go before every command, `root` is where its rpm database is: for another root than `/`. */
export function createDnf(
  host: Host,
  program: typeof DNF | typeof YUM,
  other: { readonly words: readonly string[]; readonly root: string } | undefined = undefined,
): Dnf {
  const rpm = createRpm(host, other?.root)
  const dnf = (
    words: readonly string[],
    seconds: number,
    { signal, progress }: { readonly signal?: AbortSignal; readonly progress?: Progress | undefined } = {},
  ): Promise<RunResult> =>
    host.run([program, ...(other?.words ?? []), NO_WAITING, ...words], {
      // Python keeps lines back when nobody seems to read them.
      env: { LC_ALL: 'C', PYTHONUNBUFFERED: '1' },
      timeoutSeconds: seconds,
      ...(signal ? { signal } : {}),
      ...(progress ? { onLine: dnfProgress(progress) } : {}),
    })
  return {
    name: program === DNF ? 'dnf' : 'yum',
    state: rpm.state,
    list: rpm.list,
    async change(request, progress) {
      if (request.action === 'uninstall') return rpm.erase(request.name, request.noop)
      const result = await dnf(changeWords(request, program), CHANGE_SECONDS, { progress })
      const changes = transaction(result.stdout)
      // Declining what was planned is what --assumeno is for.
      const declined =
        request.noop && result.status === 1 && /Operation aborted|Exiting on user command/i.test(outputOf(result))
      return { ...runOf(result, declined ? [1] : [0]), changes }
    },
    async outdated(signal, progress): Promise<UpdatesRun> {
      const result = await dnf(['-q', 'check-update'], FETCH_SECONDS, { signal, progress })
      return { ...runOf(result, [0, UPDATES]), packages: result.status === UPDATES ? updates(result.stdout) : [] }
    },
    refresh: async (signal, progress) => runOf(await dnf(['makecache'], FETCH_SECONDS, { signal, progress })),
    clean: async (mode, signal) => runOf(await dnf(['clean', mode], FETCH_SECONDS, { signal })),
  }
}

function changeWords({ action, name, version, noop }: ChangeRequest, program: string): string[] {
  const words: Readonly<Record<string, string>> =
    program === DNF
      ? { install: 'install', update: 'upgrade', purge: 'remove' }
      : { install: 'install', update: 'update', purge: 'erase' }
  const what = version === undefined ? name : `${name}-${version}`
  return [noop ? '--assumeno' : '-y', words[action] ?? action, '--', what]
}

function runOf(result: RunResult, okStatuses: readonly number[] = [0]): ManagerRun {
  const failed = result.error !== undefined || !okStatuses.includes(result.status)
  return {
    output: outputOf(result),
    exitcode: result.status,
    ...(failed ? { failure: reasonOf(result, ERROR_LINE) } : {}),
    changes: [],
  }
}

/** Three columns, of which yum puts the later ones on lines of their own when they do not fit; what is obsoleted is no update. */
function updates(text: string): UpdatesRun['packages'] {
  const found: { package: string; version: string; repo: string }[] = []
  let words: string[] = []
  for (const line of text.split('\n').slice(0, 4 * PACKAGE_LIST_MAX)) {
    if (/^Obsoleting Packages/i.test(line)) break
    const more = line.split(/\s+/).filter((word) => word !== '')
    words = /^\s/.test(line) ? [...words, ...more] : more
    if (words.length < 3) continue
    const [name = '', version = '', repo = ''] = words
    // Sentences that stand among the packages (security notices, plugins) have more words, or no architecture.
    if (words.length === 3 && /^\S+\.[a-z0-9_]+$/.test(name)) found.push({ package: name, version, repo })
    words = []
  }
  return found
}

const SECTIONS: readonly (readonly [RegExp, PackageChange['action']])[] = [
  [/^Installing/, 'install'],
  [/^(Upgrading|Updating)/, 'upgrade'],
  [/^Downgrading/, 'downgrade'],
  [/^Reinstalling/, 'reinstall'],
  [/^Removing/, 'remove'],
]

/** The table a transaction begins with: sections of packages, a blank line behind the last. */
function transaction(text: string): PackageChange[] {
  const changes: PackageChange[] = []
  let action: PackageChange['action'] | undefined
  let words: string[] = []
  for (const line of text.split('\n').slice(0, 4 * PACKAGE_LIST_MAX)) {
    if (/^Transaction Summary/.test(line)) break
    if (/^\S/.test(line)) {
      action = SECTIONS.find(([title]) => title.test(line) && line.endsWith(':'))?.[1]
      words = []
      continue
    }
    if (!action) continue
    words = [...words, ...line.split(/\s+/).filter((word) => word !== '')]
    // name, arch, version, repository, size: yum may break the line after the name.
    if (words.length < 5) continue
    const [name = '', arch = '', version = ''] = words
    const gone = action === 'remove'
    changes.push({ action, package: `${name}.${arch}`, from: gone ? version : null, to: gone ? null : version })
    words = []
  }
  return changes
}
