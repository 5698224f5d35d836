// One of our packages for a test, compressed fast and badly.

import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../../scripts/package.mjs', import.meta.url))

/** Makes the package in `folder`; returns its path. Throws with what the build printed when it fails. */
export function buildPackage(kind: 'deb' | 'rpm', folder: string): string {
  const words = [script, '--only', kind, '--out', folder, '--compression', 'zstd']
  execFileSync(process.execPath, words, { stdio: 'pipe', timeout: 120_000 })
  const file = readdirSync(folder).find((name) => name.endsWith(`.${kind}`))
  if (file === undefined) throw new Error(`scripts/package.mjs made no .${kind} in ${folder}`)
  return join(folder, file)
}
