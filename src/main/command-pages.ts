// Every page that is made from the programs: the reference of commands and the manual pages. scripts/command-pages.mjs writes them, a
// test holds them against what is committed.

import { COMMANDS } from '#cli/commands.ts'
import { commandPage, type ManPage, manPage, mcoPage } from '#cli/man-page.ts'
import { renderCommandsPage } from '#cli/reference-page.ts'
import { VERSION } from './version.ts'

/** Path relative to the project -> text. */
export async function commandPages(): Promise<ReadonlyMap<string, string>> {
  const commands = await Promise.all(Object.values(COMMANDS).map((entry) => entry.load()))
  const man = [
    mcoPage(COMMANDS, VERSION),
    daemonPage(),
    brokerPage(),
    ...commands.map((command) => commandPage(command, VERSION)),
  ]
  return new Map([
    ['docs/reference/commands.md', renderCommandsPage(commands)],
    ...man.map(({ file, text }) => [`man/${file}`, text] as const),
  ])
}

function daemonPage(): ManPage {
  return manPage({
    name: 'mcollectived',
    section: 8,
    summary: 'the node daemon of the collective',
    version: VERSION,
    synopsis: ['mcollectived [--config FILE] [--pidfile FILE] [--daemonize | --no-daemonize]'],
    sections: [
      {
        title: 'DESCRIPTION',
        paragraphs: [
          'mcollectived makes this machine a node of the collective: it takes requests from the message bus, tests whether their filter fits this node, whether the caller may do what is asked, runs the action of an agent, and answers.',
        ],
      },
      {
        title: 'OPTIONS',
        terms: [
          ['-c, --config FILE', 'The configuration to use.'],
          ['-p, --pidfile FILE', 'Write the process id to FILE.'],
          ['--daemonize', 'Go to the background; the setting daemonize does the same.'],
          ['--no-daemonize', 'Stay in the foreground whatever the configuration says.'],
          ['--version', 'Print the version.'],
          ['-h, --help', 'Print a list of the options.'],
        ],
      },
      {
        title: 'SIGNALS',
        terms: [
          ['TERM, INT', 'Leave the collective and end.'],
          ['USR1', 'Load new and changed agents from disk, as mco controller reload_agents does.'],
          ['USR2', 'Move to the next log level.'],
          ['WINCH', 'Open log and audit files anew, after they were rotated.'],
        ],
      },
      {
        title: 'FILES',
        terms: [
          ['/etc/puppetlabs/mcollective/server.cfg', 'The configuration, unless --config names another.'],
          ['/etc/mcollective/server.cfg', 'The second place it is looked for.'],
        ],
      },
      { title: 'SEE ALSO', paragraphs: ['mco(1), mco-controller(1)'] },
    ],
  })
}

function brokerPage(): ManPage {
  return manPage({
    name: 'troupe-broker',
    section: 8,
    summary: 'the embedded STOMP broker of the collective',
    version: VERSION,
    synopsis: ['troupe-broker [--config FILE]'],
    sections: [
      {
        title: 'DESCRIPTION',
        paragraphs: [
          'troupe-broker carries messages between mco and mcollectived: STOMP 1.0, 1.1 and 1.2 over TLS. It routes frames and cannot make a message that a node believes. It stays in the foreground.',
        ],
      },
      {
        title: 'OPTIONS',
        terms: [
          ['-c, --config FILE', 'The configuration to use.'],
          ['--version', 'Print the version.'],
          ['-h, --help', 'Print how it is called.'],
        ],
      },
      {
        title: 'SIGNALS',
        terms: [
          ['TERM, INT', 'Hand out what waits, then end.'],
          ['USR2', 'Move to the next log level.'],
          ['WINCH', 'Open the log file anew, after it was rotated.'],
        ],
      },
      {
        title: 'FILES',
        terms: [['/etc/puppetlabs/mcollective/broker.cfg', 'The configuration, unless --config names another.']],
      },
      { title: 'SEE ALSO', paragraphs: ['mco(1), mcollectived(8)'] },
    ],
  })
}
