// The node list over HTTP: who is there, who fits, what there is to filter by, and one node as it is now. [live 2]

import Type from 'typebox'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import {
  FactNames,
  FactValues,
  FilterCheck,
  NodeDetail,
  NodeFilter,
  NodeList,
  NodeMatch,
  type NodeRow,
} from '../api/nodes.ts'
import { Empty, NodeName } from '../api/words.ts'
import type { NodeBook } from '../nodes/node-book.ts'
import { askNode, askProblem } from '../nodes/node-detail.ts'
import { readNodeFilter } from '../nodes/node-filter.ts'
import type { ConsoleParts } from '../parts.ts'
import { type Route, route } from '../route.ts'

export function nodeRoutes(
  parts: Pick<ConsoleParts, 'clientOf' | 'collective'> & { readonly nodes: NodeBook },
): readonly Route[] {
  const { nodes } = parts
  const tag = 'nodes'
  const role = 'viewer'
  return [
    route({
      ...{ method: 'GET', path: '/api/nodes', role, tag },
      summary: 'Every node that is known, by name',
      answer: NodeList,
      handle: async () => nodes.list(),
    }),
    route({
      ...{ method: 'POST', path: '/api/nodes/refresh', role, tag },
      summary: 'Looks at the fleet now instead of at the next interval',
      body: Empty,
      answer: NodeList,
      async handle() {
        await nodes.refresh()
        return nodes.list()
      },
    }),
    route({
      ...{ method: 'POST', path: '/api/nodes/match', role, tag },
      summary: 'Which nodes a filter fits, and the options of mco that say the same',
      body: NodeFilter,
      answer: NodeMatch,
      handle: ({ body }) => nodes.match(body),
    }),
    route({
      ...{ method: 'POST', path: '/api/nodes/check', role, tag },
      summary: 'Whether a filter is well-formed, for checking while it is typed',
      body: NodeFilter,
      answer: FilterCheck,
      async handle({ body }) {
        try {
          readNodeFilter(body)
          return { ok: true }
        } catch (error) {
          if (!isTroupeError(error, 'CONSOLE_INVALID')) throw error
          return { ok: false, fields: error.details.fields as Record<string, string> }
        }
      },
    }),
    route({
      ...{ method: 'GET', path: '/api/nodes/:name', role, tag },
      summary: 'One node, asked just now',
      params: Type.Object({ name: NodeName }),
      answer: NodeDetail,
      async handle({ caller, params }) {
        const row = knownRow(nodes, params.name)
        try {
          const asked = await askNode(await parts.clientOf(caller), row, parts.collective)
          return { row: nodes.row(row.name) ?? row, ...asked }
        } catch (error) {
          const command = `mco inventory ${row.name}`
          return { row, command, problem: askProblem(row.name, error) }
        }
      },
    }),
    route({
      ...{ method: 'GET', path: '/api/facts', role, tag },
      summary: 'Names of facts with how many nodes have them, the common ones first',
      answer: FactNames,
      handle: () => nodes.facts(),
    }),
    route({
      ...{ method: 'GET', path: '/api/facts/:name', role, tag },
      summary: 'Values of a fact with how many nodes have them',
      params: Type.Object({ name: Type.String({ minLength: 1, maxLength: 500 }) }),
      answer: FactValues,
      handle: ({ params }) => nodes.values(params.name),
    }),
    route({
      ...{ method: 'GET', path: '/api/classes', role, tag },
      summary: 'Puppet classes with how many nodes have them',
      answer: FactNames,
      handle: () => nodes.classes(),
    }),
  ]
}

/** Throws CONSOLE_NOT_FOUND. */
export function knownRow(nodes: Pick<NodeBook, 'row'>, name: string): NodeRow {
  const row = nodes.row(name)
  if (row) return row
  throw new TroupeError('CONSOLE_NOT_FOUND', `there is no node ${name} in the collective, as far as the console knows`)
}
