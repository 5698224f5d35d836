// What hangs on the configuration of a command: its settings, the installed plugins, and the bus, which is loaded and connected when
// a command asks for it.

import { isatty } from 'node:tty'
import type { Log } from '#base/log.ts'
import type { OpenedMachine } from '#cli/mco.ts'
import type { OptionValues } from '#cli/read-options.ts'
import type { Client } from '#client/api.ts'
import { printable } from '#rpc/inspect.ts'
import { clientSettingsFrom, clientSettingsOrDefaults, DISCOVERY_TIMEOUT_SECONDS } from './client-settings.ts'
import { openPluginShelf } from './plugin-files.ts'
import { VERSION } from './version.ts'

/** `needed`: the command is of no use without a configuration. Throws CONFIG_*. */
export function openMachine(file: string | undefined, options: OptionValues, needed: boolean): OpenedMachine {
  const settings = needed || file !== undefined ? clientSettingsFrom(file) : clientSettingsOrDefaults()
  const plugins = openPluginShelf(settings.libdirs, VERSION)
  const log = consoleLog(settings.log.level, settings.color)
  if (needed) for (const warning of settings.warnings) log.warn(warning)
  const clients = new Map<string, Promise<Client>>()
  return {
    plugins,
    color: settings.color,
    look: process.env.MCO_LOOK === 'modern' ? 'modern' : process.env.MCO_LOOK === 'classic' ? 'classic' : settings.look,
    settings: {
      version: VERSION,
      configFile: settings.file,
      collectives: settings.collectives,
      mainCollective: settings.mainCollective,
      discoveryTimeoutSeconds: settings.discoveryTimeoutSeconds ?? DISCOVERY_TIMEOUT_SECONDS,
      discoveryMethod: settings.discoveryMethod,
      discoveryOptions: settings.discoveryOptions,
      strictExit: settings.strictExit,
      batched: settings.batchSize !== 0,
      pingGraph: /^(1|y|yes|t|true)$/i.test(settings.plugin('rpc.graph') ?? ''),
      setting: (key) => settings.plugin(key.replace(/^plugin\./, '')),
    },
    client(key) {
      const seconds = options.number('connection-timeout') ?? settings.connectionTimeoutSeconds
      const open = (): Promise<Client> =>
        import('./open-client.ts').then(({ openClient }) =>
          openClient(settings, plugins, {
            log,
            ...(seconds === undefined ? {} : { connectionTimeoutSeconds: seconds }),
            ...(key === undefined ? {} : { key }),
          }),
        )
      const name = key ?? 'usual'
      const client = clients.get(name) ?? open()
      clients.set(name, client)
      return client
    },
    keyNames: async () => (await import('./open-client.ts')).keyNamesOf(settings, log),
    async close() {
      // A connection that never came must not hide why.
      const opened = await Promise.all([...clients.values()].map((client) => client.catch(() => undefined)))
      await Promise.all(opened.map((client) => client?.close()))
    },
  }
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const
type Level = (typeof LEVELS)[number]

/** `warn 2026/11/22 05:21:51: text` on standard error, the level coloured on terminals. [cli 9] */
function consoleLog(from: Level, color: boolean): Log {
  const colored = color && !process.env.NO_COLOR && isatty(2)
  const paint = (level: Level): string => {
    const code = { debug: '36', info: '32', warn: '33', error: '31', fatal: '31' }[level]
    return colored ? `\u001b[${code}m${level}\u001b[0m` : level
  }
  const write =
    (level: Level) =>
    (message: string): void => {
      if (LEVELS.indexOf(level) < LEVELS.indexOf(from)) return
      const now = new Date()
      const two = (n: number): string => String(n).padStart(2, '0')
      const date = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`
      const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
      process.stderr.write(`${paint(level)} ${date} ${time}: ${printable(message)}\n`)
    }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  }
}
