// The names of groups by their numbers, per node: a user's `gid` says nothing to somebody who compares nodes. Nodes with the same groups share
// one table. [live 3.5, 10]

import { createHash } from 'node:crypto'
import type { RawResource } from './read-resource.ts'

export interface GroupNames {
  put(node: string, groups: readonly RawResource[]): void
  /** undefined: the node has no such group, or its groups are not known. */
  nameOf(node: string, gid: unknown): string | undefined
  gidOf(node: string, name: string): string | undefined
}

/** Nodes that are kept, as many as a roster holds; groups of one, and characters of a name. */
const NODES_MAX = 50_000
const TABLE_MAX = 5_000
const NAME_MAX = 256

export function createGroupNames(): GroupNames {
  const tables = new Map<string, WeakRef<ReadonlyMap<string, string>>>()
  const ofNode = new Map<string, ReadonlyMap<string, string>>()

  const shared = (table: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
    const key = createHash('sha256')
      .update(JSON.stringify([...table]))
      .digest('base64')
    const known = tables.get(key)?.deref()
    if (known) return known
    if (tables.size > NODES_MAX) for (const [old, ref] of tables) if (!ref.deref()) tables.delete(old)
    tables.set(key, new WeakRef(table))
    return table
  }

  return {
    put(node, groups) {
      const table = new Map<string, string>()
      for (const { title, parameters } of groups) {
        const gid = String(parameters.gid)
        const isSound = parameters.gid != null && title.length <= NAME_MAX
        if (isSound && !table.has(gid) && table.size < TABLE_MAX) table.set(gid, title)
      }
      ofNode.delete(node)
      ofNode.set(node, shared(table))
      const [oldest] = ofNode.keys()
      if (ofNode.size > NODES_MAX && oldest !== undefined) ofNode.delete(oldest)
    },
    nameOf: (node, gid) => ofNode.get(node)?.get(String(gid)),
    gidOf(node, name) {
      for (const [gid, one] of ofNode.get(node) ?? []) if (one === name) return gid
      return undefined
    },
  }
}
