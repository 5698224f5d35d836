// Puppet's list of the resources its last catalogue manages, one `type[title]` a line, all in lower case. Kept while the file stays as it
// is: filters ask for it on every request. [agents 9, 10.1]

import { messageOf, TroupeError } from '#base/errors.ts'
import { PUPPET_RESOURCES_BYTES_MAX } from '#base/limits.ts'
import type { PuppetMachine } from './puppet-machine.ts'

export interface ManagedResources {
  /** `has('File', '/etc/motd')`; upper and lower case are the same. Throws RPC_PUPPET_STATE. */
  has(path: string, type: string, title: string): Promise<boolean>
  /** How many of each type, e.g. `{ File: 2, 'Apache::Vhost': 1 }`. */
  countByType(path: string): Promise<Readonly<Record<string, number>>>
}

export function createManagedResources(machine: PuppetMachine): ManagedResources {
  let kept: { readonly key: string; readonly names: ReadonlySet<string> } | undefined

  async function names(path: string): Promise<ReadonlySet<string>> {
    try {
      const stamp = path === '' ? undefined : await machine.stampOf(path)
      if (stamp === undefined) return new Set()
      const key = `${path} ${stamp.key}`
      if (kept?.key !== key) {
        const text = (await machine.readFile(path, PUPPET_RESOURCES_BYTES_MAX)) ?? ''
        kept = { key, names: new Set(text.split('\n').filter((line) => line !== '')) }
      }
      return kept.names
    } catch (error) {
      throw new TroupeError('RPC_PUPPET_STATE', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
    }
  }

  return {
    has: async (path, type, title) => (await names(path)).has(`${type}[${title}]`.toLowerCase()),
    async countByType(path) {
      const counts: Record<string, number> = Object.create(null)
      for (const name of await names(path)) {
        const bracket = name.indexOf('[')
        if (bracket <= 0) continue
        const type = capitalized(name.slice(0, bracket))
        counts[type] = (counts[type] ?? 0) + 1
      }
      return counts
    },
  }
}

/** `apache::vhost` is `Apache::Vhost`. */
export function capitalized(type: string): string {
  return type
    .split('::')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase())
    .join('::')
}
