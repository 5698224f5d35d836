// `npm run lab`: the command line of lab.ts and collective.ts.

import { parseArgs } from 'node:util'
import { startCollective } from './collective.ts'
import { createLab, findLabs, type Lab, sweep } from './lab.ts'
import { startPuppet } from './puppet.ts'

const HELP = `Usage: npm run lab -- COMMAND

Isolated hosts on this machine with a working collective, as root.

    puppet up [--hosts A,B] [--name NAME]     the same with a real Puppet deployment: puppetserver and agents
    up [--hosts A,B] [--name NAME] [--bare]   make hosts; broker and mco on the first; --bare: hosts only
    shell HOST [--user USER]                  a shell in a host, e.g. shell puppetmaster.example.com --user peadmin
    exec HOST [--user USER] -- COMMAND ...    one command in a host
    list                                      labs and their hosts
    down [--name NAME]                        take down that lab, or all
`
const DEFAULT_HOSTS = 'puppetmaster.example.com,agent.example.com'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hosts: { type: 'string', default: DEFAULT_HOSTS },
    name: { type: 'string' },
    user: { type: 'string', default: 'root' },
    bare: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [command, ...words] = positionals

try {
  process.exitCode = values.help ? help(0) : await runCommand()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

async function runCommand(): Promise<number> {
  switch (command) {
    case 'up':
      return up()
    case 'puppet':
      return runPuppetCommand(words[0])
    case 'shell':
      return inHost(words[0], ['bash', '-l'])
    case 'exec':
      return inHost(words[0], words.slice(1))
    case 'list':
      for (const lab of findLabs()) console.log(`${lab.name}: ${lab.hosts.map((host) => host.name).join(', ')}`)
      return 0
    case 'down':
      return down()
    default:
      return help(command === undefined ? 0 : 1)
  }
}

function help(code: number): number {
  console.log(HELP)
  return code
}

/** `puppet up`; the other words are those of every lab. */
async function runPuppetCommand(word: string | undefined): Promise<number> {
  if (word === 'shell') return inHost(words[1], ['bash', '-l'])
  if (word === 'down') return down()
  return word === 'up' ? up({ puppet: true }) : help(1)
}

async function up({ puppet }: { puppet: boolean } = { puppet: false }): Promise<number> {
  const hosts = values.hosts.split(',').map((host) => host.trim())
  const lab = await createLab({ hosts, tied: false, ...(values.name === undefined ? {} : { name: values.name }) })
  console.log(`Lab ${lab.name}: ${hosts.join(', ')}`)
  if (values.bare) return 0
  try {
    if (puppet) {
      console.log(
        'puppetserver starts, which takes a minute or three; every agent gets a certificate and its first run',
      )
      await startPuppet(lab)
    }
    await startCollective(lab, puppet ? { classes: 'puppet' } : {})
  } catch (error) {
    await lab.down()
    throw error
  }
  console.log(`\nTry: npm run lab -- shell ${hosts[0]} --user peadmin\n     mco ping`)
  return 0
}

async function down(): Promise<number> {
  for (const lab of findLabs().filter((one) => values.name === undefined || one.name === values.name)) {
    await lab.down()
    console.log(`Lab ${lab.name} is down`)
  }
  for (const name of sweep()) console.log(`Lab ${name} was dead; its folder is removed`)
  return 0
}

async function inHost(name: string | undefined, argv: readonly string[]): Promise<number> {
  if (name === undefined || argv.length === 0) return help(1)
  const host = findLabs()
    .flatMap((lab: Lab) => lab.hosts)
    .find((one) => one.name === name || one.name.split('.')[0] === name)
  if (!host) throw new Error(`no lab has a host ${name}: \`npm run lab -- list\` shows those there are`)
  const terminal = process.stdin.isTTY && process.env.TERM ? { TERM: process.env.TERM } : {}
  const child = host.spawn(argv, { user: values.user, interactive: true, env: terminal })
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)))
}
