// Words that completion offers: commands, agents, actions and inputs. What is unknown or broken completes to nothing: a shell prompt is
// no place for errors. [cli 8.8, M-012]

import type { AgentDdl, PluginKind } from '#rpc/ddl/ddl.ts'
import type { Candidate, CommandContext, PluginShelf } from './command.ts'
import { optionsOf, SHARED_OPTIONS } from './options.ts'
import { firstWordAt, scanOptions, valuesOf } from './read-options.ts'

export function commandCandidates({ commands }: Pick<CommandContext, 'commands'>): Candidate[] {
  return Object.entries(commands).map(([name, { summary }]) => ({ name, description: summary }))
}

/** Installed plugins of a kind, or `kind/name` of all. */
export function pluginCandidates(plugins: PluginShelf, kind?: PluginKind): Candidate[] {
  return plugins
    .list()
    .filter((entry) => entry.ddl !== undefined && (kind === undefined || entry.kind === kind))
    .map(({ kind: of, name, ddl }) => ({
      name: kind === undefined ? `${of}/${name}` : name,
      description: ddl?.metadata.description ?? '',
    }))
}

export function actionCandidates(plugins: PluginShelf, agent: string): Candidate[] {
  return (agentDdl(plugins, agent)?.actions ?? []).map(({ name, description }) => ({ name, description }))
}

export function inputCandidates(plugins: PluginShelf, agent: string, action: string): Candidate[] {
  const inputs = agentDdl(plugins, agent)?.actions.find(({ name }) => name === action)?.inputs ?? []
  return inputs.map(({ name, description }) => ({ name, description }))
}

/** Words without a description. */
export function candidates(...names: readonly string[]): Candidate[] {
  return names.map((name) => ({ name, description: '' }))
}

/**
 * What may stand in the place of the last word of a line, which begins with `mco`'s first word: `['rpc', 'rpcutil', 'get']` gives
 * `get_fact` and others.
 */
export async function completeLine(context: CommandContext, line: readonly string[]): Promise<readonly Candidate[]> {
  const current = line.at(-1) ?? ''
  const before = line.slice(0, -1)
  const at = firstWordAt(SHARED_OPTIONS, before)
  const name = at < 0 ? undefined : (before[at] as string)
  const command =
    name !== undefined && Object.hasOwn(context.commands, name) ? await context.commands[name]?.load() : undefined
  if (name !== undefined && !command) return []
  const specs = command ? optionsOf(command) : SHARED_OPTIONS
  const fitting = (found: readonly Candidate[]): readonly Candidate[] =>
    found.filter((candidate) => candidate.name.startsWith(current))
  const words = command ? before.filter((_, i) => i !== at) : before
  try {
    const read = valuesOf(scanOptions(specs, words)).words
    if (current.startsWith('-'))
      return fitting(specs.map((spec) => ({ name: `--${spec.name}`, description: spec.description })))
    return fitting(command ? (command.complete?.(context, read) ?? []) : commandCandidates(context))
  } catch {
    // The last option waits for its value, or something before is wrong.
    const option = before.at(-1) ?? ''
    const spec = specs.find(
      ({ name: long, short, aliases = [] }) =>
        [long, ...aliases].some((known) => option === `--${known}`) || (short !== undefined && option === `-${short}`),
    )
    if (spec?.choices) return fitting(candidates(...spec.choices))
    if (spec?.value === 'AGENT') return fitting(pluginCandidates(context.plugins, 'agent'))
    return []
  }
}

function agentDdl(plugins: PluginShelf, name: string): AgentDdl | undefined {
  try {
    return plugins.load('agent', name) as AgentDdl
  } catch {
    return undefined
  }
}
