// The rpm database: what is installed, and removal that takes nothing else along. Used by dnf.ts and zypper.ts. [agents 12]

import type { Host, RunResult } from '#rpc/host.ts'
import { outputOf, reasonOf } from './manager-output.ts'
import { CHANGE_SECONDS, type ManagerRun, type PackageState, QUERY_SECONDS, queried } from './package-system.ts'

const RPM = '/usr/bin/rpm'
const FORMAT = '%{NAME} %|EPOCH?{%{EPOCH}}:{0}| %{VERSION} %{RELEASE} %{ARCH}\\n'
const ENV = { LC_ALL: 'C' }
const ERROR_LINE = /^error: /

export interface Rpm {
  state(name: string, signal: AbortSignal): Promise<PackageState>
  /** Fails when other packages need it. */
  erase(name: string, noop: boolean): Promise<ManagerRun>
  list(signal: AbortSignal): Promise<readonly string[]>
}

/** `root`: another root directory than `/`. */
export function createRpm(host: Host, root?: string): Rpm {
  const rpm = (words: readonly string[], seconds: number, signal?: AbortSignal): Promise<RunResult> => {
    const argv = [RPM, ...(root === undefined ? [] : ['--root', root]), ...words] as const
    return host.run(argv as [string, ...string[]], { env: ENV, timeoutSeconds: seconds, ...(signal ? { signal } : {}) })
  }
  return {
    async state(name, signal) {
      const words = ['-q', '--nosignature', '--nodigest', '--qf', FORMAT, '--', name]
      const result = await rpm(words, QUERY_SECONDS, signal)
      if (result.status === 1 && /is not installed/.test(result.stdout))
        return { installed: false, ensure: 'absent', name }
      return stateOf(queried(result).stdout, name)
    },
    async erase(name, noop) {
      const result = await rpm(['-e', ...(noop ? ['--test'] : []), '--', name], CHANGE_SECONDS)
      const failed = result.status !== 0 || result.error !== undefined
      return {
        output: outputOf(result),
        exitcode: result.status,
        ...(failed ? { failure: reasonOf(result, ERROR_LINE) } : {}),
        changes: [],
      }
    },
    async list(signal) {
      const { stdout } = queried(await rpm(['-qa'], QUERY_SECONDS, signal))
      // The database has an order of its own on every node; only a sorted list can be compared.
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .sort()
    },
  }
}

/** `bash 0 4.4.20 4.el8 x86_64`; of several versions (kernels) the last installed one counts. */
function stateOf(text: string, asked: string): PackageState {
  const line = text.trim().split('\n').at(-1) ?? ''
  const [name = asked, epoch = '0', version = '', release = '', arch = ''] = line.split(' ')
  const ensure = `${epoch === '0' ? '' : `${epoch}:`}${version}-${release}`
  return { installed: true, ensure, name, epoch, version, release, arch }
}
