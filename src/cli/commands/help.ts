// `mco help`: the list of commands, or the help of one; the documentation of an agent when the word is no command. [cli 8.6]

import { renderDdl } from '#rpc/ddl/doc.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { helpScreen } from '../help-screen.ts'
import { usageError } from '../usage-error.ts'

export const help: Command = {
  name: 'help',
  summary: 'Application list and help',
  usage: ['help [<command> | <agent>]'],
  options: [],
  groups: [],
  examples: [
    { says: 'all commands', type: 'help' },
    { says: 'one command, one agent', type: 'help rpc; mco help rpcutil' },
  ],
  async run({ terminal, words, settings, plugins, commands }) {
    const [word] = words
    if (word === undefined) {
      const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(15)} ${summary}`)
      terminal.out([`The Marionette Collective, Troupe ${settings.version}`, '', ...lines, ''].join('\n'))
      return EXIT.ok
    }
    const entry = Object.hasOwn(commands, word) ? commands[word] : undefined
    if (entry) {
      terminal.out(helpScreen(await entry.load(), settings.version))
      return EXIT.ok
    }
    const known = plugins.list().some((plugin) => plugin.kind === 'agent' && plugin.name === word)
    if (!known) throw usageError(`no command and no agent is named '${word}', see mco help and mco plugin doc`)
    terminal.out(renderDdl(plugins.load('agent', word)))
    return EXIT.ok
  },
}
