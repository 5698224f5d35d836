// Isolated hosts on this machine, for end-to-end tests and demonstrations: own name, network, processes, users and files, over
// the root file system of this machine. Takes root and what Debian has anyway: util-linux and iproute2. A host is a handful of
// namespaces held by one process (host.sh), so taking it down is ending that process.
//
//   const lab = await createLab({ hosts: ['puppetmaster.example.com', 'agent.example.com'] })
//   const { stdout } = await lab.host('agent.example.com').exec(['hostname'])
//   await lab.down()

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressOf, plugIn, setCable, startSwitch } from './network.ts'
import { childOf, end, type HostProcess, identified, isAlive } from './process.ts'

export interface LabOptions {
  /** Host names, e.g. `['puppetmaster.example.com', 'agent.example.com']`. */
  readonly hosts: readonly string[]
  /** Name to find the lab by; random when absent. */
  readonly name?: string
  /** true (default): the lab ends with this process, however that ends. false: it stays until `down`. */
  readonly tied?: boolean
}

export interface Lab {
  readonly name: string
  readonly hosts: readonly LabHost[]
  host(name: string): LabHost
  /** Ends everything in the lab and removes its folder. Idempotent. */
  down(): Promise<void>
}

export interface ExecOptions {
  /** Account of the host, default root. */
  readonly user?: string
  readonly env?: Readonly<Record<string, string>>
  /** Text for standard input; none by default. */
  readonly input?: string
  /** Then the command is killed and the call rejects; default 60,000. */
  readonly timeoutMs?: number
  /** Folder in the host; default the account's home. */
  readonly cwd?: string
}

export interface ExecResult {
  /** Exit code; 128 + signal number when killed. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface LabHost {
  readonly name: string
  readonly address: string
  /** Words before a command of this machine that shall use the host's network, and nothing else of the host. */
  readonly inNetwork: readonly string[]
  /** Runs a command to its end. Rejects only when it does not end in time. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
  /** As exec, but rejects with what was printed unless the exit code is 0; returns standard output. */
  run(argv: readonly string[], options?: ExecOptions): Promise<string>
  /** Starts a command that runs on; ends with the lab, or with `child.kill()`. */
  spawn(
    argv: readonly string[],
    options?: Omit<ExecOptions, 'timeoutMs' | 'input'> & { interactive?: boolean },
  ): ChildProcess
  /** Writes a file in the host; `mode` default 0o644, `owner` default root. Folders appear as needed. */
  writeFile(path: string, content: string, options?: { mode?: number; owner?: string }): Promise<void>
  /** Pulls the network cable (false) or plugs it in again. */
  connect(connected: boolean): void
}

const LABS = '/run/troupe-lab'
const HOST_NAME = /^[a-z\d]([a-z\d.-]{0,61}[a-z\d])?$/
const checkout = realpathSync(fileURLToPath(new URL('..', import.meta.url)))
const hostScript = fileURLToPath(new URL('./host.sh', import.meta.url))

/** What `down` and the lab command need to find a lab again. */
interface LabFile {
  readonly name: string
  /** Absent while the lab is being made. */
  readonly hub?: HostProcess
  /** Process id and start of the process that makes it. */
  readonly maker: { readonly keeperPid: number; readonly keeperStartedAt: string }
  readonly hosts: readonly { readonly name: string; readonly process: HostProcess }[]
}

