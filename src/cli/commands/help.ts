// `mco help`: the list of commands, or the help of one; the documentation of an agent when the word is no command. [cli 8.6]

import { renderDdl } from '#rpc/ddl/doc.ts'
import { commandCandidates, pluginCandidates } from '../candidates.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { helpScreen, versionLine } from '../help-screen.ts'
import { optionsOf } from '../options.ts'
import { usageError } from '../usage-error.ts'

export const help: Command = {
  name: 'help',
  summary: 'Application list and help',
  usage: ['help [<command> | <agent>]'],
  options: [],
  groups: [],
  notes: ['A word that is no command but an agent shows the documentation of its actions, like mco plugin doc.'],
  json: { shape: '[{"name", "summary"}]', note: 'for one command an object with its usage, options and examples' },
  examples: [
    { says: 'all commands', type: 'help' },
    { says: 'one command', type: 'help rpc' },
    { says: 'one agent', type: 'help rpcutil' },
  ],
  complete: (shelf, words) =>
    words.length === 0 ? [...commandCandidates(shelf), ...pluginCandidates(shelf.plugins, 'agent')] : [],
  async run({ terminal, words, settings, plugins, commands, json }) {
    const [word] = words
    if (word === undefined) {
      if (json) {
        terminal.json(Object.entries(commands).map(([name, { summary }]) => ({ name, summary })))
        return EXIT.ok
      }
      const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(15)} ${summary}`)
      terminal.out([versionLine(settings.version), '', ...lines, ''].join('\n'))
      return EXIT.ok
    }
    const entry = Object.hasOwn(commands, word) ? commands[word] : undefined
    if (entry) {
      const command = await entry.load()
      if (json) terminal.json({ ...command, options: optionsOf(command) })
      else terminal.out(helpScreen(command, settings.version))
      return EXIT.ok
    }
    const known = plugins.list().some((plugin) => plugin.kind === 'agent' && plugin.name === word)
    if (!known) throw usageError(`no command and no agent is named '${word}', see mco help and mco plugin doc`)
    const ddl = plugins.load('agent', word)
    if (json) terminal.json(ddl)
    else terminal.out(renderDdl(ddl))
    return EXIT.ok
  },
}
