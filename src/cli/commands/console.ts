// `mco console`: the web console in the foreground, and one-time links to sign in to it. What is served is main's and the console's; here
// are words, options and what is told. [issue: mco console]

import { candidates } from '../candidates.ts'
import type { Command, CommandContext } from '../command.ts'
import type { ConsoleAddress, ConsoleInBackground, ConsoleLink, ConsoleProgram } from '../console-program.ts'
import { EXIT } from '../exit-codes.ts'
import { usageError } from '../usage-error.ts'

export const webConsole: Command = {
  name: 'console',
  summary: 'Live Management in a browser: serve the web console, make a link to sign in',
  usage: ['console [--daemonize] [--pidfile FILE]', 'console link [--account NAME]'],
  options: [
    { name: 'account', value: 'NAME', description: 'link: sign in as this account' },
    { name: 'daemonize', description: 'Go to the background as soon as it serves' },
    { name: 'pidfile', value: 'FILE', description: 'Write the process id to FILE' },
  ],
  groups: [],
  notes: [
    'The console runs until Ctrl-C or SIGTERM. It speaks to the nodes with the configuration of mco, in the name of whoever is signed in: user=NAME',
    'under psk, cert=console.NAME under aes, for ActionPolicy and the audit. There is no default password: at first, a terminal gets a link',
    'that makes the first account, once, within 15 minutes. `mco console link` makes one whenever needed, also for somebody whose password is',
    'lost. With --daemonize it is told where the console serves, or why it does not, and it goes on in the background, its log in console.logfile;',
    'USR2 moves to the next log level, WINCH opens the log anew. Settings begin with console., see docs/reference/settings.md; docs/guide/console.md tells the rest.',
  ],
  json: {
    shape: '{"url", "authority", "needsAccount", "pid"}',
    note: 'pid with --daemonize, alone when the console is not in service after five seconds. link: {"url", "account", "minutes"}; account is absent when the link makes the first one',
  },
  examples: [
    { says: 'serve it', type: 'console' },
    { says: 'serve it in the background', type: 'console --daemonize --pidfile /run/troupe-console.pid' },
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
    if (action === 'link') {
      if (context.options.flag('daemonize') || context.options.text('pidfile') !== undefined)
        throw usageError('--daemonize and --pidfile are for `mco console` without a word')
      return link(context)
    }
    if (context.options.text('account') !== undefined) throw usageError('--account is for `mco console link`')
    return serve(context)
  },
}

async function serve(context: CommandContext): Promise<number> {
  const program = await context.consoleProgram()
  const daemonize = context.options.flag('daemonize')
  const inBackground = daemonize ? await program.background() : undefined
  if (inBackground) return tellOfBackground(context, program, inBackground)
  const stop = new Promise<void>((resolve) => context.onInterrupt(resolve))
  await program.serve({
    ...{ stop, daemonize, pidFile: context.options.text('pidfile') },
    started: (address) => tell(context, address),
  })
  return EXIT.ok
}

async function tell({ terminal, json }: CommandContext, address: ConsoleAddress, pid?: number): Promise<void> {
  const { url, authorityFile, firstLink } = address
  if (json) {
    const authority = authorityFile === undefined ? {} : { authority: authorityFile }
    terminal.json({ url, ...authority, needsAccount: firstLink !== undefined, ...(pid === undefined ? {} : { pid }) })
    return
  }
  terminal.out(`Console ${url}`)
  if (authorityFile) terminal.out(`  its certificate is signed by ${authorityFile}`)
  if (!firstLink) return
  // What is no terminal is a log, which is no place for a link that makes an administrator.
  if (!terminal.interactive)
    terminal.out('  there are no accounts: `mco console link` makes a link to make the first one')
  else terminal.out(`  ${told(await firstLink())}`)
}

async function tellOfBackground(
  context: CommandContext,
  program: ConsoleProgram,
  { pid, logFile, address }: ConsoleInBackground,
): Promise<number> {
  if (address) {
    const { needsAccount, ...plain } = address
    await tell(context, { ...plain, ...(needsAccount ? { firstLink: () => program.link(undefined) } : {}) }, pid)
  } else if (context.json) context.terminal.json({ pid })
  if (!context.json) {
    const doing = address ? 'it runs' : 'Console: it is not in service yet, and goes on'
    context.terminal.out(`${address ? '  ' : ''}${doing} in the background as process ${pid}; its log is ${logFile}`)
  }
  return EXIT.ok
}

async function link(context: CommandContext): Promise<number> {
  const made = await (await context.consoleProgram()).link(context.options.text('account'))
  if (context.json) context.terminal.json(made)
  else {
    context.terminal.out(told(made))
  }
  return EXIT.ok
}

function told({ account, minutes, url }: ConsoleLink): string {
  const what = account === undefined ? 'make the first account' : `sign in as ${account}`
  return `${url} (once, within ${minutes} minutes, to ${what})`
}
