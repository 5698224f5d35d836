// Where Puppet keeps its state on this node: asked from Puppet itself, once, because packages, versions and puppet.conf all move the
// files. Asked again in the background when puppet.conf or the program changed; until then the old answer serves. The answer may be kept from
// one start of the node to the next, and counts there only while both are as they were. [agents 10.1]

import { TroupeError } from '#base/errors.ts'
import { PUPPET_SETTINGS_BYTES_MAX, PUPPET_SETTINGS_SECONDS_MAX } from '#base/limits.ts'
import type { PuppetMachine } from './puppet-machine.ts'

export interface PuppetSettings {
  /** Full path of the program `puppet`, or of Puppet 2's `puppetd`. */
  readonly program: string
  /** Two locks since Puppet 3; before, one file is both. */
  readonly locks:
    | { readonly kind: 'two'; readonly disabled: string; readonly running: string }
    | { readonly kind: 'one'; readonly file: string }
  readonly pidFile: string
  readonly summaryFile: string
  readonly reportFile: string
  readonly stateFile: string
  readonly resourceFile: string
  /** `--serverport` since Puppet 7. */
  readonly portOption: '--serverport' | '--masterport'
}

export interface SettingsSource {
  /** Whether there is a Puppet to ask. */
  present(): Promise<boolean>
  /** Throws RPC_PUPPET_ABSENT. */
  get(): Promise<PuppetSettings>
}

/** Keeps a text from one start of this node to the next. Neither rejects. */
export interface SettingsMemory {
  /** undefined: there is none. */
  read(): Promise<string | undefined>
  write(text: string): Promise<void>
}

/** Files the operator names in the node's configuration; they win over what Puppet says. */
export interface SettingsOverrides {
  /** `plugin.puppet.command`, e.g. `/opt/puppet/bin/puppet agent`. Only its first word counts here. */
  readonly command?: string
  /** `plugin.puppetd.lockfile`: Puppet 2's one lock. */
  readonly lockFile?: string
  readonly stateFile?: string
  readonly pidFile?: string
  readonly summaryFile?: string
}

/** Another one whenever other settings are asked for. */
const MEMORY_VERSION = 1
const NAMES_OLD = ['puppetdlockfile', 'pidfile', 'lastrunfile', 'lastrunreport', 'statefile', 'resourcefile', 'config']
const NAMES = [...NAMES_OLD, 'agent_disabled_lockfile', 'agent_catalog_run_lockfile', 'serverport']

export function createPuppetSettings(
  machine: PuppetMachine,
  overrides: SettingsOverrides = {},
  memory?: SettingsMemory,
): SettingsSource {
  const command = overrides.command?.trim().split(/\s+/)[0] || 'puppet'
  let known: { readonly settings: PuppetSettings; readonly config: string; readonly stamp: string } | undefined
  let asking: Promise<PuppetSettings> | undefined

  const stampOf = async (program: string, config: string): Promise<string> => {
    const stamps = await Promise.all([program, config].map((path) => (path === '' ? undefined : machine.stampOf(path))))
    return stamps.map((stamp) => stamp?.key ?? '-').join(' ')
  }

  const ask = async (): Promise<PuppetSettings> => {
    const program = await machine.findProgram(command)
    if (program === undefined) throw absent(`there is no program ${command} in /opt/puppetlabs/bin or on the path`)
    const kept = known ? undefined : keptOf(await memory?.read(), program)
    if (kept && (await stampOf(program, kept.config)) === kept.stamp) {
      const settings = settingsFrom(program, kept.printed, overrides)
      known = { settings, config: kept.config, stamp: kept.stamp }
      return settings
    }
    const printed = await printSettings(machine, program)
    const config = printed.get('config') ?? ''
    const settings = settingsFrom(program, printed, overrides)
    const stamp = await stampOf(program, config)
    known = { settings, config, stamp }
    await memory?.write(JSON.stringify({ version: MEMORY_VERSION, program, config, stamp, printed: [...printed] }))
    return settings
  }

  const askOnce = (): Promise<PuppetSettings> => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }

  return {
    present: async () => (await machine.findProgram(command)) !== undefined,
    async get() {
      if (!known) return askOnce()
      const { settings, config, stamp } = known
      if ((await stampOf(settings.program, config)) !== stamp) askOnce().catch(() => {})
      return settings
    },
  }
}

