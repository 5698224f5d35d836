// Starts the real RabbitMQ of Debian with its STOMP plugin on random loopback ports, as an Erlang node of its own with an
// epmd of its own, so that it neither meets nor disturbs one that already runs. Exchanges are declared as an administrator
// would. [wire 1.3]

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePackage } from '../debian-package.ts'
import { freePort, type RealBroker, startDaemon } from './real-broker.ts'

const WRAPPER = '/usr/sbin/rabbitmq-server'
const LIB = '/usr/lib/rabbitmq/lib'

const [user, password, vhost] = ['mcollective', 'marionette', '/mcollective']

function definitions(): string {
  const exchange = (name: string, type: string) => ({
    ...{ name, vhost, type },
    ...{ durable: true, auto_delete: false, internal: false, arguments: {} },
  })
  return JSON.stringify({
    users: [{ name: user, password, tags: '', limits: {} }],
    vhosts: [{ name: vhost }],
    permissions: [{ user, vhost, configure: '.*', write: '.*', read: '.*' }],
    exchanges: [
      ...['mcollective', 'eu_collective'].flatMap((collective) => [
        exchange(`${collective}_broadcast`, 'topic'),
        exchange(`${collective}_directed`, 'direct'),
      ]),
      exchange('mcollective_reply', 'direct'),
    ],
  })
}

export async function startRabbitMq(): Promise<RealBroker & { readonly vhost: string }> {
  ensurePackage('rabbitmq-server', WRAPPER)
  const release = readdirSync(LIB).find((name) => name.startsWith('rabbitmq_server-'))
  if (!release) throw new Error(`the Debian package rabbitmq-server has no ${LIB}/rabbitmq_server-*`)
  const base = mkdtempSync(join(tmpdir(), 'troupe-rabbitmq-'))
  const [port, epmdPort, distPort] = [await freePort(), await freePort(), await freePort()]
  const file = (name: string, text: string): string => {
    writeFileSync(join(base, name), text, { mode: 0o600 })
    return join(base, name)
  }
  file('.erlang.cookie', randomBytes(16).toString('hex'))
  const config = [
    'listeners.tcp = none',
    `stomp.listeners.tcp.1 = 127.0.0.1:${port}`,
    `load_definitions = ${file('definitions.json', definitions())}`,
    'vm_memory_high_watermark.relative = 0.8',
    'disk_free_limit.absolute = 10MB',
    'log.file = false',
    'log.console = true',
    'log.console.level = info',
  ].join('\n')
  const env: NodeJS.ProcessEnv = {
    ...{ PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: base, ERL_EPMD_PORT: String(epmdPort) },
    RABBITMQ_NODENAME: `troupe-${randomBytes(4).toString('hex')}@localhost`,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_BASE: base,
    RABBITMQ_MNESIA_BASE: join(base, 'mnesia'),
    RABBITMQ_LOG_BASE: join(base, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf', `${config}\n`),
    RABBITMQ_CONF_ENV_FILE: file('rabbitmq-env.conf', ''),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(base, 'none.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins', '[rabbitmq_stomp].\n'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(base, 'config'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none',
  }
  const epmd = spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], { env, stdio: 'ignore' })
  const stopEpmd = async (): Promise<void> => {
    if (epmd.exitCode !== null || epmd.signalCode !== null || !epmd.pid) return
    const ended = new Promise((resolve) => epmd.once('exit', resolve))
    epmd.kill('SIGKILL')
    await ended
  }
  const clean = async (): Promise<void> => {
    await stopEpmd()
    rmSync(base, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await new Promise<void>((resolve, reject) => epmd.once('spawn', resolve).once('error', reject))
    const daemon = await startDaemon(`${LIB}/${release}/sbin/rabbitmq-server`, [], env, /Server startup complete/)
    return {
      ...{ port, user, password, vhost },
      async stop() {
        await daemon.stop()
        await clean()
      },
    }
  } catch (error) {
    await clean()
    throw error
  }
}
