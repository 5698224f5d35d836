// The file in which Puppet's settings outlive a restart of the node. That it cannot be read or written costs a question to Puppet, no more.
// [agents 10.1]

import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PUPPET_SETTINGS_BYTES_MAX } from '#base/limits.ts'
import { makeFolders } from '#base/make-folders.ts'
import type { SettingsMemory } from './puppet-settings.ts'

/** e.g. `createSettingsFile('/var/lib/mcollective/puppet-settings.json')`. */
export function createSettingsFile(path: string): SettingsMemory {
  return {
    async read() {
      try {
        const { size } = await stat(path)
        return size <= PUPPET_SETTINGS_BYTES_MAX ? await readFile(path, 'utf8') : undefined
      } catch {
        return undefined
      }
    },
    async write(text) {
      const draft = `${path}.${process.pid}`
      try {
        makeFolders(dirname(path), 0o755)
        await writeFile(draft, text, { mode: 0o600 })
        await rename(draft, path)
      } catch {
        await rm(draft, { force: true }).catch(() => {})
      }
    },
  }
}
