// Browsing and comparing resources over HTTP. Selections travel in the bodies: they may be 50,000 names. [live 3]

import Type from 'typebox'
import { INSPECTION_ROWS_MAX } from '#base/limits.ts'
import { globTest, hasWildcard } from '../api/glob.ts'
import {
  Compare,
  Comparison,
  FindResource,
  Inspect,
  InspectStarted,
  ResourceList,
  ResourceSummary,
  ResourceVariants,
  Reveal,
  Revealed,
  SearchResources,
  TypeName,
  VariantNodes,
  VariantQuestion,
} from '../api/resources.ts'
import { NodeSelection } from '../api/words.ts'
import type { Inspector } from '../resources/inspector.ts'
import { type Route, route } from '../route.ts'

const OfType = Type.Object({ type: TypeName })
/** 50,000 names of 256 characters. */
const SELECTION_BYTES_MAX = 16 * 1024 * 1024

export function resourceRoutes({ inspector }: { readonly inspector: Inspector }): readonly Route[] {
  const { book } = inspector
  const common = { method: 'POST', role: 'viewer', tag: 'resources', bodyBytesMax: SELECTION_BYTES_MAX } as const
  const listed = (type: string, nodes: readonly string[], matches: (title: string) => boolean): ResourceList => {
    const rows = book.list(type, nodes).filter(({ title }) => matches(title))
    const shown = rows.slice(0, INSPECTION_ROWS_MAX)
    return { figures: inspector.figures(type, nodes), rows: shown, more: rows.length - shown.length }
  }

  return [
    route({
      ...common,
      path: '/api/resources/inspect',
      summary: 'Asks nodes for all their resources of some types: a job per type',
      body: Inspect,
      answer: InspectStarted,
      handle: ({ caller, body: { types, nodes, onlyMissing = false } }) =>
        inspector.inspect(caller, types, nodes, { onlyMissing }),
    }),
    route({
      ...common,
      path: '/api/resources/summary',
      summary: 'How similar the nodes are, by type, as far as they were inspected',
      body: NodeSelection,
      answer: ResourceSummary,
      handle: async ({ body }) => inspector.summary(body.nodes),
    }),
    route({
      ...common,
      path: '/api/resources/:type/list',
      summary: 'Resources of a type on the nodes, as far as they were inspected',
      params: OfType,
      body: NodeSelection,
      answer: ResourceList,
      handle: async ({ params, body }) => listed(params.type, body.nodes, () => true),
    }),
    route({
      ...common,
      path: '/api/resources/:type/search',
      summary: 'Those of the inspected resources whose title matches a glob, or contains a text',
      params: OfType,
      body: SearchResources,
      answer: ResourceList,
      async handle({ params, body }) {
        const text = body.text.toLowerCase()
        const holds = (title: string): boolean => title.toLowerCase().includes(text)
        return listed(params.type, body.nodes, hasWildcard(text) ? globTest(text) : holds)
      },
    }),
    route({
      ...common,
      path: '/api/resources/:type/find',
      summary: 'Asks nodes for one resource by its exact title',
      params: OfType,
      body: FindResource,
      answer: ResourceVariants,
      async handle({ caller, params: { type }, body: { title, nodes }, signal }) {
        await inspector.find(caller, type, title, nodes, signal)
        return inspector.variants(type, title, nodes)
      },
    }),
    route({
      ...common,
      path: '/api/resources/:type/variants',
      summary: 'The variants of a resource, as far as the nodes were inspected',
      params: OfType,
      body: FindResource,
      answer: ResourceVariants,
      handle: ({ params, body }) => inspector.variants(params.type, body.title, body.nodes),
    }),
    route({
      ...common,
      path: '/api/resources/:type/nodes',
      summary: 'All nodes of a variant; of the variant `absent` those without the resource',
      params: OfType,
      body: VariantQuestion,
      answer: VariantNodes,
      handle: async ({ params: { type }, body: { title, variant, nodes } }) => ({
        nodes: book.nodesOf(type, title, variant, nodes),
      }),
    }),
    route({
      ...common,
      path: '/api/resources/:type/compare',
      summary: 'Two nodes, or two groups of nodes, side by side, as far as they were inspected',
      params: OfType,
      body: Compare,
      answer: Comparison,
      handle: async ({ params, body }) => book.compare(params.type, body.left, body.right),
    }),
    route({
      ...common,
      role: 'operator',
      path: '/api/resources/:type/reveal',
      summary: 'Shows a secret property, if the node lets the account see it; recorded',
      params: OfType,
      body: Reveal,
      answer: Revealed,
      handle: async ({ caller, params, body, signal }) => ({
        value: await inspector.reveal(caller, params.type, body, signal),
      }),
    }),
  ]
}
