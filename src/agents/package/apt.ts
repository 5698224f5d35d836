// Packages by apt-get and dpkg. Only names are taken: no patterns, no regular expressions, no `name-` that would remove. An action never
// waits for a lock, asks nothing, and keeps changed configuration files. [agents 12, M-051]

import { PACKAGE_LIST_MAX } from '#base/limits.ts'
import type { Host, RunOptions, RunResult } from '#rpc/host.ts'
import { outputOf, reasonOf } from './manager-output.ts'
import {
  CHANGE_SECONDS,
  type ChangeRequest,
  FETCH_SECONDS,
  type ManagerRun,
  type PackageChange,
  type PackageManager,
  type PackageState,
  QUERY_SECONDS,
  queried,
  type UpdatesRun,
} from './package-system.ts'
import { aptProgress, type Progress } from './progress-lines.ts'

export const APT_GET = '/usr/bin/apt-get'
// biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders of dpkg-query
const FORMAT = '${Status} ${Package} ${Version} ${Architecture}\\n'
const ENV = { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', APT_LISTCHANGES_FRONTEND: 'none' }
/** A name that no package has is an error, not a regular expression over all names. */
const NAMES_ONLY = ['-o', 'APT::Cmd::Pattern-Only=true']
/** How far it is, as lines on the descriptor that the host listens to. */
const TO_STATUS = ['-o', 'APT::Status-Fd=3']
const ERROR_LINE = /^(E: |dpkg: error )/

/** `config` is a file for APT_CONFIG, `adminDir` dpkg's database: for another root than `/`. */
export function createApt(
  host: Host,
  other: { readonly config?: string; readonly adminDir?: string } = {},
): PackageManager {
  const env = other.config === undefined ? ENV : { ...ENV, APT_CONFIG: other.config }
  const admin = other.adminDir === undefined ? [] : [`--admindir=${other.adminDir}`]
  const apt = (words: readonly string[], options: RunOptions, progress?: Progress): Promise<RunResult> =>
    progress
      ? host.run([APT_GET, '-q', ...TO_STATUS, ...words], { ...options, env, onStatusLine: aptProgress(progress) })
      : host.run([APT_GET, '-q', ...words], { ...options, env })
  return {
    name: 'apt',
    async state(name, signal) {
      const argv = ['/usr/bin/dpkg-query', ...admin, '-W', '--showformat', FORMAT, '--', name] as const
      const result = await host.run(argv, { signal, timeoutSeconds: QUERY_SECONDS, env })
      if (result.status === 1 && /no packages found/.test(result.stderr)) return purged(name)
      return stateOf(queried(result).stdout, name)
    },
    async change(request, progress) {
      const heard = request.noop ? undefined : progress
      const result = await apt(changeWords(request), { timeoutSeconds: CHANGE_SECONDS }, heard)
      return { ...runOf(result), changes: request.noop ? plannedChanges(result.stdout) : madeChanges(result.stdout) }
    },
    async outdated(signal): Promise<UpdatesRun> {
      const result = await apt(['--simulate', 'dist-upgrade'], { signal, timeoutSeconds: FETCH_SECONDS })
      return { ...runOf(result), packages: updates(result.stdout) }
    },
    async refresh(signal, progress) {
      return runOf(await apt(['update'], { signal, timeoutSeconds: FETCH_SECONDS }, progress))
    },
    async list(signal) {
      const argv = ['/usr/bin/dpkg', ...admin, '--list'] as const
      const result = queried(await host.run(argv, { signal, timeoutSeconds: QUERY_SECONDS, env }))
      return result.stdout.split('\n').filter((line) => line.startsWith('ii'))
    },
  }
}

function changeWords({ action, name, version, noop }: ChangeRequest): string[] {
  const how = noop ? ['--simulate'] : ['-y', '-o', 'DPkg::Options::=--force-confold']
  switch (action) {
    case 'install':
      // Who names a version means it, also when it is an older one.
      return version === undefined
        ? [...how, ...NAMES_ONLY, 'install', '--', name]
        : [...how, ...NAMES_ONLY, '--allow-downgrades', 'install', '--', `${name}=${version}`]
    case 'update':
      return [...how, ...NAMES_ONLY, '--only-upgrade', 'install', '--', name]
    case 'uninstall':
      return [...how, ...NAMES_ONLY, 'remove', '--', name]
    case 'purge':
      return [...how, ...NAMES_ONLY, 'remove', '--purge', '--', name]
  }
}

function runOf(result: RunResult): ManagerRun {
  const failed = result.status !== 0 || result.error !== undefined
  return {
    output: outputOf(result),
    exitcode: result.status,
    ...(failed ? { failure: reasonOf(result, ERROR_LINE) } : {}),
    changes: [],
  }
}

function purged(name: string): PackageState {
  return { installed: false, ensure: 'purged', name }
}

/** `install ok installed bash 5.2.15-2+b8 amd64`, a line per architecture; the installed one counts. */
function stateOf(text: string, asked: string): PackageState {
  let found = purged(asked)
  for (const line of text.split('\n')) {
    const [, , status, name = asked, ensure = '', arch = ''] = line.split(' ')
    if (status === 'installed') return { installed: true, ensure, name, arch, ...versionParts(ensure) }
    if (status !== undefined && status !== 'not-installed') found = { installed: false, ensure: 'absent', name }
  }
  return found
}

/** `[epoch:]version[-release]` of Debian: the last dash begins the release. */
function versionParts(full: string): Pick<PackageState, 'epoch' | 'version' | 'release'> {
  const [, epoch, version = full, release] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(full) ?? []
  return { version, ...(epoch === undefined ? {} : { epoch }), ...(release === undefined ? {} : { release }) }
}

/** `Inst NAME [OLD] (NEW ORIGIN:SUITE, ORIGIN:SUITE [ARCH])`; packages that come along new have no OLD. */
const INST = /^Inst (\S+)(?: \[([^\]]*)\])? \((\S+)((?: [^[)]*)?)(?:\[[^\]]*\])?\)/
const REMOVED = /^(Remv|Purg) (\S+)(?: \[([^\]]*)\])?/

