// The machine itself, as far as Puppet's state is concerned. Processes are read from /proc, on systems without it from ps. A run is
// started in a session of its own; where systemd is in charge, as a unit of its own, because systemd ends everything a service has
// started together with the service. [agents 10.1, 10.3]

import { constants } from 'node:fs'
import { access, link, mkdtemp, open, readdir, readFile, readlink, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf } from '#base/errors.ts'
import { COMMAND_LINE_BYTES_MAX, PROCESSES_MAX } from '#base/limits.ts'
import { makeFolders } from '#base/make-folders.ts'
import type { PuppetMachine, RunProgram } from './puppet-machine.ts'

/** Puppet's own packages, PE 2, then where programs are. */
const PLACES = [
  '/opt/puppetlabs/bin',
  '/opt/puppet/bin',
  ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/opt/puppetlabs/puppet/bin'],
]
const PATH = [...PLACES.slice(2), ...PLACES.slice(0, 2)].join(':')
interface Places {
  readonly proc: string
  readonly systemd: string
}

/** Exists exactly when systemd is the init of this machine. */
const SYSTEMD = '/run/systemd/system'
const PS_SECONDS_MAX = 10
const SYSTEMD_RUN_SECONDS_MAX = 10
/** Command lines read at once: reading one waits for its process, so not one after the other, and not all. */
const AT_A_TIME = 32

/** `run` is the daemon's way of running programs. `places`: for tests, other folders than those of this machine. */
export function createLocalMachine(run: RunProgram, places: Partial<Places> = {}): PuppetMachine {
  const { proc, systemd } = { proc: '/proc', systemd: SYSTEMD, ...places }
  return {
    run,
    startDetached: async (argv) => ((await exists(systemd)) ? startAsUnit(run, argv) : startInSession(argv)),
    async findProgram(name) {
      const paths = name.includes('/') ? [name] : PLACES.map((place) => `${place}/${name}`)
      for (const path of paths) if (await isExecutable(path)) return path
      return undefined
    },
    readFile: readBounded,
    async stampOf(path) {
      try {
        const { mtimeMs, size, ino } = await stat(path)
        return { mtimeMs, key: `${mtimeMs} ${size} ${ino}` }
      } catch (error) {
        return unlessAbsent(error)
      }
    },
    createFile,
    async removeFile(path) {
      try {
        await unlink(path)
        return true
      } catch (error) {
        unlessAbsent(error)
        return false
      }
    },
    commandLineOf: async (pid) =>
      (await exists(`${proc}/self`)) ? commandLineIn(`${proc}/${pid}`) : (await askPs(run, pid))[0],
    commandLines: async () => ((await exists(`${proc}/self`)) ? allCommandLines(proc) : askPs(run)),
    async signal(pid, name) {
      process.kill(pid, name)
    },
    makeFolder: () => mkdtemp(join(tmpdir(), 'troupe-puppet-')),
    removeFolder: (path) => rm(path, { recursive: true, force: true }),
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function unlessAbsent(error: unknown): undefined {
  const { code } = error as { code?: unknown }
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
  throw error
}

async function readBounded(
  path: string,
  bytesMax: number,
  { cut }: { readonly cut: boolean } = { cut: false },
): Promise<string | undefined> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    // A pipe somebody put there must not hold us.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    return unlessAbsent(error)
  }
  try {
    const info = await handle.stat()
    if (!info.isFile()) throw new Error('it is not a plain file')
    if (info.size > bytesMax && !cut) throw new Error(`it has ${info.size} bytes, at most ${bytesMax} are read`)
    // Not by its size: it may grow while it is read.
    const chunks: Buffer[] = []
    let left = bytesMax
    while (left > 0) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(left, 65_536)), 0)
      if (bytesRead === 0) break
      chunks.push(buffer.subarray(0, bytesRead))
      left -= bytesRead
    }
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    await handle.close()
  }
}

async function createFile(path: string, content: string): Promise<boolean> {
  makeFolders(dirname(path))
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`
  await writeFile(draft, content, { flag: 'wx', mode: 0o644 })
  try {
    // Unlike a rename, a link fails when somebody else was first.
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
  }
}

/** undefined: there is no such process, or only its exit status is left of it. */
async function commandLineIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    const text = (await readFile(`${folder}/cmdline`)).subarray(0, COMMAND_LINE_BYTES_MAX).toString('utf8')
    const words = text.replace(/\0+$/, '').split('\0')
    return words.length === 1 && words[0] === '' ? undefined : words
  } catch {
    return undefined
  }
}

/** Of this machine's own processes: a container has its own Puppet, and its runs are not ours. */
async function allCommandLines(proc: string): Promise<readonly (readonly string[])[]> {
  const own = await readlink(`${proc}/self/ns/pid`).catch(() => '')
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name)).slice(0, PROCESSES_MAX)
  const isOwn = async (pid: string): Promise<readonly string[] | undefined> => {
    const words = await commandLineIn(`${proc}/${pid}`)
    if (!words?.some((word) => word.includes('puppet'))) return undefined
    const space = await readlink(`${proc}/${pid}/ns/pid`).catch(() => own)
    return space === own ? words : undefined
  }
  const found: (readonly string[])[] = []
  for (let i = 0; i < pids.length; i += AT_A_TIME) {
    const some = await Promise.all(pids.slice(i, i + AT_A_TIME).map(isOwn))
    found.push(...some.filter((words) => words !== undefined))
  }
  return found
}

async function askPs(run: RunProgram, pid?: number): Promise<readonly (readonly string[])[]> {
  const which = pid === undefined ? ['-A'] : ['-p', String(pid)]
  const { stdout } = await run(['ps', ...which, '-o', 'args='], { timeoutSeconds: PS_SECONDS_MAX })
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([program]) => program !== '')
}

async function startInSession(argv: readonly [string, ...string[]]): Promise<void> {
  const { spawn } = await import('node:child_process')
  const [program, ...args] = argv
  const child = spawn(program, args, { detached: true, stdio: 'ignore', cwd: '/', env: environment() })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', resolve)
  })
  child.unref()
}

/** Without a bus to systemd the unit cannot be made; the run is then started as on any other system. */
async function startAsUnit(run: RunProgram, argv: readonly [string, ...string[]]): Promise<void> {
  const variables = Object.entries(environment()).map(([name, value]) => `--setenv=${name}=${value}`)
  const properties = ['Description=Puppet run asked for through mcollectived', 'KillMode=process']
  // systemd replaces variables in the words of a unit's command.
  const literal = argv.map((word) => word.replaceAll('$', '$$$$'))
  const result = await run(
    [
      ...(['systemd-run', '--quiet', '--collect', '--no-block'] as const),
      ...properties.map((property) => `--property=${property}`),
      ...variables,
      '--',
      ...literal,
    ],
    { timeoutSeconds: SYSTEMD_RUN_SECONDS_MAX },
  )
  if (result.status === 0) return
  try {
    await startInSession(argv)
  } catch (error) {
    throw new Error(`${messageOf(error)}; systemd-run: ${result.error ?? result.stderr.trim().slice(0, 200)}`)
  }
}

function environment(): Record<string, string> {
  return { PATH, HOME: process.env.HOME ?? '/root', LANG: process.env.LANG ?? 'C.UTF-8' }
}
