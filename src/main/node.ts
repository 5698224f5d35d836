// A node from its settings: the parts of the daemon put together. Used by mcollectived, and by whoever wants many nodes in one
// process. Connector, security and facts come in, so that those may be other than the settings say.

import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { makeFolders } from '#base/make-folders.ts'
import type { ServerSettings } from '#config/settings.ts'
import { type Audit, createLogfileAudit } from '#daemon/audit.ts'
import { createDaemon, type Daemon } from '#daemon/daemon.ts'
import { createDataFiles } from '#daemon/data-files.ts'
import { createDataQueries } from '#daemon/data-queries.ts'
import { createHost, createHostFiles } from '#daemon/host.ts'
import type { ClassesView, FactsView } from '#daemon/node-view.ts'
import { createPolicyFiles } from '#daemon/policy-files.ts'
import { createRegistry } from '#daemon/registry.ts'
import { createReplayGuard, type ReplayGuard } from '#daemon/replay-guard.ts'
import { openJournal } from '#daemon/replay-journal.ts'
import { createRoster } from '#daemon/roster.ts'
import { createLocalMachine } from '#puppet/agent/local-machine.ts'
import { createPuppetAgent, type PuppetAgent } from '#puppet/agent/puppet-agent.ts'
import { createSettingsFile } from '#puppet/agent/settings-file.ts'
import { openRal, type RalAccess } from '#puppet/ral/open-ral.ts'
import type { Host, HostFiles } from '#rpc/host.ts'
import type { SecurityScheme } from '#security/security.ts'
import type { Connector } from '#transport/connector.ts'
import { builtInAgents, builtInDataPlugins } from './built-in.ts'
import { VERSION } from './version.ts'

export interface NodeParts {
  readonly connector: Connector
  readonly security: SecurityScheme
  readonly facts: FactsView
  readonly classes: ClassesView
  readonly clock: Clock
  readonly log: Log
  /** Default: the Puppet of this machine. */
  readonly puppet?: PuppetAgent
  /** Default: the resources of this machine. */
  readonly ral?: RalAccess
  /** What the agents service and package act on. Default: this machine. */
  readonly machine?: { readonly host: Host; readonly files: HostFiles }
  /** Called when `controller exit` was asked for, after its answer has been sent. */
  readonly onExit: () => void
  /** false: what was seen is remembered in memory only. Default true. */
  readonly keepJournal?: boolean
}

export interface Node {
  readonly daemon: Daemon
  start(signal?: AbortSignal): Promise<void>
  stop(): Promise<void>
  /** Opens the audit log anew. */
  reopen(): void
}

const GRACE_SECONDS_UNLIMITED = 86_400
/** Between the answer to `controller exit` and leaving: the answer must be on its way. */
const EXIT_AFTER_MS = 50

export function createNode(settings: ServerSettings, parts: NodeParts): Node {
  const { clock, log } = parts
  const roster = settings.keepRoster
    ? createRoster({ clock, log, intervalSeconds: settings.registration.intervalSeconds, file: settings.rosterFile })
    : undefined
  const audit = auditOf(settings, clock, log)
  const puppet = parts.puppet ?? puppetOf(settings)
  const machine = { clock, ...(parts.machine ?? { host: createHost(), files: createHostFiles() }) }
  const { enabled, ...policies } = settings.authorization
  const registry = createRegistry({
    builtIn: builtInAgents({
      ...machine,
      puppet,
      ral: parts.ral ?? ralOf(clock, log),
      log,
      roster,
      control: {
        stats: () => daemon.stats(),
        agents: () => registry.names(),
        reloadAgent: (name) => daemon.reloadAgent(name),
        reloadAgents: () => daemon.reloadAgents(),
        exit: () => void clock.after(EXIT_AFTER_MS, parts.onExit),
      },
    }),
    libdirs: settings.libdirs,
    activated: settings.agentActivated,
    host: createHost(),
    log,
    version: VERSION,
  })
  const daemon = createDaemon({
    settings: {
      identity: settings.identity,
      version: VERSION,
      configFile: settings.file,
      collectives: settings.collectives,
      mainCollective: settings.mainCollective,
      directAddressing: settings.directAddressing,
      agentsMultiplex: settings.connection.agentsMultiplex,
      ttlSeconds: settings.ttlSeconds,
      skewSeconds: settings.skewSeconds,
      agentConcurrency: settings.agentConcurrency,
      registration: settings.registration,
      graceSeconds: settings.softShutdown.enabled
        ? (settings.softShutdown.timeoutSeconds ?? GRACE_SECONDS_UNLIMITED)
        : 0,
    },
    connector: parts.connector,
    security: parts.security,
    clock,
    log,
    registry,
    data: createDataQueries({
      plugins: builtInDataPlugins({ ...machine, puppet }),
      sitePlugins: createDataFiles({ libdirs: settings.libdirs, version: VERSION, host: createHost(), log }),
      clock,
      log,
    }),
    facts: parts.facts,
    classes: parts.classes,
    guard: guardOf(settings, parts),
    ...(audit ? { audit } : {}),
    ...(enabled ? { authorize: createPolicyFiles({ directory: policies.policyDirectory, ...policies, log }) } : {}),
    ...(roster ? { onRegistration: (request) => roster.record(request) } : {}),
    configItem: (name) => settings.item(name),
    setting: (name) => settings.plugin(name),
  })
  return {
    daemon,
    async start(signal) {
      await roster?.load()
      await daemon.start(signal)
    },
    async stop() {
      await daemon.stop()
      await roster?.stop()
    },
    reopen: () => audit?.reopen(),
  }
}

/** The Puppet agent of this machine, its files where the configuration says. */
export function puppetOf(settings: Pick<ServerSettings, 'plugin' | 'stateDirectory'>): PuppetAgent {
  const overrides = {
    command: settings.plugin('puppet.command') ?? settings.plugin('puppetd.puppetd'),
    lockFile: settings.plugin('puppetd.lockfile'),
    stateFile: settings.plugin('puppetd.statefile'),
    pidFile: settings.plugin('puppet.pidfile'),
    summaryFile: settings.plugin('puppet.summary'),
  }
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined)
  const memory = createSettingsFile(join(settings.stateDirectory, 'puppet-settings.json'))
  return createPuppetAgent(createLocalMachine(createHost().run), Object.fromEntries(given), memory)
}

/** The resources of this machine, by way of its own Puppet. */
export function ralOf(clock: Clock, log: Log): RalAccess {
  const script = fileURLToPath(new URL('../puppet/ral/ral-worker.rb', import.meta.url))
  return openRal({ machine: createLocalMachine(createHost().run), clock, log, script })
}

function auditOf(settings: ServerSettings, clock: Clock, log: Log): Audit | undefined {
  const { enabled, file: path, format } = settings.audit
  return enabled ? createLogfileAudit({ path, format, clock, log }) : undefined
}

function guardOf(settings: ServerSettings, { clock, log, keepJournal = true }: NodeParts): ReplayGuard {
  if (!keepJournal) return createReplayGuard({ clock })
  const path = settings.replayJournal
  try {
    makeFolders(dirname(path), 0o755)
  } catch {
    // The journal says what is wrong.
  }
  const nowMs = clock.now()
  const bootedAtMs = nowMs - uptime() * 1000
  const journal = openJournal({ path, nowMs, bootId: bootId(), bootedAtMs, skewMs: settings.skewSeconds * 1000, log })
  return createReplayGuard({ clock, journal })
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
