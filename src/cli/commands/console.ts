// `mco console`: the web console in the foreground, and one-time links to sign in to it. What is served is main's and the console's; here
// are words, options and what is told. [issue: mco console]

import { candidates } from '../candidates.ts'
import type { Command, CommandContext } from '../command.ts'
import type { ConsoleLink } from '../console-program.ts'
import { EXIT } from '../exit-codes.ts'
import { usageError } from '../usage-error.ts'

export const webConsole: Command = {
  name: 'console',
  summary: 'Live Management in a browser: serve the web console, make a link to sign in',
  usage: ['console', 'console link [--account NAME]'],
  options: [{ name: 'account', value: 'NAME', description: 'link: sign in as this account' }],
  groups: [],
  notes: [
    'The console runs until Ctrl-C or SIGTERM. It speaks to the nodes with the configuration of mco, in the name of whoever is signed in: user=NAME',
    'under psk, cert=console.NAME under aes, for ActionPolicy and the audit. There is no default password: the first start prints a link',
    'that makes the first account, once, within 15 minutes. `mco console link` makes another one, also for somebody whose password is',
    'lost. Settings begin with console., see docs/reference/settings.md; docs/guide/console.md tells the rest.',
  ],
  json: {
    shape: '{"url", "authority", "link": {"url", "account", "minutes"}}',
    note: 'link: {"url", "account", "minutes"}; account is absent when the link makes the first one',
  },
  examples: [
    { says: 'serve it', type: 'console' },
    { says: 'a link to sign in, as the first administrator', type: 'console link' },
    { says: 'a link for somebody who lost the password', type: 'console link --account alice' },
  ],
  complete: (_, [action]) => (action === undefined ? candidates('link') : []),
  async run(context) {
    const [action, ...rest] = context.words
    if (rest.length > 0) throw usageError(`Unknown word ${rest[0]}`)
    if (action !== undefined && action !== 'link') {
      throw usageError(`Invalid action ${action}, please run 'mco help console' for help. Known is link`)
    }
    if (action === 'link') return link(context)
    if (context.options.text('account') !== undefined) throw usageError('--account is for `mco console link`')
    return serve(context)
  },
}

async function serve(context: CommandContext): Promise<number> {
  const { terminal } = context
  const program = await context.consoleProgram()
  const stop = new Promise<void>((resolve) => context.onInterrupt(resolve))
  await program.serve({
    stop,
    started({ url, authorityFile, link }) {
      if (context.json) {
        terminal.json({ url, ...(authorityFile ? { authority: authorityFile } : {}), ...(link ? { link } : {}) })
        return
      }
      terminal.out(`Console ${url}`)
      if (authorityFile) terminal.out(`  its certificate is signed by ${authorityFile}`)
      if (link) terminal.out(`  to make the first account, within ${link.minutes} minutes: ${link.url}`)
    },
  })
  return EXIT.ok
}

async function link(context: CommandContext): Promise<number> {
  const made = await (await context.consoleProgram()).link(context.options.text('account'))
  if (context.json) context.terminal.json(made)
  else {
    context.terminal.err(told(made))
    context.terminal.out(made.url)
  }
  return EXIT.ok
}

function told({ account, minutes }: ConsoleLink): string {
  const what = account === undefined ? 'To make the first account' : `To sign in as ${account}`
  return `${what}, once and within ${minutes} minutes:`
}