/** What was kept of this program; undefined: nothing that can be used. */
function keptOf(
  text: string | undefined,
  program: string,
): { readonly config: string; readonly stamp: string; readonly printed: ReadonlyMap<string, string> } | undefined {
  try {
    const kept = JSON.parse(text ?? '') as Readonly<Record<string, unknown>>
    const { config, stamp, printed } = kept
    if (kept.version !== MEMORY_VERSION || kept.program !== program) return undefined
    if (typeof config !== 'string' || typeof stamp !== 'string' || !Array.isArray(printed)) return undefined
    const pairs = printed.filter((pair) => Array.isArray(pair) && pair.every((word) => typeof word === 'string'))
    return { config, stamp, printed: new Map(pairs as [string, string][]) }
  } catch {
    return undefined
  }
}

async function printSettings(machine: PuppetMachine, program: string): Promise<Map<string, string>> {
  // Puppet 2 knows neither the section nor `config` as a subcommand of puppetd; unknown names are an error to it.
  const variants = [
    ['config', 'print', '--section', 'agent', ...NAMES],
    ['agent', '--configprint', NAMES_OLD.join(',')],
    ['--configprint', NAMES_OLD.join(',')],
  ]
  let complaint = ''
  for (const args of variants) {
    const result = await machine.run([program, ...args], { timeoutSeconds: PUPPET_SETTINGS_SECONDS_MAX })
    if (result.error !== undefined) throw absent(`${program} ${args[0]}: ${result.error}`)
    if (result.status === 0) {
      const printed = parseSettings(result.stdout)
      if (printed.has('pidfile')) return printed
    }
    complaint ||= firstLine(result.stderr) || firstLine(result.stdout) || `it ended with status ${result.status}`
  }
  throw absent(`${program} does not tell its settings: ${complaint}`)
}

/** Lines of `name = value`. */
function parseSettings(text: string): Map<string, string> {
  const settings = new Map<string, string>()
  for (const line of text.slice(0, PUPPET_SETTINGS_BYTES_MAX).split('\n')) {
    const [, name, value] = /^(\w+) =(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) settings.set(name, value.trim())
  }
  return settings
}

function settingsFrom(
  program: string,
  printed: ReadonlyMap<string, string>,
  overrides: SettingsOverrides,
): PuppetSettings {
  const one = overrides.lockFile ?? printed.get('puppetdlockfile') ?? ''
  const disabled = printed.get('agent_disabled_lockfile') ?? ''
  const running = printed.get('agent_catalog_run_lockfile') ?? ''
  const twoLocks = overrides.lockFile === undefined && disabled !== '' && running !== ''
  if (!twoLocks && one === '') throw absent(`${program} names no lock file`)
  return {
    program,
    locks: twoLocks ? { kind: 'two', disabled, running } : { kind: 'one', file: one },
    pidFile: overrides.pidFile ?? printed.get('pidfile') ?? '',
    summaryFile: overrides.summaryFile ?? printed.get('lastrunfile') ?? '',
    reportFile: printed.get('lastrunreport') ?? '',
    stateFile: overrides.stateFile ?? printed.get('statefile') ?? '',
    resourceFile: printed.get('resourcefile') ?? '',
    portOption: printed.get('serverport') ? '--serverport' : '--masterport',
  }
}

function firstLine(text: string): string {
  const line = text
    .replace(/\u001b\[[\d;]*m/g, '')
    .split('\n')
    .find((one) => one.trim() !== '')
  return (line ?? '').trim().slice(0, 200)
}

function absent(why: string): TroupeError {
  return new TroupeError('RPC_PUPPET_ABSENT', `cannot ask Puppet for its settings: ${why}`)
}
