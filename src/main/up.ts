// `npm start`: a collective on this machine in the foreground: the embedded broker with TLS, this machine as a node and, if
// asked for, further nodes; each a process of its own. Shows that it works, says what to try, and stops all it started.
// What is kept between starts is setup/state-directory.ts.

import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isTroupeError, messageOf, TroupeError } from '#base/errors.ts'
import { searchPaths } from '#config/load.ts'
import { prepareStateDirectory, type Security, type StateDirectory } from '#setup/state-directory.ts'
import { type Child, startChild } from './child.ts'
import { lockHolder, takeLock } from './run-lock.ts'

const HELP = `Usage: npm start -- [--dir DIR] [--port PORT] [--nodes N] [--security SCHEME] [--console-port PORT | --no-console]

Starts a message broker with TLS, this machine as a node and the web console, and stays in the foreground until Ctrl-C.

    --dir DIR      where keys, certificates, configuration and logs are kept (~/.troupe)
    --port PORT    port of the broker on 127.0.0.1 (61613)
    --nodes N      further nodes with facts and classes to try filters on (0)
    --security S   psk: one shared key; aes: keys of every caller and node (the one used before, else psk)
    --console-port PORT    port of the web console on 127.0.0.1 (4433, or the next that is free)
    --no-console   no web console
`
const NODES_MAX = 500
const FACT_LINES_SHOWN = 12

const bin = (name: string): string => fileURLToPath(new URL(`../../bin/${name}`, import.meta.url))
const say = (text = ''): void => void process.stdout.write(`${text}\n`)

interface Options {
  readonly directory: string
  readonly port: number | undefined
  readonly nodes: number
  readonly security: Security | undefined
  /** undefined: the one used before, or one that is free. */
  readonly consolePort: number | undefined
  readonly withConsole: boolean
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) return 0
  const lockFile = join(options.directory, 'run', 'up.pid')
  refuseSecond(lockFile, options.directory)
  const prepare = (ports: Partial<Options>): Promise<StateDirectory> =>
    prepareStateDirectory({ ...options, ...ports, identity: identityOfHost(), nowMs: Date.now() })
  let state = await prepare({})
  const release = takeLock(lockFile)
  if (!release) throw alreadyRunning(lockFile, options.directory)
  try {
    await refusePortInUse(state.port, 'the broker', 'port')
    if (options.consolePort !== undefined) await refusePortInUse(options.consolePort, 'the console', 'console-port')
    else if (options.withConsole && (await inUse(state.consolePort))) {
      // Nobody asked for that one; the broker's is what nodes are told, the console's is only printed.
      state = await prepare({ consolePort: await freePortAfter(state.consolePort) })
    }
    return await runCollective(state, options.withConsole)
  } finally {
    release()
  }
}

function readOptions(args: string[]): Options | undefined {
  const bad = (why: string): TroupeError =>
    new TroupeError('USAGE_BAD_OPTION', `cannot start: ${why}; \`npm start -- --help\` lists the options`)
  let values: Partial<Record<'dir' | 'port' | 'nodes' | 'security' | 'console-port', string>> & {
    help?: boolean
    console?: boolean
  }
  try {
    const string = { type: 'string' } as const
    const help = { type: 'boolean', short: 'h' } as const
    const web = { console: { type: 'boolean' }, 'console-port': string } as const
    const options = { dir: string, port: string, nodes: string, security: string, help, ...web }
    values = parseArgs({ args, options, allowNegative: true }).values
  } catch (error) {
    throw bad(messageOf(error).split('\n')[0]!)
  }
  if (values.help) {
    process.stdout.write(HELP)
    return undefined
  }
  const number = (name: string, text: string | undefined, min: number, max: number): number | undefined => {
    if (text === undefined) return undefined
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= min && value <= max)) throw bad(`--${name} is '${text}' and must be a number from ${min} to ${max}`)
    return value
  }
  if (values.dir === '') throw bad('--dir is empty')
  const { security } = values
  if (security !== undefined && security !== 'psk' && security !== 'aes') {
    throw bad(`--security is '${security}' and must be psk or aes`)
  }
  return {
    directory: resolve(values.dir ?? join(homedir(), '.troupe')),
    port: number('port', values.port, 1, 65_535),
    consolePort: number('console-port', values['console-port'], 1, 65_535),
    withConsole: values.console ?? true,
    nodes: number('nodes', values.nodes, 0, NODES_MAX) ?? 0,
    security,
  }
}

