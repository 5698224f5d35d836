// The package managers of a node: which there are, which one is meant, and the names they may be given. Used by the agent and by the data
// plugin. [agents 12]

import type { Host, HostFiles } from '#rpc/host.ts'
import { APT_GET, createApt } from './apt.ts'
import { rememberUpdates, type UpdatesMemory } from './apt-updates.ts'
import { createDnf, DNF, type Dnf, YUM } from './dnf.ts'
import type { PackageManager } from './package-system.ts'
import { createZypper, ZYPPER } from './zypper.ts'

/** Settings of the node, e.g. `setting('package.provider')`. */
export type Setting = (name: string) => string | undefined

export interface PackagesParts {
  readonly host: Host
  readonly files: HostFiles
  /** What apt said of updates last; absent: it is asked each time. */
  readonly updates?: UpdatesMemory
}

/** Throws an Error that says what is missing. */
export interface Packages {
  manager(): Promise<PackageManager>
  apt(): Promise<PackageManager>
  yum(): Promise<Dnf>
}

const PROVIDERS = ['puppet', 'apt', 'dnf', 'yum', 'zypper'] as const

export function createPackages({ host, files, updates }: PackagesParts, setting: Setting): Packages {
  const createLocalApt = (): PackageManager =>
    updates ? rememberUpdates(createApt(host), host, updates) : createApt(host)
  const makers: Readonly<Record<string, { program: string; make: () => PackageManager }>> = {
    apt: { program: APT_GET, make: createLocalApt },
    dnf: { program: DNF, make: () => createDnf(host, DNF) },
    yum: { program: YUM, make: () => createDnf(host, YUM) },
    zypper: { program: ZYPPER, make: () => createZypper(host) },
  }
  const makeNamed = async (name: string): Promise<PackageManager> => {
    const maker = makers[name]
    if (!maker)
      throw new Error(`cannot use plugin.package.provider = ${name}: it has to be one of ${PROVIDERS.join(', ')}`)
    if (!(await files.isProgram(maker.program)))
      throw new Error(`Cannot find ${programName(maker.program)} at ${maker.program}`)
    return maker.make()
  }
  const firstOf = async (names: readonly string[]): Promise<string | undefined> => {
    for (const name of names) if (await files.isProgram(makers[name]?.program ?? '')) return name
    return undefined
  }
  return {
    async manager() {
      const provider = setting('package.provider') ?? 'puppet'
      if (provider !== 'puppet') return makeNamed(provider)
      const found = await firstOf(inOrder((await files.readText('/etc/os-release')) ?? ''))
      if (found === undefined) throw new Error('Cannot find a compatible package system to check updates')
      return makeNamed(found)
    },
    apt: () => makeNamed('apt'),
    async yum() {
      return (await makeNamed((await firstOf(['dnf', 'yum'])) ?? 'yum')) as Dnf
    },
  }
}

/** Tools of other families can be installed anywhere; the family of the system says which one it is made of. */
function inOrder(osRelease: string): readonly string[] {
  const ids = /^ID(?:_LIKE)?=.*$/gm[Symbol.match](osRelease)?.join(' ') ?? ''
  if (/\b(debian|ubuntu)\b/.test(ids)) return ['apt', 'dnf', 'yum', 'zypper']
  if (/\b(suse|opensuse|sles)\b/.test(ids)) return ['zypper', 'dnf', 'yum', 'apt']
  return ['dnf', 'yum', 'apt', 'zypper']
}

function programName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** `bash`, `g++`, `libc6:amd64`, `java-1.8.0-openjdk.x86_64`; not `-oDebug`, `foo-` (which apt removes), `./x.deb`, `@group`, `a b`. */
export function isPackageName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.+_~:-]*$/.test(name) && !name.endsWith('-')
}

/** `1:2.0-1`, `5.1~rc1+b2`; no wildcards. */
export function isPackageVersion(version: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.+_~^:-]*$/.test(version)
}
