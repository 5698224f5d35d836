// Services by systemd. One `systemctl show` tells state, existence and why it failed; everything after `--` is a name. [agents 11]

import type { Host } from '#rpc/host.ts'
import { ACT_SECONDS, type InitSystem, reasonOf, type ServiceState, STATE_SECONDS } from './init-system.ts'

const SYSTEMCTL = '/usr/bin/systemctl'
const PROPERTIES = ['LoadState', 'ActiveState', 'SubState', 'NeedDaemonReload', 'Result', 'ExecMainStatus', 'NRestarts']
const RUNNING = ['active', 'reloading', 'refreshing']
const SETTLING = ['activating', 'deactivating', 'reloading']

/** `program`: for distributions that keep it elsewhere. */
export function createSystemd(host: Host, program = SYSTEMCTL): InitSystem {
  const show = async (name: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> => {
    const wanted = PROPERTIES.map((property) => `--property=${property}`)
    const result = await host.run([program, 'show', ...wanted, '--', name], { signal, timeoutSeconds: STATE_SECONDS })
    if (result.status !== 0) throw new Error(reasonOf(result))
    return new Map(result.stdout.split('\n').map((line) => splitOnce(line)))
  }
  return {
    async state(name, signal) {
      return stateOf(await show(name, signal))
    },
    async act(action, name, signal) {
      const properties = await show(name, signal).catch(() => undefined)
      if (properties?.get('NeedDaemonReload') === 'yes')
        await host.run([program, 'daemon-reload'], { signal, timeoutSeconds: STATE_SECONDS })
      return host.run([program, action, '--', name], { signal, timeoutSeconds: ACT_SECONDS })
    },
  }
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf('=')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}

function stateOf(properties: ReadonlyMap<string, string>): ServiceState {
  const of = (property: string): string => properties.get(property) ?? ''
  const active = of('ActiveState')
  // Between two starts of a service that systemd keeps restarting: it did not come up.
  const restarts = Number(of('NRestarts')) || 0
  const crashing = of('SubState').startsWith('auto-restart') || restarts > 0
  const detail = detailOf(of('Result'), of('ExecMainStatus'), of('LoadState'))
  return {
    running: RUNNING.includes(active),
    known: of('LoadState') !== 'not-found',
    ...(SETTLING.includes(active) && !crashing ? { settling: true } : {}),
    ...(restarts > 0 ? { restarts } : {}),
    ...(detail === '' ? {} : { detail }),
  }
}

function detailOf(result: string, exitStatus: string, load: string): string {
  if (load !== 'loaded' && load !== '') return `unit ${load}`
  if (result === 'success' || result === '') return ''
  return exitStatus === '' || exitStatus === '0' ? `Result ${result}` : `Result ${result}, exit status ${exitStatus}`
}