/** The host's name, in the characters an identity may have. [wire 6.8] */
function identityOfHost(): string {
  return hostname().replace(/[^\w.-]/g, '-') || 'localhost'
}

function refuseSecond(lockFile: string, directory: string): void {
  if (lockHolder(lockFile) !== undefined) throw alreadyRunning(lockFile, directory)
}

function alreadyRunning(lockFile: string, directory: string): TroupeError {
  const pid = lockHolder(lockFile)
  return new TroupeError(
    'SETUP_ALREADY_RUNNING',
    `a collective already runs from ${directory} (process ${pid}): use it with bin/mco, stop it with Ctrl-C where it runs, or start another with --dir DIR --port PORT`,
  )
}

/** Before the program is started, because its own complaint would be in a log. */
async function refusePortInUse(port: number, who: string, option: string): Promise<void> {
  const problem = await inUse(port)
  if (problem === undefined) return
  throw new TroupeError(
    'SETUP_PORT_IN_USE',
    `cannot start ${who} on 127.0.0.1:${port} (${problem.code}): stop the program that listens there, or choose another port: npm start -- --${option} ${port + 1}`,
    { cause: problem },
  )
}

/** Why that port of 127.0.0.1 cannot be listened on; undefined: it can. */
async function inUse(port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>()
  server.once('error', resolve)
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)))
  return promise
}

const PORTS_TRIED_MAX = 50

async function freePortAfter(port: number): Promise<number> {
  for (let next = port + 1; next <= port + PORTS_TRIED_MAX; next++) if (!(await inUse(next))) return next
  throw new TroupeError(
    'SETUP_PORT_IN_USE',
    `cannot start the console: ports ${port} to ${port + PORTS_TRIED_MAX} of 127.0.0.1 are all in use; choose one with --console-port, or say --no-console`,
  )
}

/** Runs until a signal or a failure; returns the exit code. Everything it starts has ended when it returns. */
async function runCollective(state: StateDirectory, withConsole: boolean): Promise<number> {
  const { promise: over, resolve: finish } = Promise.withResolvers<number>()
  const children: Child[] = []
  let ending = false
  const fail = (error: unknown): void => {
    if (ending) return
    ending = true
    process.stderr.write(`\n${describe(error)}\n`)
    finish(1)
  }
  const quit = (): void => {
    ending = true
    finish(0)
  }
  process.stdout.on('error', quit)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit)
  process.once('disconnect', quit)

  void bringUp(state, withConsole, children, fail).then(
    () => say('Running. Ctrl-C stops everything.'),
    (error) => fail(error),
  )
  const code = await over
  if (code === 0) say('\nStopping ...')
  await Promise.all(children.slice(1).map((child) => child.stop()))
  await children[0]?.stop()
  return code
}

