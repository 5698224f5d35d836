// Services by init scripts: Debian's are run themselves, RedHat's through `service`, and so are those of sites that name a program of
// their own. `status` follows the LSB: 0 is running. [agents 11]

import type { Host, HostFiles } from '#rpc/host.ts'
import { ACT_SECONDS, type InitSystem, reasonOf, STATE_SECONDS } from './init-system.ts'

const SCRIPTS = '/etc/init.d'

/** `command`: the program that runs the scripts, e.g. `/sbin/service`; undefined: they are run themselves. */
export function createInitScripts(
  host: Host,
  files: HostFiles,
  options: { readonly command?: string; readonly directory?: string } = {},
): InitSystem {
  const { command, directory = SCRIPTS } = options
  const script = (name: string): string => `${directory}/${name}`
  const argv = (name: string, action: string): [string, ...string[]] =>
    command === undefined ? [script(name), action] : [command, name, action]
  return {
    async state(name, signal) {
      const known = await files.isProgram(script(name))
      if (!known) return { running: false, known, detail: `there is no ${script(name)}` }
      const result = await host.run(argv(name, 'status'), { cwd: '/', signal, timeoutSeconds: STATE_SECONDS })
      if (result.error !== undefined) throw new Error(reasonOf(result))
      return {
        running: result.status === 0,
        known,
        ...(result.status === 0 ? {} : { detail: lsbMeaning(result.status) }),
      }
    },
    act: (action, name, signal) => host.run(argv(name, action), { cwd: '/', signal, timeoutSeconds: ACT_SECONDS }),
  }
}

const LSB: Readonly<Record<number, string>> = {
  1: 'dead, its pid file is left',
  2: 'dead, its lock file is left',
  3: 'not running',
  4: 'its state is unknown to its init script',
}

function lsbMeaning(status: number): string {
  return LSB[status] ?? `its init script's status gave ${status}`
}
