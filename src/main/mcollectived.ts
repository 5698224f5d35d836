// The `mcollectived` program: a node wired to its configuration, log, facts, broker and signals. [agents 16, wire 7.6]
// TERM and INT stop, USR1 loads the agents anew, USR2 moves to the next log level, WINCH opens the logs anew.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import { FACT_SOURCE_BYTES_MAX } from '#base/limits.ts'
import { loadConfig } from '#config/load.ts'
import type { ServerSettings } from '#config/settings.ts'
import { createHost } from '#daemon/host.ts'
import type { PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import { createClassesFile } from '#puppet/classes/classes-file.ts'
import { createBuiltinCollector } from '#puppet/facts/builtin/builtin-collector.ts'
import { chooseFacts } from '#puppet/facts/choose-facts.ts'
import { isDetached, runDetached } from './detach.ts'
import { type LogOutput, nextLevel, openLogOutput } from './log-output.ts'
import { connectorOf, securityOf } from './member.ts'
import { createNode, puppetOf } from './node.ts'
import { announceReady, stopWithParent } from './parent.ts'
import { VERSION } from './version.ts'

const USAGE = `Usage: mcollectived [OPTIONS]

    -c, --config FILE    configuration (/etc/puppetlabs/mcollective/server.cfg, else /etc/mcollective/server.cfg)
    -p, --pidfile FILE   write the process id to FILE
        --daemonize      go to the background
        --no-daemonize   stay in the foreground
        --version        print the version
    -h, --help           print this
`

interface Options {
  readonly config?: string
  readonly pidfile?: string
  readonly daemonize?: boolean
  readonly help?: boolean
  readonly version?: boolean
}

async function main(args: string[]): Promise<void> {
  const options = readOptions(args)
  if (options.help || options.version) {
    process.stdout.write(options.version ? `mcollectived ${VERSION}\n` : USAGE)
    return
  }
  const files = { read: (path: string) => readFileSync(path, 'utf8'), list: (path: string) => readdirSync(path) }
  const place = { env: process.env, home: homedir(), hostname: hostname(), files }
  const settings = loadConfig(
    'server',
    options.config === undefined ? place : { ...place, file: resolve(options.config) },
  )
  if (options.daemonize ?? settings.daemonize ?? false) {
    await runDetached([...args.filter((arg) => arg !== '--daemonize'), '--no-daemonize'])
    return
  }
  const log = openLogOutput(settings.log, 'mcollectived')
  for (const warning of settings.warnings) log.warn(warning)
  try {
    await run(settings, log, options.pidfile === undefined ? settings.pidFile : resolve(options.pidfile))
  } catch (error) {
    log.fatal(messageOf(error))
    throw error
  }
}

function readOptions(args: string[]): Options {
  const flag = { type: 'boolean' } as const
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args,
      options: {
        config: { ...text, short: 'c' },
        pidfile: { ...text, short: 'p' },
        daemonize: flag,
        help: { ...flag, short: 'h' },
        version: flag,
      },
      allowNegative: true,
    }).values
  } catch (error) {
    throw new TroupeError('USAGE_BAD_OPTION', `${messageOf(error)}\n${USAGE}`)
  }
}

async function run(settings: ServerSettings, log: LogOutput, pidFile: string | undefined): Promise<void> {
  const clock = systemClock
  const ending = new AbortController()
  const { source, yamlFiles, cacheSeconds, facterCommand, facterTimeoutSeconds } = settings.facts
  const facts = chooseFacts({
    ...{ source, yamlFiles, cacheSeconds, facterCommand, facterTimeoutSeconds, clock, log },
    builtin: createBuiltinCollector(),
    run: createHost({ outputBytesMax: FACT_SOURCE_BYTES_MAX }).run,
  })
  const puppet = puppetOf(settings)
  const node = createNode(settings, {
    puppet,
    connector: connectorOf(settings, { log, clock, giveUpOnRefusal: false }),
    security: securityOf(settings, log),
    facts,
    classes: createClassesFile(settings.classesFile, clock),
    clock,
    log,
    onExit: () => void stop('controller exit'),
  })
  let stopping = false
  const stop = async (why: string): Promise<void> => {
    if (stopping) return
    stopping = true
    log.info(`stopping: ${why}`)
    ending.abort()
    await node.stop()
    if (pidFile !== undefined) rmSync(pidFile, { force: true })
    log.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(signal))
  process.on('SIGUSR1', () => void node.daemon.reloadAgents().catch((error) => log.error(messageOf(error))))
  process.on('SIGUSR2', () => log.fatal(`log level is now ${nextLevel(log)}`))
  process.on('SIGWINCH', () => {
    log.reopen()
    node.reopen()
  })
  if (!isDetached()) stopWithParent(() => void stop('the process that started it has ended'))
  // A promise an agent forgot must not take the node down; after an exception out of nowhere nothing is sure any more.
  process.on('unhandledRejection', (error) => log.error(`an agent left a failure unhandled: ${messageOf(error)}`))
  process.on('uncaughtException', (error) => {
    log.fatal(`ending, because of an unexpected failure: ${error.stack ?? messageOf(error)}`)
    process.exit(1)
  })

  if (pidFile !== undefined) writeFileSync(pidFile, `${process.pid}\n`)
  log.info(`mcollectived ${VERSION} starts as ${settings.identity}`, { config: settings.file })
  await facts.start(ending.signal)
  try {
    await node.start(ending.signal)
  } catch (error) {
    if (stopping) return
    throw error
  }
  announceReady()
  if (settings.agentActivated('puppet') || settings.agentActivated('puppetd')) await askPuppet(puppet, log)
}

/** Puppet takes seconds to tell where its files are: better now than when a filter has one second to be decided. */
async function askPuppet(puppet: PuppetAgent, log: LogOutput): Promise<void> {
  if (!(await puppet.present())) return log.info('there is no Puppet here: agents puppet and puppetd are not active')
  await puppet.settings().catch((error) => log.warn(messageOf(error)))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`mcollectived: ${messageOf(error)}\n`)
  process.exit(1)
}