async function bringUp(
  state: StateDirectory,
  withConsole: boolean,
  children: Child[],
  fail: (error: unknown) => void,
): Promise<void> {
  say(`${state.created ? 'Made' : 'Using'} keys, certificates and configuration in ${state.directory}`)
  for (const note of state.notes) say(`  ${note}`)
  const start = (
    name: string,
    command: string,
    args: readonly string[],
    logFile: string,
    onLeave?: () => void,
  ): Child => {
    const child = startChild({ name, command, args, logFile, onEnd: fail, ...(onLeave ? { onLeave } : {}) })
    children.push(child)
    return child
  }
  const broker = start('the broker', bin('troupe-broker'), ['--config', state.brokerConfig], state.brokerLogFile)
  await broker.ready
  const encrypted = state.security === 'aes' ? ', messages are encrypted end to end' : ''
  say(`Broker with TLS on 127.0.0.1:${state.port}${encrypted}`)
  const nodes = state.nodes.map(({ identity, config, logFile }) =>
    // `mco controller exit` takes one node out; the others stay.
    start(`the node ${identity}`, bin('mcollectived'), ['--config', config, '--no-daemonize'], logFile, () =>
      say(`The node ${identity} has left the collective.`),
    ),
  )
  const pages = withConsole ? startConsole(state, children) : undefined
  await Promise.all(nodes.map((node) => node.ready))
  say(`${nodes.length === 1 ? 'Node' : 'Nodes'} ${listed(state.nodes.map((node) => node.identity))}`)
  await demonstrate(state)
  if (pages) say(await pages)
}

/** What to tell of the console: its link, or why there is none. The collective goes on without it. */
async function startConsole(state: StateDirectory, children: Child[]): Promise<string> {
  const logFile = join(state.directory, 'log', 'console.log')
  const words = ['console', '-c', state.clientConfig]
  let isUp = false
  const onEnd = (error: TroupeError): void => {
    if (isUp) say(`The console has ended: ${error.message}`)
  }
  const child = startChild({ name: 'the console', command: bin('mco'), args: words, logFile, onEnd })
  children.push(child)
  try {
    await child.ready
    isUp = true
    return `Console ${(await mco(state, ['console', 'link'])).trim()}\n`
  } catch (error) {
    return `No console: ${describe(error)}\n`
  }
}

function listed(names: readonly string[]): string {
  return names.length <= 6 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
}

/** Shows the collective at work, then what else there is. */
async function demonstrate(state: StateDirectory): Promise<void> {
  const identity = state.nodes[0]!.identity
  for (const words of [['ping'], ['find'], ['inventory', identity]]) {
    say(`\n$ mco ${words.join(' ')}`)
    say(shortened(await mco(state, words)))
  }
  const command = clientConfigIsDefault(state.clientConfig) ? 'bin/mco' : `bin/mco -c ${state.clientConfig}`
  const filter = state.nodes.length > 1 ? 'osfamily=RedHat' : 'kernel=Linux'
  say(`
Try next, in a second shell here:
  ${command} rpc rpcutil get_fact fact=osfamily
  ${command} find -F ${filter}
  ${command} facts operatingsystem
  ${command} controller stats
  ${command} help
`)
}

function mco(state: StateDirectory, words: readonly string[]): Promise<string> {
  const env = { ...process.env }
  delete env.MCOLLECTIVE_EXTRA_OPTS
  const child = spawn(bin('mco'), [...words, '-c', state.clientConfig], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let output = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  child.once('error', reject)
  child.once('close', (code) => {
    if (code === 0) resolve(output)
    else
      reject(
        new TroupeError(
          'SETUP_PROGRAM_FAILED',
          `mco ${words.join(' ')} ended with code ${code}:\n${output}${complaints}`,
        ),
      )
  })
  return promise
}

/** An inventory without most of its facts; other screens as they are. */
function shortened(screen: string): string {
  const lines = screen.replace(/^\n+|\n+$/g, '').split('\n')
  const facts = lines.findIndex((line) => line.trim() === 'Facts:')
  if (facts < 0 || lines.length - facts <= FACT_LINES_SHOWN + 2) return lines.join('\n')
  const more = lines.length - facts - 1 - FACT_LINES_SHOWN
  return [...lines.slice(0, facts + 1 + FACT_LINES_SHOWN), `      ... ${more} more`].join('\n')
}

/** True when mco finds this file without being told. */
function clientConfigIsDefault(file: string): boolean {
  return searchPaths('client', homedir()).find(isReadable) === file
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

function describe(error: unknown): string {
  return isTroupeError(error) ? `${error.message} [${error.code}]` : `cannot start: ${messageOf(error)}`
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${describe(error)}\n`)
  process.exitCode = 1
}
if (process.connected) process.disconnect()
