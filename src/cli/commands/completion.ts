// `mco completion`: what completion scripts ask while an operator types, and the scripts themselves. [cli 8.8, M-012]

import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { optionsOf } from '../options.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const LISTS = ['list-agents', 'list-actions', 'list-inputs', 'list-applications', 'list-options'] as const
const CHOICES = '--list-[agents|actions|inputs|applications]'

export const completion: Command = {
  name: 'completion',
  summary: 'Helper for shell completion systems, and the completion scripts themselves',
  usage: [
    'completion <bash | zsh | fish>',
    'completion --list-applications | --list-agents | --list-actions | --list-inputs',
  ],
  options: [
    { name: 'list-agents', description: 'List all known agents' },
    { name: 'list-actions', description: 'List all actions for an agent' },
    { name: 'list-inputs', description: 'List all inputs for an action' },
    { name: 'list-applications', description: 'List all known applications' },
    { name: 'list-options', description: 'List the options of the application named by --application' },
    { name: 'application', value: 'APPLICATION', description: 'Application whose options are listed' },
    { name: 'agent', value: 'AGENT', description: 'The agent to operate on' },
    { name: 'action', value: 'ACTION', description: 'The action to operate on' },
  ],
  groups: [],
  notes: [
    'The scripts ask mco itself, so new commands, agents and actions complete at once. With -v each line is name:description. A list for',
    'an agent that is not installed is empty.',
  ],
  json: { shape: '[{"name", "description"}]' },
  examples: [
    { says: 'for bash', type: 'completion bash > /etc/bash_completion.d/mco' },
    { says: 'for zsh', type: `completion zsh > "\${fpath[1]}/_mco"` },
    { says: 'for fish', type: 'completion fish > ~/.config/fish/completions/mco.fish' },
  ],
  async run(context) {
    const { words, options, terminal, json, verbose } = context
    const [shell] = words
    if (shell !== undefined) {
      const { completionScript } = await import('../completion-scripts.ts')
      terminal.out(completionScript(shell))
      return EXIT.ok
    }
    const chosen = LISTS.filter((name) => options.flag(name))
    if (chosen.length === 0) throw usageError(`Please choose either ${CHOICES}`)
    if (chosen.length > 1) throw usageError(`Please choose only one of ${CHOICES}`)
    const items = await itemsOf(context, chosen[0] as (typeof LISTS)[number])
    if (json) terminal.json(items)
    else for (const { name, description } of items) terminal.out(verbose ? `${name}:${oneLine(description)}` : name)
    return EXIT.ok
  },
}

interface Item {
  readonly name: string
  readonly description: string
}

async function itemsOf(context: CommandContext, list: (typeof LISTS)[number]): Promise<readonly Item[]> {
  const { plugins, options, commands } = context
  switch (list) {
    case 'list-applications':
      return Object.entries(commands).map(([name, { summary }]) => ({ name, description: summary }))
    case 'list-agents':
      return plugins
        .list()
        .filter(({ kind, ddl }) => kind === 'agent' && ddl !== undefined)
        .map(({ name, ddl }) => ({ name, description: ddl?.metadata.description ?? '' }))
    case 'list-actions': {
      const agent = options.text('agent')
      if (agent === undefined) throw usageError('Please specify an agent to list actions for')
      return (agentDdl(context, agent)?.actions ?? []).map(({ name, description }) => ({ name, description }))
    }
    case 'list-inputs': {
      const agent = options.text('agent')
      const action = options.text('action')
      if (agent === undefined || action === undefined)
        throw usageError('Please specify an agent and action to list inputs for')
      const inputs = agentDdl(context, agent)?.actions.find(({ name }) => name === action)?.inputs ?? []
      return inputs.map(({ name, description }) => ({ name, description }))
    }
    case 'list-options': {
      const entry = commands[options.text('application') ?? '']
      if (!entry) return []
      const command = await entry.load()
      return optionsOf(command).map(({ name, description }) => ({ name: `--${name}`, description }))
    }
  }
}

/** An unknown or broken agent completes to nothing: a shell prompt is no place for errors. */
function agentDdl({ plugins }: CommandContext, name: string): AgentDdl | undefined {
  try {
    return plugins.load('agent', name) as AgentDdl
  } catch {
    return undefined
  }
}
