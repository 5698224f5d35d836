// `mco completion`: what completion scripts ask while an operator types, and the scripts themselves. [cli 8.8, M-012]

import {
  actionCandidates,
  candidates,
  commandCandidates,
  completeLine,
  inputCandidates,
  pluginCandidates,
} from '../candidates.ts'
import type { Candidate, Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { optionsOf } from '../options.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const LISTS = ['list-agents', 'list-actions', 'list-inputs', 'list-applications', 'list-options', 'complete'] as const
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
    { name: 'complete', description: 'List what may stand in place of the last of the words that follow --' },
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
  complete: (_, words) => (words.length === 0 ? candidates('bash', 'zsh', 'fish') : []),
  async run(context) {
    const { words, options, terminal, json, verbose } = context
    const [shell] = words
    if (!options.flag('complete') && shell !== undefined) {
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

async function itemsOf(context: CommandContext, list: (typeof LISTS)[number]): Promise<readonly Candidate[]> {
  const { plugins, options, commands, words } = context
  const agent = options.text('agent')
  const action = options.text('action')
  switch (list) {
    case 'list-applications':
      return commandCandidates(context)
    case 'list-agents':
      return pluginCandidates(plugins, 'agent')
    case 'list-actions':
      if (agent === undefined) throw usageError('Please specify an agent to list actions for')
      return actionCandidates(plugins, agent)
    case 'list-inputs':
      if (agent === undefined || action === undefined)
        throw usageError('Please specify an agent and action to list inputs for')
      return inputCandidates(plugins, agent, action)
    case 'list-options': {
      const name = options.text('application') ?? ''
      const command = Object.hasOwn(commands, name) ? await commands[name]?.load() : undefined
      if (!command) return []
      return optionsOf(command).map((spec) => ({ name: `--${spec.name}`, description: spec.description }))
    }
    case 'complete':
      return completeLine(context, words)
  }
}