function updates(text: string): UpdatesRun['packages'] {
  return lines(text).flatMap((line) => {
    const [, name, , version, repo = ''] = INST.exec(line) ?? []
    return name === undefined || version === undefined ? [] : [{ package: name, version, repo: repo.trim() }]
  })
}

function plannedChanges(text: string): PackageChange[] {
  const downgraded = downgrades(text)
  return lines(text).flatMap((line): PackageChange[] => {
    const [, name, from, to] = INST.exec(line) ?? []
    if (name !== undefined && to !== undefined) return [changed(name, from, to, downgraded.has(name))]
    const [, how, gone, version = null] = REMOVED.exec(line) ?? []
    if (gone === undefined) return []
    return [{ action: how === 'Purg' ? 'purge' : 'remove', package: gone, from: version, to: null }]
  })
}

/** What dpkg says it did. What is purged is removed first, which need not be said. */
function madeChanges(text: string): PackageChange[] {
  const downgraded = downgrades(text)
  const changes = lines(text).flatMap((line): PackageChange[] => {
    const [, name, to, from] = /^Unpacking (\S+) \((\S+)\)(?: over \((\S+)\))? \.\.\./.exec(line) ?? []
    if (name !== undefined && to !== undefined) return [changed(name, from, to, downgraded.has(name))]
    const [, what, gone, version = null] =
      /^(Removing|Purging configuration files for) (\S+) \((\S+)\) \.\.\./.exec(line) ?? []
    if (gone === undefined) return []
    return [{ action: what === 'Removing' ? 'remove' : 'purge', package: gone, from: version, to: null }]
  })
  const purgedToo = new Set(changes.filter((change) => change.action === 'purge').map((change) => change.package))
  return changes.filter((change) => change.action !== 'remove' || !purgedToo.has(change.package))
}

function changed(name: string, from: string | undefined, to: string, downgraded: boolean): PackageChange {
  const action = from === undefined ? 'install' : from === to ? 'reinstall' : downgraded ? 'downgrade' : 'upgrade'
  return { action, package: name, from: from ?? null, to }
}

/** Names below `The following packages will be DOWNGRADED:`. */
function downgrades(text: string): ReadonlySet<string> {
  const block = /^The following packages will be DOWNGRADED:\n((?: +.*\n)*)/m.exec(text)?.[1] ?? ''
  return new Set(block.split(/\s+/))
}

function lines(text: string): string[] {
  return text.split('\n').slice(0, 4 * PACKAGE_LIST_MAX)
}
