// The `mco` program: the command line wired to this machine's files, terminal and bus.

import { fstatSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import { STDIN_NODES_BYTES_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import { EXIT } from '#cli/exit-codes.ts'
import { type Machine, type OpenedMachine, runMco } from '#cli/mco.ts'
import type { OptionValues } from '#cli/options.ts'
import { parseConfig } from '#config/load.ts'
import type { ClientSettings } from '#config/settings.ts'
import { clientSettingsFrom, DISCOVERY_TIMEOUT_SECONDS, openClient } from './open-client.ts'
import { openPluginShelf } from './plugin-files.ts'
import { VERSION } from './version.ts'

const machine: Machine = {
  version: VERSION,
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env },
  open,
  readStdin,
  readFile: (path) => readFile(path, 'utf8'),
  async writeFile(path, text, overwrite) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: overwrite ? 'w' : 'wx' })
  },
  onInterrupt(listener) {
    process.on('SIGINT', listener)
    return () => process.off('SIGINT', listener)
  },
  now: Date.now,
}

async function open(file: string | undefined, options: OptionValues, needed: boolean): Promise<OpenedMachine> {
  const settings = settingsOrDefaults(file, needed)
  const plugins = openPluginShelf(settings.libdirs, VERSION)
  const log = consoleLog(options.flag('verbose') ? 'info' : 'warn')
  for (const warning of settings.warnings) log.warn(warning)
  let client: ReturnType<typeof openClient> | undefined
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
      pingGraph: /^(1|y|yes|t|true)$/i.test(settings.plugin('rpc.graph') ?? ''),
      setting: (key) => settings.plugin(key.replace(/^plugin\./, '')),
    },
    client() {
      const seconds = options.number('connection-timeout') ?? settings.connectionTimeoutSeconds
      client ??= openClient(settings, plugins, {
        log,
        ...(seconds === undefined ? {} : { connectionTimeoutSeconds: seconds }),
      })
      return client
    },
    async close() {
      // A connection that never came must not hide why.
      const opened = await client?.catch(() => undefined)
      await opened?.close()
    },
  }
}

/** Help and documentation are wanted most when the configuration is broken. */
function settingsOrDefaults(file: string | undefined, needed: boolean): ClientSettings {
  try {
    return clientSettingsFrom(file)
  } catch (error) {
    if (needed || file !== undefined) throw error
    return parseConfig('', '(no configuration)', 'client')
  }
}

/** What was piped in. A terminal and /dev/null are nothing; a pipe is read to its end. */
async function readStdin(): Promise<string | undefined> {
  const kind = fstatSync(0)
  if (!kind.isFIFO() && !kind.isFile() && !kind.isSocket()) return undefined
  const chunks: Buffer[] = []
  let bytes = 0
  const hint = setTimeout(() => process.stderr.write('Waiting for a list of nodes on standard input ...\n'), 1000)
  try {
    for await (const chunk of process.stdin) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > STDIN_NODES_BYTES_MAX) {
        throw new TroupeError(
          'USAGE_BAD_NODE_LIST',
          `cannot read a list of nodes of more than ${STDIN_NODES_BYTES_MAX} bytes`,
        )
      }
    }
  } finally {
    clearTimeout(hint)
  }
  return bytes === 0 ? undefined : Buffer.concat(chunks).toString('utf8')
}

/** `warn 2026/11/22 05:21:51: text` on standard error. [cli 9] */
function consoleLog(from: 'info' | 'warn'): Log {
  const levels = ['debug', 'info', 'warn', 'error', 'fatal'] as const
  const write =
    (level: (typeof levels)[number]) =>
    (message: string): void => {
      if (levels.indexOf(level) < levels.indexOf(from)) return
      const now = new Date()
      const two = (n: number): string => String(n).padStart(2, '0')
      const date = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`
      const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
      process.stderr.write(`${level} ${date} ${time}: ${message}\n`)
    }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  }
}

// `mco ... | head` ends quietly. [cli 10 X13]
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.brokenPipe : EXIT.nothing),
  )
}

const code = await runMco(process.argv.slice(2), process.env.TROUPE_ARGV0 ?? 'mco', machine)
process.exitCode = code
// A second Ctrl-C must not wait for what is still open.
if (code === EXIT.interrupted) process.exit(code)
