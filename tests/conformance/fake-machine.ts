// A machine for screens: services by systemd and packages by yum that exist only here. `broken` falls over whenever it is started.

import type { Host, HostFiles, RunResult } from '../../src/rpc/host.ts'

const UPDATES = `
kernel.i686                         2.6.18-274.7.1.el5               updates
openssh.i386                        4.3p2-72.el5_7.5                 updates
openssh-clients.i386                4.3p2-72.el5_7.5                 updates
zlib.i386                           1.2.3-4.el5                      updates
`
const PLAN = `Dependencies Resolved

================================================================================
 Package          Arch          Version                    Repository      Size
================================================================================
Updating:
 zlib             i386          1.2.3-4.el5                updates         50 k

Transaction Summary
================================================================================
Upgrade       1 Package

Exiting on user command
`

export function fakeMachine(): { readonly host: Host; readonly files: HostFiles } {
  const running = new Set(['sshd', 'ntpd', 'broken'])
  const known = new Set([...running, 'postfix'])
  const packages = new Map([
    ['bash', 'bash 0 3.2 32.el5 i386'],
    ['zlib', 'zlib 0 1.2.3 3.el5 i386'],
  ])
  const result = (stdout = '', status = 0, stderr = ''): RunResult => ({ status, stdout, stderr, truncated: false })
  const systemctl = (verb: string, name: string): RunResult => {
    if (verb === 'show') {
      const active = running.has(name) ? 'active' : name === 'broken' ? 'failed' : 'inactive'
      const failed = active === 'failed' ? 'Result=exit-code\nExecMainStatus=1\n' : 'Result=success\nExecMainStatus=0\n'
      return result(
        `LoadState=${known.has(name) ? 'loaded' : 'not-found'}\nActiveState=${active}\nNRestarts=0\n${failed}`,
      )
    }
    if (verb === 'stop' || name === 'broken') running.delete(name)
    else if (known.has(name)) running.add(name)
    else return result('', 5, `Failed to ${verb} ${name}.service: Unit ${name}.service not found.\n`)
    return result()
  }
  const yum = (verb: string, name: string): RunResult => {
    if (verb === 'check-update') return result(UPDATES, 100)
    if (verb === 'makecache') return result('Metadata Cache Created\n')
    if (verb === '--assumeno') return result(PLAN, 1)
    if (name === 'nosuch') return result('Nothing to do\n', 1, 'Error: Unable to find a match: nosuch\n')
    packages.set(name, `${name} 0 1.0 1.el5 noarch`)
    return result('Complete!\n')
  }
  const rpm = (verb: string, name: string): RunResult => {
    if (verb === '-qa') return result(`${[...packages.keys()].join('\n')}\n`)
    if (verb === '-e') packages.delete(name)
    else return packages.has(name) ? result(`${packages.get(name)}\n`) : result(`package ${name} is not installed\n`, 1)
    return result()
  }
  return {
    host: {
      async run(argv) {
        const [program = '', ...words] = argv.filter(
          (word) => !word.startsWith('--setopt') && word !== '-q' && word !== '-y',
        )
        const [verb = '', name = ''] = [words[0], words.at(-1)]
        if (program.endsWith('systemctl')) return systemctl(verb, name)
        return program.endsWith('yum') ? yum(verb, name) : rpm(verb, name)
      },
    },
    files: {
      isProgram: async (path) => path === '/usr/bin/yum',
      readText: async (path) => (path === '/proc/1/comm' ? 'systemd\n' : undefined),
    },
  }
}
