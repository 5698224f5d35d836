// Debian's packages that tests ask for (tests/debian-package.ts), installed before the first test begins: afterwards two run at a time, and
// what is installed on this machine changes under hosts that another one has made of it. What fails here is told by the test that needs it.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ASKED = /\bensurePackage\('([\w.+-]+)'/g

/** Resolves when it has tried. Takes minutes on a new machine, most of it waiting: the tests without hosts run beside it. */
export async function installTestPackages(root) {
  if (!existsSync('/usr/bin/apt-get')) return
  const missing = packagesAskedFor(join(root, 'tests')).filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  process.stderr.write(`Installing Debian packages for the tests: ${missing.join(', ')} ...\n`)
  const install = () => aptGet('install', '--no-install-recommends', ...missing)
  // A new machine may have no list of packages yet, or an old one.
  if (!(await install()) && (await aptGet('update'))) await install()
}

function packagesAskedFor(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts'))
  const names = files.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(ASKED)].map(([, one]) => one),
  )
  return [...new Set(names)].sort()
}

function isInstalled(name) {
  const { stdout } = spawnSync('dpkg', ['--status', name], { encoding: 'utf8' })
  return stdout.includes('Status: install ok installed')
}

function aptGet(...words) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const child = spawn('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', '-y', ...words], { env, stdio: 'ignore' })
  return new Promise((resolve) => {
    child.once('error', () => resolve(false))
    child.once('close', (code) => resolve(code === 0))
  })
}
