// The Ruby baseline of the benches: ActiveMQ and N stock `mcollectived` processes of Debian's MCollective 2.12.5 on loopback, driven by
// the stock `mco`. Makes configurations, starts all, waits until every node answers, runs `mco` and times it, reads the daemons' memory,
// stops what it started. What to run and what to make of it is the benches'; installing packages is a call of its own.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RubyFleetOptions {
  nodes: number
  /** Where configurations and logs go; without it a new directory that `stop` removes. */
  dir?: string
  /** STOMP port on loopback; without it a free one. */
  port?: number
  /** How long all nodes together may take until they answer. */
  startTimeoutMs?: number
  /** Further lines of each daemon's and of the client's configuration. */
  serverLines?: readonly string[]
  clientLines?: readonly string[]
}

export interface RubyRun {
  wallMs: number
  code: number
  stdout: string
  stderr: string
}

export interface RubyNodeMemory {
  identity: string
  pid: number
  rssKb: number
  /** Private_Clean + Private_Dirty: what ending the process would give back. */
  privateKb: number
  pssKb: number
}

export interface RubyFleet {
  readonly dir: string
  readonly port: number
  readonly identities: readonly string[]
  /** Runs the stock `mco` with the fleet's client configuration; wall time includes the start of Ruby. */
  run(args: readonly string[]): Promise<RubyRun>
  memory(): RubyNodeMemory[]
  /** Resident memory of the ActiveMQ process. */
  brokerRssKb(): number
  stop(): Promise<void>
}

const PACKAGES = ['mcollective', 'mcollective-client', 'activemq', 'ruby']
const MCO = '/usr/bin/mco'
const MCOLLECTIVED = '/usr/sbin/mcollectived'
const JAVA = '/usr/bin/java'
const RUBY = '/usr/bin/ruby'
const ACTIVEMQ_HOME = '/usr/share/activemq'
const ACTIVEMQ_JAR = `${ACTIVEMQ_HOME}/bin/activemq.jar`
const LIBDIR = '/usr/share/mcollective/plugins'
const POLICY = '/usr/sbin/policy-rc.d'

const USER = 'mcollective'
const PASSWORD = 'marionette'
const PSK = 's3cr3t'

/** Debian's Ruby has to be found before any other one: the packages' libraries belong to it. */
const DEBIAN_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Psych 4 no longer takes the positional arguments with which 2.12.5 calls `YAML.safe_load`, so that YAML facts would
 * not load.
 */
const PSYCH_SHIM = `require 'yaml'
module PositionalSafeLoad
  def safe_load(yaml, *args, **options)
    [:permitted_classes, :permitted_symbols, :aliases, :filename].zip(args) do |name, value|
      options[name] = value unless value.nil?
    end
    super(yaml, **options)
  end
end
Psych.singleton_class.prepend(PositionalSafeLoad)
`

/** Installs Debian's packages without leaving their services running; needs root. */
export function installRuby(): void {
  if (process.getuid?.() !== 0) throw new Error('ruby-fleet: installing packages needs root')
  if (!existsSync('/usr/bin/apt-get')) throw new Error('ruby-fleet: no apt-get here; the baseline needs Debian 12')
  const ownPolicy = !existsSync(POLICY)
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...PACKAGES]])
      execFileSync('/usr/bin/apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  } finally {
    if (ownPolicy) rmSync(POLICY)
  }
  if (existsSync('/run/systemd/system'))
    for (const unit of ['mcollective', 'activemq']) {
      try {
        execFileSync('/usr/bin/systemctl', ['disable', '--now', unit], { stdio: 'ignore' })
      } catch {
        // A unit the package did not bring cannot be running.
      }
    }
  requireRuby()
}

/** The packages' files that are missing, empty if the baseline can run. */
export function missingRubyFiles(): string[] {
  return [MCO, MCOLLECTIVED, RUBY, JAVA, ACTIVEMQ_JAR, LIBDIR].filter((path) => !existsSync(path))
}

