// Saved groups and searches over their table.

import { STORE_GROUP_CHARACTERS_MAX } from '#base/limits.ts'
import type { GroupRecord, Groups } from './fleet-records.ts'
import { packed, parsed, unpacked, wholeJson } from './packed-json.ts'
import { bit, present } from './present.ts'
import type { Database, NodeGroupTable } from './schema.ts'

export function groupsOf(db: Database): Groups {
  return {
    async listFor(account) {
      const rows = db
        .selectFrom('node_group')
        .selectAll()
        .where((or) => or.or([or('account', '=', account), or('shared', '=', 1)]))
        .orderBy('name')
        .orderBy('id')
      return Promise.all((await rows.execute()).map(recordOf))
    },
    async get(id) {
      const row = await db.selectFrom('node_group').selectAll().where('id', '=', id).executeTakeFirst()
      return row && recordOf(row)
    },
    async put(group) {
      const { id, ...rest } = await rowOf(group)
      await db
        .insertInto('node_group')
        .values({ id, ...rest })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
        .execute()
    },
    async remove(id) {
      const gone = await db.deleteFrom('node_group').where('id', '=', id).executeTakeFirst()
      return gone.numDeletedRows > 0n
    },
  }
}

async function rowOf(group: GroupRecord): Promise<NodeGroupTable> {
  const nodes = wholeJson(group.nodes, STORE_GROUP_CHARACTERS_MAX, 'the list of nodes of a group')
  return {
    id: group.id,
    account: group.account,
    name: group.name,
    description: group.description,
    shared: bit(group.shared),
    filter: wholeJson(group.filter, STORE_GROUP_CHARACTERS_MAX, 'the filter of a group'),
    nodes: nodes === null ? null : await packed(nodes),
    changed_at_ms: group.changedAtMs,
  }
}

async function recordOf(row: NodeGroupTable): Promise<GroupRecord> {
  return present<GroupRecord>({
    id: row.id,
    name: row.name,
    description: row.description,
    filter: parsed(row.filter),
    nodes: row.nodes === null ? undefined : ((await unpacked(row.nodes)) as string[]),
    shared: row.shared === 1,
    account: row.account,
    changedAtMs: row.changed_at_ms,
  })
}
