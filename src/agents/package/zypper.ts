// Packages by zypper, on the rpm database. [agents 12, M-051]

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
import { type Progress, zypperProgress } from './progress-lines.ts'
import { createRpm } from './rpm.ts'

export const ZYPPER = '/usr/bin/zypper'
/** Done, with something to tell: updates or patches there, restart of machine or programs advised, repositories skipped. */
const DONE = [0, 100, 101, 102, 103, 106]
const TELLING = /^(No provider of |Package '.*' not found|'.*' not found|System management is locked|Problem: )/

/** `words` go before every command, `root` is where its rpm database is: for another root than `/`. */
export function createZypper(
  host: Host,
  other: { readonly words: readonly string[]; readonly root: string } | undefined = undefined,
): PackageManager {
  const rpm = createRpm(host, other?.root)
  const zypper = (
    words: readonly string[],
    seconds: number,
    { signal, progress }: { readonly signal?: AbortSignal; readonly progress?: Progress | undefined } = {},
  ): Promise<RunResult> =>
    host.run([ZYPPER, ...(other?.words ?? []), '--non-interactive', '--no-color', ...words], {
      // Fails at once when another program holds the lock.
      env: { LC_ALL: 'C', ZYPP_LOCK_TIMEOUT: '0' },
      timeoutSeconds: seconds,
      ...(signal ? { signal } : {}),
      ...(progress ? { onLine: zypperProgress(progress) } : {}),
    })
  return {
    name: 'zypper',
    state: rpm.state,
    list: rpm.list,
    async change(request, progress) {
      if (request.action === 'uninstall') return rpm.erase(request.name, request.noop)
      const result = await zypper(changeWords(request), CHANGE_SECONDS, { progress })
      return { ...runOf(result), changes: planned(result.stdout) }
    },
    async outdated(signal, progress): Promise<UpdatesRun> {
      const result = await zypper(['--quiet', 'list-updates'], FETCH_SECONDS, { signal, progress })
      return { ...runOf(result), packages: updates(result.stdout) }
    },
    refresh: async (signal, progress) => runOf(await zypper(['refresh'], FETCH_SECONDS, { signal, progress })),
  }
}

function changeWords({ action, name, version, noop }: ChangeRequest): string[] {
  const dry = noop ? ['--dry-run'] : []
  switch (action) {
    case 'install': {
      const how = version === undefined ? ['--name'] : ['--oldpackage', '--name']
      return [
        'install',
        '--auto-agree-with-licenses',
        ...how,
        ...dry,
        '--',
        version === undefined ? name : `${name}=${version}`,
      ]
    }
    case 'update':
      return ['update', '--auto-agree-with-licenses', ...dry, '--', name]
    default:
      return ['remove', '--name', ...dry, '--', name]
  }
}

function runOf(result: RunResult): ManagerRun {
  const failed = result.error !== undefined || !DONE.includes(result.status)
  return {
    output: outputOf(result),
    exitcode: result.status,
    ...(failed ? { failure: reasonOf(result, TELLING) } : {}),
    changes: [],
  }
}

/** `v | local | hello | 1.0-1 | 2.0-1 | noarch` */
function updates(text: string): UpdatesRun['packages'] {
  return text
    .split('\n')
    .slice(0, PACKAGE_LIST_MAX)
    .flatMap((line) => {
      const [mark, repo = '', name = '', , version = '', arch = ''] = line.split('|').map((cell) => cell.trim())
      return mark === 'v' && arch !== '' ? [{ package: `${name}.${arch}`, version, repo }] : []
    })
}

const TITLES: readonly (readonly [RegExp, PackageChange['action']])[] = [
  [/^The following (?:\d+ )?(?:NEW|recommended) packages? (?:is|are) going to be installed/, 'install'],
  [/^The following (?:\d+ )?packages? (?:is|are) going to be upgraded/, 'upgrade'],
  [/^The following (?:\d+ )?packages? (?:is|are) going to be downgraded/, 'downgrade'],
  [/^The following (?:\d+ )?packages? (?:is|are) going to be reinstalled/, 'reinstall'],
  [/^The following (?:\d+ )?packages? (?:is|are) going to be REMOVED/, 'remove'],
]

/** Names stand in lines below a title; versions are not said. */
function planned(text: string): PackageChange[] {
  const changes: PackageChange[] = []
  let action: PackageChange['action'] | undefined
  for (const line of text.split('\n').slice(0, PACKAGE_LIST_MAX)) {
    if (/^\S/.test(line)) action = TITLES.find(([title]) => title.test(line))?.[1]
    else if (action) {
      const kind = action
      const names = line.split(/\s+/).filter((word) => word !== '')
      changes.push(...names.map((name) => ({ action: kind, package: name, from: null, to: null })))
    }
  }
  return changes
}
