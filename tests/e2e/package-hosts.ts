// Hosts of a lab with something to install: a repository on the machine's own disk, no network. On one host dnf is the package manager and
// the system says that it is of RedHat's family, on the other it is apt with dpkg; both know only the packages of the repository.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LabHost } from '../../lab/lab.ts'
import { makeDebRepository, makeRpmRepository } from '../interop/package-repository.ts'

export interface Repositories {
  readonly deb: string
  readonly rpm: string
  remove(): void
}

/** To be made before the lab, because its hosts see the disk as it is then. */
export function makeRepositories(): Repositories {
  // Hosts have a /tmp of their own.
  const directory = mkdtempSync('/var/tmp/troupe-packages-')
  // apt reads as somebody who is not root.
  chmodSync(directory, 0o755)
  makeDebRepository(join(directory, 'deb'))
  const rpm = makeRpmRepository(join(directory, 'rpm'))
  return { deb: join(directory, 'deb/repository'), rpm, remove: () => rmSync(directory, { recursive: true }) }
}

export async function useApt(host: LabHost, { deb }: Repositories): Promise<void> {
  const fresh = `
    mkdir -p /run/dpkg/info /run/dpkg/updates /run/dpkg/triggers /run/dpkg/parts /run/lists/partial
    touch /run/dpkg/status /run/dpkg/available
    mount --bind /run/dpkg /var/lib/dpkg
    mount --bind /run/lists /var/lib/apt/lists
    rm -rf /etc/apt/sources.list.d/* /etc/apt/preferences.d/* /var/lib/apt/extended_states`
  await host.run(['sh', '-ec', fresh])
  await host.writeFile('/etc/apt/sources.list', `deb [trusted=yes] file:${deb} ./\n`)
}

export async function useDnf(host: LabHost, { rpm }: Repositories): Promise<void> {
  await host.writeFile('/etc/os-release', 'NAME="Example Linux"\nID=example\nID_LIKE="rhel fedora"\nVERSION_ID=9\n')
  await host.run(['rm', '-rf', '/etc/yum.repos.d', '/var/cache/dnf'])
  await host.writeFile('/etc/yum.repos.d/local.repo', `[local]\nname=local\nbaseurl=file://${rpm}\ngpgcheck=0\n`)
  await host.writeFile('/etc/dnf/vars/releasever', '9\n')
}
