// Real programs that tests need, from Debian's packages: installed by the test itself as root, or the test fails and says what to do.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Installs a Debian package unless `file` of it is there; throws with what to do where that is impossible. */
export function ensurePackage(name: string, file: string): void {
  if (existsSync(file)) return
  const advice = `this test needs the Debian package ${name}: apt-get install ${name}`
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(advice)
  try {
    aptGet('install', '--no-install-recommends', name)
  } catch {
    // A new machine may have no list of packages yet, or an old one.
    try {
      aptGet('update')
      aptGet('install', '--no-install-recommends', name)
    } catch (cause) {
      throw new Error(advice, { cause })
    }
  }
  if (!existsSync(file)) throw new Error(`${advice} (it is installed but has no ${file})`)
}

function aptGet(...words: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', '-y', ...words], {
    env,
    stdio: 'pipe',
    timeout: 600_000,
  })
}
