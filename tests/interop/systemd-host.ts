// A host with a real systemd, booted in namespaces of its own (systemd-host.sh): for what can only be known from systemd itself. Takes root,
// as the lab does. The machine's own systemd, if it has one, is not touched.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ensurePackage } from '../debian-package.ts'

export interface SystemdHost {
  /** The process id of its systemd here; `/proc/PID/root` is its root. */
  readonly pid: number
  /** Words before a command that shall run in the host. */
  readonly enter: readonly string[]
  exec(argv: readonly string[], timeoutMs?: number): Promise<{ code: number; stdout: string; stderr: string }>
  /** As exec; rejects with what was printed unless the exit code is 0; returns standard output. */
  run(argv: readonly string[], timeoutMs?: number): Promise<string>
  /** Writes /etc/systemd/system/NAME and has systemd read it. */
  unit(name: string, text: string): Promise<void>
  down(): Promise<void>
}

const script = fileURLToPath(new URL('./systemd-host.sh', import.meta.url))
const checkout = realpathSync(fileURLToPath(new URL('../..', import.meta.url)))
const BOOT_MS = 30_000

/** Throws with what was printed when it does not boot. */
export async function bootSystemd(): Promise<SystemdHost> {
  ensurePackage('systemd', '/lib/systemd/systemd')
  const scratch = mkdtempSync(join(tmpdir(), 'systemd-'))
  // Ends with this process, however that ends.
  const words = [
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    'sh',
    script,
    scratch,
    checkout,
  ]
  const holder = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [holder.stdout, holder.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const down = async (): Promise<void> => {
    if (holder.exitCode === null && holder.signalCode === null) {
      const ended = new Promise((resolve) => holder.once('close', resolve))
      holder.kill('SIGKILL')
      await ended
    }
    rmdirSync(scratch)
  }
  try {
    const host = await booted(holder, down)
    if (host) return host
  } catch (error) {
    said += String(error)
  }
  await down()
  throw new Error(
    `systemd does not boot in namespaces of its own (that takes root and a kernel with cgroup2):\n${said}`,
  )
}

async function booted(holder: ChildProcess, down: () => Promise<void>): Promise<SystemdHost | undefined> {
  for (const deadline = Date.now() + BOOT_MS; Date.now() < deadline && holder.exitCode === null; await pause(50)) {
    const pid = firstProcessOf(holder.pid as number)
    if (pid === undefined) continue
    const host = hostOf(pid, down)
    if ((await host.exec(['systemctl', 'is-active', '--quiet', 'default.target'])).code === 0) return host
  }
  return undefined
}

/** Once it is systemd. */
function firstProcessOf(holder: number): number | undefined {
  try {
    const pid = Number(readFileSync(`/proc/${holder}/task/${holder}/children`, 'utf8').trim())
    return pid > 0 && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n' ? pid : undefined
  } catch {
    return undefined
  }
}

function hostOf(pid: number, down: () => Promise<void>): SystemdHost {
  const enter = ['/usr/bin/nsenter', '--target', String(pid), '--all', '--']
  const exec: SystemdHost['exec'] = (argv, timeoutMs = 30_000) =>
    new Promise((resolve) => {
      const [program = '', ...words] = [...enter, ...argv]
      const options = { timeout: timeoutMs, encoding: 'utf8' } as const
      const child = execFile(program, words, options, (error, stdout, stderr) => {
        resolve({ code: error ? (typeof error.code === 'number' ? error.code : 255) : 0, stdout, stderr })
      })
      child.stdin?.end()
    })
  const run: SystemdHost['run'] = async (argv, timeoutMs) => {
    const { code, stdout, stderr } = await exec(argv, timeoutMs)
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stdout}${stderr}`)
    return stdout
  }
  return {
    ...{ pid, enter, exec, run, down },
    async unit(name, text) {
      await run(['sh', '-c', 'printf %s "$2" > "/etc/systemd/system/$1" && systemctl daemon-reload', 'sh', name, text])
    },
  }
}