export async function startRubyFleet(options: RubyFleetOptions): Promise<RubyFleet> {
  requireRuby()
  const { nodes } = options
  if (!Number.isInteger(nodes) || nodes < 1) throw new Error(`ruby-fleet: ${nodes} is no number of nodes`)
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'ruby-fleet-'))
  mkdirSync(dir, { recursive: true })
  const port = options.port ?? (await freePort())
  if (await isOpen(port)) throw new Error(`ruby-fleet: port ${port} is taken`)

  const shim = join(dir, 'psych-shim.rb')
  const clientConfig = join(dir, 'client.cfg')
  const clientLog = join(dir, 'client.log')
  writeFileSync(shim, PSYCH_SHIM)
  const common = commonConfig(port)
  const clientOwn = ['identity = client.example.com', `logfile = ${clientLog}`, 'logger_type = file', 'loglevel = warn']
  writeFileSync(clientConfig, [...common, ...clientOwn, ...(options.clientLines ?? []), ''].join('\n'))
  const env = { PATH: DEBIAN_PATH, LANG: 'C.UTF-8', HOME: dir, RUBYOPT: `-r${shim}` }

  const broker = spawnBroker(dir, port)
  const daemons: { identity: string; log: string; child: ChildProcess }[] = []
  const killAll = () => {
    for (const child of [...daemons.map((daemon) => daemon.child), broker]) child.kill('SIGKILL')
  }
  process.once('exit', killAll)

  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      await Promise.all(daemons.map((daemon) => end(daemon.child)))
      await end(broker)
      process.off('exit', killAll)
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
    })()
    return stopping
  }

  const run = (args: readonly string[]): Promise<RubyRun> =>
    timed(MCO, args, { ...env, MCOLLECTIVE_EXTRA_OPTS: `-c ${clientConfig}` })

  const checkAlive = () => {
    if (hasEnded(broker)) throw new Error(`ruby-fleet: ActiveMQ ended: ${tail(join(dir, 'activemq.log'))}`)
    for (const { identity, child, log } of daemons)
      if (hasEnded(child)) throw new Error(`ruby-fleet: mcollectived of ${identity} ended: ${tail(log)}`)
  }

  try {
    await until(60_000, `ActiveMQ does not listen on port ${port}`, 250, async () => {
      checkAlive()
      return isOpen(port)
    })
    for (let index = 1; index <= nodes; index++) {
      const identity = `node${String(index).padStart(3, '0')}.example.com`
      const log = join(dir, `${identity}.log`)
      const child = spawnDaemon(dir, identity, index, log, [...common, ...(options.serverLines ?? [])], env)
      daemons.push({ identity, log, child })
    }
    const identities = daemons.map((daemon) => daemon.identity)
    let answered = new Set<string>()
    await until(
      options.startTimeoutMs ?? 60_000 + nodes * 2_000,
      () => `only ${answered.size} of ${nodes} nodes answer; ${tail(clientLog)}`,
      1_000,
      async () => {
        checkAlive()
        const found = await run(['find', '--discovery-timeout', '5'])
        answered = new Set(found.stdout.split('\n').filter((line) => identities.includes(line)))
        return answered.size === nodes
      },
    )
    return {
      dir,
      port,
      identities,
      run,
      memory: () => {
        checkAlive()
        return daemons.map(({ identity, child }) => ({ identity, ...readMemory(child.pid!) }))
      },
      brokerRssKb: () => readMemory(broker.pid!).rssKb,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function requireRuby(): void {
  const missing = missingRubyFiles()
  if (missing.length > 0)
    throw new Error(
      `ruby-fleet: missing ${missing.join(', ')}; install Debian's packages ${PACKAGES.join(', ')} (installRuby)`,
    )
}

function commonConfig(port: number): string[] {
  return [
    'main_collective = mcollective',
    'collectives = mcollective',
    `libdir = ${LIBDIR}`,
    'securityprovider = psk',
    `plugin.psk = ${PSK}`,
    'direct_addressing = 1',
    'connector = activemq',
    'plugin.activemq.pool.size = 1',
    'plugin.activemq.pool.1.host = 127.0.0.1',
    `plugin.activemq.pool.1.port = ${port}`,
    `plugin.activemq.pool.1.user = ${USER}`,
    `plugin.activemq.pool.1.password = ${PASSWORD}`,
  ]
}

function spawnDaemon(
  dir: string,
  identity: string,
  index: number,
  log: string,
  lines: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const facts = join(dir, `${identity}.facts.yaml`)
  const classes = join(dir, `${identity}.classes`)
  const config = join(dir, `${identity}.cfg`)
  writeFileSync(facts, `---\nosfamily: Debian\noperatingsystem: Debian\nfqdn: ${identity}\nrack: r${index % 10}\n`)
  writeFileSync(classes, 'default\nntp\nrole::web\n')
  const own = [
    `identity = ${identity}`,
    `logfile = ${log}`,
    'logger_type = file',
    'loglevel = info',
    'daemonize = 0',
    'factsource = yaml',
    `plugin.yaml = ${facts}`,
    `classesfile = ${classes}`,
  ]
  writeFileSync(config, [...lines, ...own, ''].join('\n'))
  const child = spawn(MCOLLECTIVED, ['--no-daemonize', '--config', config], { cwd: dir, env, stdio: 'ignore' })
  // A failed start shows as an ended process, which every wait looks for.
  child.on('error', () => {})
  return child
}

function spawnBroker(dir: string, port: number): ChildProcess {
  const base = join(dir, 'activemq')
  mkdirSync(join(base, 'conf'), { recursive: true })
  const config = join(base, 'conf', 'activemq.xml')
  writeFileSync(
    config,
    `<beans xmlns="http://www.springframework.org/schema/beans" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.springframework.org/schema/beans
    http://www.springframework.org/schema/beans/spring-beans-2.0.xsd
    http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" brokerName="fleet" useJmx="false" persistent="false"
          dataDirectory="${base}/data">
    <plugins>
      <simpleAuthenticationPlugin>
        <users><authenticationUser username="${USER}" password="${PASSWORD}" groups="mcollective,everyone"/></users>
      </simpleAuthenticationPlugin>
    </plugins>
    <transportConnectors><transportConnector name="stomp" uri="stomp://127.0.0.1:${port}"/></transportConnectors>
  </broker>
</beans>
`,
  )
  const properties = { home: ACTIVEMQ_HOME, base, conf: join(base, 'conf'), data: join(base, 'data') }
  const args = [
    '-Xms256M',
    '-Xmx512M',
    ...Object.entries(properties).map(([key, value]) => `-Dactivemq.${key}=${value}`),
  ]
  // The shell only redirects: it replaces itself, so that signals reach Java.
  const script = 'log=$1; shift; exec "$@" >"$log" 2>&1'
  const command = [JAVA, ...args, '-jar', ACTIVEMQ_JAR, 'start', `xbean:file:${config}`]
  const child = spawn('/bin/sh', ['-c', script, 'sh', join(dir, 'activemq.log'), ...command], {
    cwd: dir,
    env: { PATH: DEBIAN_PATH, LANG: 'C.UTF-8', HOME: dir },
    stdio: 'ignore',
  })
  child.on('error', () => {})
  return child
}

function timed(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<RubyRun> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ wallMs: performance.now() - start, code: code ?? -1, stdout, stderr }))
  })
}

function readMemory(pid: number): Omit<RubyNodeMemory, 'identity'> {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kb = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
    if (found === undefined) throw new Error(`ruby-fleet: no ${name} in smaps_rollup of process ${pid}`)
    return Number(found)
  }
  return { pid, rssKb: kb('Rss'), privateKb: kb('Private_Clean') + kb('Private_Dirty'), pssKb: kb('Pss') }
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(timer)
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

async function until(
  timeoutMs: number,
  complaint: string | (() => string),
  pauseMs: number,
  reached: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await reached())) {
    if (performance.now() > deadline)
      throw new Error(`ruby-fleet: after ${timeoutMs} ms ${typeof complaint === 'string' ? complaint : complaint()}`)
    await sleep(pauseMs)
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const answer = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('ruby-fleet: no free port'))
      server.close(() => resolve(address.port))
    })
  })
}

function tail(file: string): string {
  if (!existsSync(file) || statSync(file).size === 0) return `(nothing in ${file})`
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
}
