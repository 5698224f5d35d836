// Operating system, kernel and hardware names, as Facter 4 names them.

import type { Machine } from './machine.ts'

interface Distribution {
  readonly name: string
  readonly family: string
}

/** ID of /etc/os-release -> Facter's names. */
const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  almalinux: { name: 'AlmaLinux', family: 'RedHat' },
  alpine: { name: 'Alpine', family: 'Alpine' },
  amzn: { name: 'Amazon', family: 'RedHat' },
  arch: { name: 'Archlinux', family: 'Archlinux' },
  centos: { name: 'CentOS', family: 'RedHat' },
  debian: { name: 'Debian', family: 'Debian' },
  devuan: { name: 'Devuan', family: 'Debian' },
  fedora: { name: 'Fedora', family: 'RedHat' },
  gentoo: { name: 'Gentoo', family: 'Gentoo' },
  linuxmint: { name: 'Linuxmint', family: 'Debian' },
  mageia: { name: 'Mageia', family: 'Mandrake' },
  manjaro: { name: 'Manjarolinux', family: 'Archlinux' },
  ol: { name: 'OracleLinux', family: 'RedHat' },
  'opensuse-leap': { name: 'openSUSE', family: 'Suse' },
  'opensuse-tumbleweed': { name: 'openSUSE', family: 'Suse' },
  raspbian: { name: 'Raspbian', family: 'Debian' },
  rhel: { name: 'RedHat', family: 'RedHat' },
  rocky: { name: 'Rocky', family: 'RedHat' },
  scientific: { name: 'Scientific', family: 'RedHat' },
  sled: { name: 'SLED', family: 'Suse' },
  sles: { name: 'SLES', family: 'Suse' },
  ubuntu: { name: 'Ubuntu', family: 'Debian' },
}

export async function osFacts(machine: Machine): Promise<Record<string, unknown>> {
  const release = parseOsRelease(
    (await machine.read('/etc/os-release')) ?? (await machine.read('/usr/lib/os-release')) ?? '',
  )
  const { name, family } = distributionOf(release, machine.kernel)
  const version = await versionOf(machine, release, name)
  const architecture = family === 'Debian' ? debianArchitecture(machine.hardware) : machine.hardware
  const selinux = await selinuxFacts(machine)
  const kernelVersion = /^[\d.]+/.exec(machine.kernelRelease)?.[0].replace(/\.$/, '') ?? machine.kernelRelease
  const distro = release.get('ID') ? distroOf(release, name, version) : undefined
  return {
    os: {
      architecture,
      ...(distro ? { distro } : {}),
      family,
      hardware: machine.hardware,
      name,
      ...(version ? { release: version } : {}),
      selinux: selinux.structured,
    },
    osfamily: family,
    operatingsystem: name,
    ...(version ? { operatingsystemrelease: version.full, operatingsystemmajrelease: version.major } : {}),
    ...(distro ? lsbFacts(distro) : {}),
    architecture,
    hardwaremodel: machine.hardware,
    kernel: machine.kernel,
    kernelrelease: machine.kernelRelease,
    kernelversion: kernelVersion,
    kernelmajversion: kernelVersion.split('.').slice(0, 2).join('.'),
    ...selinux.legacy,
  }
}

interface Version {
  readonly full: string
  readonly major: string
  readonly minor?: string
}

async function versionOf(machine: Machine, release: OsRelease, name: string): Promise<Version | undefined> {
  const id = release.get('VERSION_ID')
  if (name === 'Ubuntu') return id ? { full: id, major: id } : undefined
  const files: Readonly<Record<string, string>> = {
    Debian: '/etc/debian_version',
    CentOS: '/etc/redhat-release',
    RedHat: '/etc/redhat-release',
  }
  const file = files[name] === undefined ? undefined : await machine.read(files[name])
  const full = (name === 'Debian' ? file?.trim() : /\d+(\.\d+)*/.exec(file ?? '')?.[0]) || id
  if (!full) return undefined
  const [major, minor] = full.split('.')
  return { full, major: major!, ...(minor ? { minor } : {}) }
}

type OsRelease = ReadonlyMap<string, string>

/** `KEY=value` and `KEY="value"` lines of os-release. */
export function parseOsRelease(text: string): OsRelease {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(?:"([^"\n]*)"|'([^'\n]*)'|(.*))$/gm)]
  return new Map(pairs.map((m) => [m[1]!, (m[2] ?? m[3] ?? m[4] ?? '').trim()]))
}

function distributionOf(release: OsRelease, kernel: string): Distribution {
  const id = release.get('ID')
  if (id === undefined) return { name: kernel, family: kernel }
  const known = Object.hasOwn(DISTRIBUTIONS, id) ? DISTRIBUTIONS[id] : undefined
  if (known) return known
  const name = release.get('NAME')?.split(' ')[0] ?? id
  const like = (release.get('ID_LIKE') ?? '').split(' ').find((other) => Object.hasOwn(DISTRIBUTIONS, other))
  const suse = /suse/.test(`${id} ${release.get('ID_LIKE') ?? ''}`) ? 'Suse' : kernel
  return { name, family: like ? DISTRIBUTIONS[like]!.family : suse }
}

function distroOf(release: OsRelease, name: string, version: Version | undefined) {
  const codename = release.get('VERSION_CODENAME')
  return {
    ...(codename ? { codename } : {}),
    description: release.get('PRETTY_NAME') ?? name,
    id: name,
    ...(version ? { release: version } : {}),
  }
}

function lsbFacts(distro: ReturnType<typeof distroOf>): Record<string, string> {
  const { release } = distro
  return {
    ...('codename' in distro ? { lsbdistcodename: distro.codename! } : {}),
    lsbdistdescription: distro.description,
    lsbdistid: distro.id,
    ...(release ? { lsbdistrelease: release.full, lsbmajdistrelease: release.major } : {}),
    ...(release?.minor ? { lsbminordistrelease: release.minor } : {}),
  }
}

function debianArchitecture(hardware: string): string {
  const names: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', i686: 'i386', i586: 'i386' }
  return names[hardware] ?? hardware
}

async function selinuxFacts(machine: Machine) {
  const enforce = (await machine.read('/sys/fs/selinux/enforce'))?.trim()
  if (enforce === undefined) return { structured: { enabled: false }, legacy: { selinux: false } }
  const enforced = enforce === '1'
  const mode = enforced ? 'enforcing' : 'permissive'
  const policy = (await machine.read('/sys/fs/selinux/policyvers'))?.trim()
  return {
    structured: { enabled: true, enforced, current_mode: mode, ...(policy ? { policy_version: policy } : {}) },
    legacy: {
      selinux: true,
      selinux_enforced: enforced,
      selinux_current_mode: mode,
      ...(policy ? { selinux_policyversion: policy } : {}),
    },
  }
}
