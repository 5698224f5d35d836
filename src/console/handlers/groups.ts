// Groups and searches that people keep: nodes by name, or a filter that is evaluated when it is used. [issue: saved node groups and searches]

import Type from 'typebox'
import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import { SAVED_GROUPS_PER_ACCOUNT_MAX } from '#base/limits.ts'
import type { GroupRecord } from '#store/fleet-records.ts'
import { NewNodeGroup, NodeGroup, NodeGroups } from '../api/fleet.ts'
import type { NodeFilter } from '../api/nodes.ts'
import { Empty, Id } from '../api/words.ts'
import { readNodeFilter } from '../nodes/node-filter.ts'
import type { ConsoleParts } from '../parts.ts'
import { atLeast } from '../roles.ts'
import { type Caller, type Route, route } from '../route.ts'

export function groupRoutes({
  store,
  clock,
}: Pick<ConsoleParts, 'store'> & { readonly clock: Clock }): readonly Route[] {
  const tag = 'groups'
  const role = 'viewer'
  const ById = Type.Object({ id: Id })
  return [
    route({
      ...{ method: 'GET', path: '/api/groups', role, tag },
      summary: 'Own groups and shared ones, by name',
      answer: NodeGroups,
      handle: async ({ caller }) => ({ groups: (await store.groups.listFor(caller.account)).map(groupOf) }),
    }),
    route({
      ...{ method: 'POST', path: '/api/groups', role, tag },
      summary: 'Keeps a group or search; sharing it takes an operator',
      body: NewNodeGroup,
      answer: NodeGroup,
      bodyBytesMax: 16 * 1024 * 1024,
      async handle({ caller, body }) {
        checked(caller, body)
        const own = (await store.groups.listFor(caller.account)).filter(({ account }) => account === caller.account)
        if (own.length >= SAVED_GROUPS_PER_ACCOUNT_MAX) {
          const message = `cannot keep another group: ${caller.account} has ${own.length} of them`
          throw new TroupeError('CONSOLE_TOO_MANY', message)
        }
        const group = recordOf(body, { id: store.newId(), account: caller.account, changedAtMs: clock.now() })
        await store.groups.put(group)
        return groupOf(group)
      },
    }),
    route({
      ...{ method: 'PUT', path: '/api/groups/:id', role, tag },
      summary: 'Changes a group of one’s own; administrators any',
      params: ById,
      body: NewNodeGroup,
      answer: NodeGroup,
      bodyBytesMax: 16 * 1024 * 1024,
      async handle({ caller, params, body }) {
        const { id, account } = await ownGroup(caller, params.id)
        checked(caller, body)
        const group = recordOf(body, { id, account, changedAtMs: clock.now() })
        await store.groups.put(group)
        return groupOf(group)
      },
    }),
    route({
      ...{ method: 'DELETE', path: '/api/groups/:id', role, tag },
      summary: 'Deletes a group of one’s own; administrators any',
      params: ById,
      answer: Empty,
      async handle({ caller, params }) {
        const { id } = await ownGroup(caller, params.id)
        await store.groups.remove(id)
        return {}
      },
    }),
  ]

  /** Throws CONSOLE_NOT_FOUND, also for what others keep for themselves. */
  async function ownGroup(caller: Caller, id: string): Promise<GroupRecord> {
    const group = await store.groups.get(id)
    const mine = group?.account === caller.account
    if (!group || (!mine && !group.shared)) throw new TroupeError('CONSOLE_NOT_FOUND', `there is no group ${id}`)
    if (mine || atLeast(caller.role, 'administrator')) return group
    throw new TroupeError('CONSOLE_NOT_ALLOWED', `${caller.account} may not change a group of ${group.account}`)
  }
}

function checked(caller: Caller, { filter, nodes, shared }: NewNodeGroup): void {
  if (shared && !atLeast(caller.role, 'operator'))
    throw new TroupeError('CONSOLE_NOT_ALLOWED', `${caller.account} may not share groups: it takes the role operator`)
  if ((filter === undefined) === (nodes === undefined)) {
    const message = 'a group has either nodes or a filter'
    throw new TroupeError('CONSOLE_INVALID', message, { details: { fields: { nodes: message } } })
  }
  if (filter) readNodeFilter(filter)
}

function recordOf(body: NewNodeGroup, own: Pick<GroupRecord, 'id' | 'account' | 'changedAtMs'>): GroupRecord {
  const { name, description, shared, filter, nodes } = body
  return {
    ...{ ...own, name: name.trim() === '' ? name : name.trim(), description, shared },
    ...(filter === undefined ? {} : { filter }),
    ...(nodes === undefined ? {} : { nodes: [...new Set(nodes)].sort() }),
  }
}

function groupOf({ filter, nodes, ...group }: GroupRecord): NodeGroup {
  return {
    ...group,
    ...(filter === undefined ? {} : { filter: filter as NodeFilter }),
    ...(nodes === undefined ? {} : { nodes: [...nodes] }),
  }
}
