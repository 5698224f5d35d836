// The services of a node: which init system it has, what state a service is in, and what became of it after an action. Used by the agent
// and by the data plugin. [agents 11, B-030]

import type { Clock } from '#base/clock.ts'
import { messageOf } from '#base/errors.ts'
import { pause } from '#base/pause.ts'
import type { Host, HostFiles } from '#rpc/host.ts'
import { createInitScripts } from './init-scripts.ts'
import { type InitSystem, reasonOf, type ServiceAction, type ServiceState } from './init-system.ts'
import { createSystemd } from './systemd.ts'

export interface Services {
  /** Throws an Error with the reason when the state cannot be found out. */
  state(name: string, signal: AbortSignal): Promise<ServiceState>
  /** Acts and looks how the service is then. */
  act(action: ServiceAction, name: string, signal: AbortSignal): Promise<ServiceOutcome>
}

export interface ServiceOutcome {
  readonly state: ServiceState
  /** Why the action failed; absent: it did what it should. */
  readonly failure?: string
}

/** Settings of the node, e.g. `setting('service.provider')`. */
export type Setting = (name: string) => string | undefined

export interface ServicesParts {
  readonly host: Host
  readonly files: HostFiles
  readonly clock: Clock
}

/** How long a service gets to fall over after it was started. */
const LOOK_AFTER_MS = 500
/** Further looks, with the same pause, while it is on its way to another state. */
const LOOKS_MAX = 10

export function createServices(parts: ServicesParts, setting: Setting): Services {
  const chosen = (): Promise<InitSystem> => chooseInitSystem(parts, setting)
  return {
    async state(name, signal) {
      guard(name)
      return (await chosen()).state(name, signal)
    },
    async act(action, name, signal) {
      guard(name)
      const system = await chosen()
      const result = await system.act(action, name, signal)
      let state: ServiceState
      try {
        state = await settled(system, name, parts.clock, signal)
      } catch (error) {
        return {
          state: { running: false, known: true },
          failure: result.status === 0 ? messageOf(error) : reasonOf(result),
        }
      }
      const failure = failureOf(action, result.status === 0 ? undefined : reasonOf(result), state)
      return { state, ...(failure === undefined ? {} : { failure }) }
    },
  }
}

/** `sshd`, `getty@tty1.service`; not `-oDebug`, `..`, `a/b`, `; rm`: neither an option nor a way out of a directory. */
export function isServiceName(name: string): boolean {
  return /^[A-Za-z0-9._:@][A-Za-z0-9._:@-]*$/.test(name) && !/^\.+$/.test(name)
}

function guard(name: string): void {
  if (!isServiceName(name)) throw new Error(`'${name}' is not a valid service name`)
}

/** The state once it stands still, half a second after the action at the earliest. */
async function settled(system: InitSystem, name: string, clock: Clock, signal: AbortSignal): Promise<ServiceState> {
  let restarts = 0
  for (let look = 1; ; look++) {
    await pause(clock, LOOK_AFTER_MS, signal)
    const state = await system.state(name, signal)
    // Runs at this moment, but has fallen over since the last one.
    const falling = state.running && (state.restarts ?? 0) > restarts
    restarts = state.restarts ?? 0
    if (!state.settling && !falling) return state
    if (look < LOOKS_MAX && !signal.aborted) continue
    return falling ? { ...state, running: false, detail: `it was started again ${restarts} times` } : state
  }
}

function failureOf(action: ServiceAction, reason: string | undefined, state: ServiceState): string | undefined {
  if (!state.known) return reason ?? state.detail ?? 'there is no such service'
  const asWanted = action === 'stop' ? !state.running : state.running
  if (asWanted) return reason
  const what = action === 'stop' ? 'Service is still running' : 'Service did not come back, it is stopped'
  const because = reason ?? (action === 'stop' ? undefined : state.detail)
  return because === undefined ? what : `${what}: ${because}`
}

/** By `plugin.service.provider`; `puppet`, the default, looks at the node. Throws an Error when the setting names no provider. */
async function chooseInitSystem({ host, files }: ServicesParts, setting: Setting): Promise<InitSystem> {
  const provider = setting('service.provider') ?? 'puppet'
  switch (provider) {
    case 'puppet':
      if (/systemd/.test((await files.readText('/proc/1/comm')) ?? '')) return createSystemd(host)
      return (await files.isProgram('/sbin/chkconfig')) ? redhat(host, files) : createInitScripts(host, files)
    case 'systemd':
      return createSystemd(host)
    case 'debian':
    case 'init':
      return createInitScripts(host, files)
    case 'redhat':
      return redhat(host, files)
    case 'service':
      return createInitScripts(host, files, { command: setting('service.service.servicecmd') ?? SERVICE_COMMAND })
    default:
      throw new Error(
        `cannot use plugin.service.provider = ${provider}: it has to be one of puppet, systemd, debian, redhat, service`,
      )
  }
}

const SERVICE_COMMAND = '/sbin/service'

function redhat(host: Host, files: HostFiles): InitSystem {
  return createInitScripts(host, files, { command: SERVICE_COMMAND })
}
