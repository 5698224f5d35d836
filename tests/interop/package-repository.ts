// Local repositories of tiny packages, and roots to install them in, so that real package managers can be tried without touching the machine
// or the network: hello in two versions with an epoch, greeter that needs it, clumsy whose script fails.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Made {
  readonly name: string
  readonly version: string
  readonly needs?: string
  readonly fails?: boolean
}

const PACKAGES: readonly Made[] = [
  { name: 'hello', version: '1.0' },
  { name: 'hello', version: '2.0' },
  { name: 'greeter', version: '1.0', needs: 'hello' },
  { name: 'bystander', version: '1.0' },
  { name: 'clumsy', version: '1.0', fails: true },
]

/** Returns what createApt needs to work on `<directory>/root` alone. */
export function makeDebRepository(directory: string): { readonly config: string; readonly adminDir: string } {
  const repository = join(directory, 'repository')
  mkdirSync(repository, { recursive: true })
  for (const each of PACKAGES) buildDeb(directory, repository, each)
  const index = readdirSync(repository)
    .filter((file) => file.endsWith('.deb'))
    .map((file) => indexEntry(repository, file))
  writeFileSync(join(repository, 'Packages'), index.join('\n'))
  const root = join(directory, 'root')
  const folders = ['etc/apt/apt.conf.d', 'etc/apt/preferences.d', 'etc/apt/sources.list.d', 'var/lib/dpkg/updates']
  const more = ['var/lib/dpkg/info', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial', 'var/log/apt']
  for (const folder of [...folders, ...more]) mkdirSync(join(root, folder), { recursive: true })
  const adminDir = join(root, 'var/lib/dpkg')
  writeFileSync(join(adminDir, 'status'), '')
  writeFileSync(join(root, 'etc/apt/sources.list'), `deb [trusted=yes] file:${repository} ./\n`)
  const config = join(directory, 'apt.conf')
  writeFileSync(
    config,
    `Dir "${root}";
Dir::State::status "${adminDir}/status";
Dir::Bin::dpkg "/usr/bin/dpkg";
DPkg::Options { "--root=${root}"; "--force-script-chrootless"; "--log=/dev/null"; };
`,
  )
  return { config, adminDir }
}

function buildDeb(directory: string, repository: string, { name, version, needs, fails }: Made): void {
  const tree = join(directory, 'deb')
  rmSync(tree, { recursive: true, force: true })
  for (const folder of ['DEBIAN', 'etc', `usr/share/${name}`]) mkdirSync(join(tree, folder), { recursive: true })
  writeFileSync(join(tree, `usr/share/${name}/version`), `${version}\n`)
  writeFileSync(join(tree, `etc/${name}.conf`), 'setting = 1\n')
  writeFileSync(join(tree, 'DEBIAN/conffiles'), `/etc/${name}.conf\n`)
  const script = '#!/bin/sh\necho "clumsy: cannot be set up" >&2\nexit 3\n'
  if (fails) writeFileSync(join(tree, 'DEBIAN/postinst'), script, { mode: 0o755 })
  const depends = needs === undefined ? '' : `Depends: ${needs}\n`
  const epoch = name === 'hello' ? '1:' : ''
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    `Package: ${name}\nVersion: ${epoch}${version}-1\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\nDescription: for tests\n${depends}`,
  )
  run('dpkg-deb', ['--root-owner-group', '--build', tree, repository])
}

function indexEntry(repository: string, file: string): string {
  const bytes = readFileSync(join(repository, file))
  const control = run('dpkg-deb', ['--field', join(repository, file)])
  const digest = createHash('sha256').update(bytes).digest('hex')
  return `${control.trim()}\nFilename: ./${file}\nSize: ${bytes.length}\nSHA256: ${digest}\n`
}

/** Returns the directory of the repository. Takes rpmbuild (of Debian's package rpm) and createrepo_c. */
export function makeRpmRepository(directory: string): string {
  const repository = join(directory, 'repository')
  mkdirSync(repository, { recursive: true })
  for (const { name, version, needs, fails } of PACKAGES) {
    const spec = join(directory, `${name}.spec`)
    const header = [name === 'hello' ? 'Epoch: 1' : '', needs === undefined ? '' : `Requires: ${needs}`]
    const script = fails ? '%pre\necho "clumsy: cannot be set up" >&2\nexit 3\n' : ''
    const tree = `%{buildroot}/usr/share/${name}`
    writeFileSync(
      spec,
      `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: for tests\nLicense: none\nBuildArch: noarch\n${header.join('\n')}
%description
for tests
${script}%files
/usr/share/${name}
%install
mkdir -p ${tree}
echo ${version} > ${tree}/version
`,
    )
    run('rpmbuild', ['-bb', '-D', `_topdir ${directory}/top`, '-D', `_rpmdir ${repository}`, '--quiet', spec])
  }
  run('createrepo_c', ['--quiet', repository])
  return repository
}

/** Words that keep dnf to this repository and this root. */
export function dnfWords(directory: string, repository: string, root: string): readonly string[] {
  const folders = { cachedir: 'cache', logdir: 'log', persistdir: 'persist' }
  for (const folder of Object.values(folders)) mkdirSync(join(directory, folder), { recursive: true })
  const places = Object.entries(folders).map(([key, folder]) => `${key}=${join(directory, folder)}`)
  const main = ['gpgcheck=0', 'reposdir=/nonexistent', 'pluginpath=/nonexistent', ...places]
  const config = join(directory, 'dnf.conf')
  const local = ['name=local', `baseurl=file://${repository}`, 'enabled=1', 'metadata_expire=0']
  writeFileSync(config, `[main]\n${main.join('\n')}\n[local]\n${local.join('\n')}\n`)
  // dnf opens its logs below the root as well.
  mkdirSync(join(root, directory, 'log'), { recursive: true })
  return ['-c', config, `--installroot=${root}`, '--releasever=1']
}

function run(program: string, words: readonly string[]): string {
  return execFileSync(program, words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  })
}