export async function createLab({
  hosts,
  name = randomBytes(4).toString('hex'),
  tied = true,
}: LabOptions): Promise<Lab> {
  const wrong = hosts.find((host) => !HOST_NAME.test(host))
  if (wrong !== undefined || hosts.length === 0 || hosts.length > 200 || new Set(hosts).size < hosts.length) {
    throw new Error(`cannot make a lab of hosts ${hosts.join(', ')}: 1 to 200 different host names are needed`)
  }
  if (process.getuid?.() !== 0) throw new Error('cannot make a lab: isolated hosts take root')
  const folder = join(LABS, name)
  sweep()
  if (existsSync(folder)) throw new Error(`cannot make lab ${name}: it is up; take it down first`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const maker = identified(process.pid)
  const save = (file: LabFile): void => writeFileSync(join(folder, 'lab.json'), JSON.stringify(file))
  save({ name, maker, hosts: [] })
  const started: HostProcess[] = []
  try {
    const hub = await startSwitch({ tied })
    started.push(hub)
    const processes = await Promise.all(hosts.map((host) => startHost(folder, host, tied)))
    started.push(...processes)
    for (const [index, host] of processes.entries()) plugIn(hub, host, index)
    const made = hosts.map((host, i) => ({ name: host, process: processes[i]! }))
    save({ name, hub, maker, hosts: made })
    const lab = labOf(name, hub, made)
    const table = hosts.map((host, index) => `${addressOf(index)} ${host} ${host.split('.')[0]}\n`).join('')
    await Promise.all(lab.hosts.map((host) => host.writeFile('/etc/hosts', `127.0.0.1 localhost\n${table}`)))
    return lab
  } catch (error) {
    await Promise.all(started.map(end))
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Labs that are up, this process' and others'. */
export function findLabs(): Lab[] {
  return labFiles().flatMap(({ name, hub, hosts }) => (hub && isAlive(hub) ? [labOf(name, hub, hosts)] : []))
}

/** Removes the folders of labs whose processes were killed; returns their names. */
export function sweep(): string[] {
  const dead = labFiles().filter(({ hub, maker }) => !(hub ? isAlive(hub) : isAlive(maker)))
  for (const { name } of dead) rmSync(join(LABS, name), { recursive: true, force: true })
  return dead.map(({ name }) => name)
}

function labFiles(): LabFile[] {
  if (!existsSync(LABS)) return []
  return readdirSync(LABS).flatMap((name) => {
    const file = join(LABS, name, 'lab.json')
    return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')) as LabFile] : []
  })
}

function labOf(name: string, hub: HostProcess, hosts: LabFile['hosts']): Lab {
  const labHosts = hosts.map((host, index) => labHost(host.name, index, host.process, hub))
  return {
    name,
    hosts: labHosts,
    host(wanted) {
      const found = labHosts.find((host) => host.name === wanted)
      if (!found)
        throw new Error(`lab ${name} has no host ${wanted}, only ${hosts.map((host) => host.name).join(', ')}`)
      return found
    },
    async down() {
      await Promise.all([hub, ...hosts.map((host) => host.process)].map(end))
      rmSync(join(LABS, name), { recursive: true, force: true })
    },
  }
}

async function startHost(folder: string, name: string, tied: boolean): Promise<HostProcess> {
  const scratch = join(folder, name)
  mkdirSync(scratch)
  const spaces = ['--mount', '--uts', '--ipc', '--pid', '--net', '--fork', '--kill-child', '--propagation', 'private']
  const words = ['unshare', ...spaces, 'sh', hostScript, name, scratch, checkout]
  const [command, ...args] = tied ? ['setpriv', '--pdeathsig', 'KILL', ...words] : words
  const keeper = spawn(command!, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let complaints = ''
  keeper.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  keeper.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.includes('ready\n')) resolve()
  })
  keeper.once('error', reject)
  keeper.once('exit', () => reject(new Error(`cannot make host ${name}: ${complaints.trim()}`)))
  await ready
  const host = await childOf(keeper, `host ${name}`)
  if (!tied) {
    keeper.stdout.destroy()
    keeper.stderr.destroy()
    keeper.unref()
  }
  return host
}

function labHost(name: string, index: number, host: HostProcess, hub: HostProcess): LabHost {
  const start: LabHost['spawn'] = (argv, { user = 'root', env = {}, cwd, interactive = false } = {}) => {
    const root = `/proc/${host.pid}/root`
    const enter = [
      '--target',
      String(host.pid),
      '--mount',
      '--uts',
      '--ipc',
      '--net',
      '--pid',
      `--root=${root}`,
      `--wd=${root}`,
    ]
    const become = ['setpriv', '--reuid', user, '--regid', user, '--init-groups', '--reset-env', '--pdeathsig', 'KILL']
    const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`)
    // setpriv sets HOME; only a shell inside can go there.
    const there = ['sh', '-c', cwd === undefined ? 'cd && exec "$@"' : 'cd "$0" && exec "$@"', cwd ?? 'sh', ...argv]
    return spawn('nsenter', [...enter, ...become, 'env', ...variables, ...there], {
      stdio: interactive ? 'inherit' : ['pipe', 'pipe', 'pipe'],
    })
  }
  const exec: LabHost['exec'] = async (argv, { input, timeoutMs = 60_000, ...options } = {}) => {
    const child = start(argv, options)
    const [stdout, stderr] = [collect(child.stdout!), collect(child.stderr!)]
    child.stdin!.on('error', () => {})
    child.stdin!.end(input ?? '')
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeoutMs)
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)))
    const code = await promise
    clearTimeout(timer)
    if (late) {
      throw new Error(`${name}: ${argv.join(' ')} did not end in ${timeoutMs} ms; it printed:\n${stdout()}${stderr()}`)
    }
    return { code, stdout: stdout(), stderr: stderr() }
  }
  return {
    name,
    address: addressOf(index),
    inNetwork: ['nsenter', '--target', String(host.pid), '--net', '--'],
    spawn: start,
    exec,
    async run(argv, options) {
      const { code, stdout, stderr } = await exec(argv, options)
      if (code !== 0) throw new Error(`${name}: ${argv.join(' ')} ended with code ${code}:\n${stdout}${stderr}`)
      return stdout
    },
    async writeFile(path, content, { mode = 0o644, owner = 'root' } = {}) {
      const script = 'umask 022; mkdir -p "$1"; umask 077; cat > "$2"; chown "$3:" "$2"; chmod "$4" "$2"'
      const argv = ['sh', '-c', script, 'sh', dirname(path), path, owner, mode.toString(8)]
      const result = await exec(argv, { input: content })
      if (result.code !== 0) throw new Error(`${name}: cannot write ${path}: ${result.stderr}`)
    },
    connect: (connected) => setCable(hub, index, connected),
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}
