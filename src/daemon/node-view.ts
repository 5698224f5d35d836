// What agents, data plugins and filters may know of the node, put together from what the daemon holds. [agents 16]

import type { NodeView } from '#rpc/agent.ts'

/** Where facts come from; refreshing is theirs. Never blocks. */
export interface FactsView {
  facts(): ReturnType<NodeView['facts']>
  warnings(): readonly string[]
}

export interface ClassesView {
  classes(): readonly string[]
  warnings(): readonly string[]
}

export interface NodeViewParts {
  readonly identity: string
  readonly version: string
  readonly configFile: string
  readonly collectives: readonly string[]
  readonly mainCollective: string
  readonly facts: FactsView
  readonly classes: ClassesView
  readonly agents: { ddls(): ReturnType<NodeView['agents']>; problems(): readonly string[] }
  readonly data: { names(): readonly string[]; query: NodeView['queryData'] }
  readonly stats: NodeView['stats']
  readonly configItem: NodeView['configItem']
  readonly setting: NodeView['setting']
}

export function createNodeView(parts: NodeViewParts): NodeView {
  const { identity, version, configFile, collectives, mainCollective } = parts
  return {
    identity,
    version,
    configFile,
    collectives,
    mainCollective,
    facts: () => parts.facts.facts(),
    classes: () => parts.classes.classes(),
    agents: () => parts.agents.ddls(),
    dataPlugins: () => parts.data.names(),
    queryData: (source, query) => parts.data.query(source, query),
    stats: parts.stats,
    configItem: parts.configItem,
    setting: parts.setting,
    warnings: () => [...parts.facts.warnings(), ...parts.classes.warnings(), ...parts.agents.problems()],
  }
}
