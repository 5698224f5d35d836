// Makes a checkout runnable from whatever Node (>= 20) the machine has: installs dependencies, finds the Node 24 that came
// with them, builds dist/. Plain JavaScript without dependencies, because it runs before there are any. Every npm script
// begins here; what they do afterwards is in their own files.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)))
const NODE_MAJOR_TO_START = 20
const NODE_MAJOR_TO_RUN = 24

/** Ends the program with one sentence that says what is wrong and what to do. */
export function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

/** Installs and builds what is missing or out of date; returns the path of a Node 24. `build: false` leaves dist/ alone. */
export async function bootstrap({ build = true } = {}) {
  if (major(process.versions.node) < NODE_MAJOR_TO_START) {
    fail(
      `Troupe needs Node ${NODE_MAJOR_TO_START} or newer to start and this is Node ${process.versions.node}: install the nodejs package of a current distribution (Debian 13, Ubuntu 26.04) or one from nodejs.org.`,
    )
  }
  installDependencies()
  const node = findRuntime()
  if (build) {
    const { buildIfOutOfDate } = await import('./build.mjs')
    await buildIfOutOfDate()
  }
  return node
}

function major(version) {
  return Number(version.replace(/^v/, '').split('.')[0])
}

/** `npm ci` unless node_modules is what package-lock.json asks for. */
function installDependencies() {
  const lock = join(root, 'package-lock.json')
  const stamp = join(root, 'node_modules', '.troupe-installed')
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  if (!existsSync(stamp) && installedByHand(lock)) return
  process.stderr.write('Installing dependencies, Node 24 among them (about 250 MB, once) ...\n')
  // npm run puts node_modules/.bin first on PATH, and npm ci deletes that folder while it runs.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')))
    .join(delimiter)
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (npm.error) fail(`Cannot run npm to install dependencies (${npm.error.message}): install npm and try again.`)
  if (npm.status !== 0) {
    fail(
      `Cannot install dependencies: \`npm ci\` in ${root} ended with code ${npm.status}; mend what it says above and try again.`,
    )
  }
  writeFileSync(stamp, wanted)
}

/** True when someone ran npm here after the lock file was last written. */
function installedByHand(lock) {
  const installed = join(root, 'node_modules', '.package-lock.json')
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs
}

/** The Node that runs Troupe: the one installed beside our dependencies, else this process', else the one on PATH. */
function findRuntime() {
  const bundled = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  for (const candidate of [bundled, process.execPath, 'node']) {
    const answer = spawnSync(candidate, ['--version'], { encoding: 'utf8' })
    if (answer.status === 0 && major(answer.stdout) >= NODE_MAJOR_TO_RUN) return candidate
  }
  return fail(
    `Troupe runs on Node ${NODE_MAJOR_TO_RUN} or newer and none is to be had for ${process.platform} ${process.arch}: put one on PATH and try again.`,
  )
}

/**
 * Runs a program in the foreground and ends with its exit code. It gets an IPC channel, so that it can tell when this
 * process is gone, and terminal signals reach it directly, so that it alone decides how to stop.
 */
export async function runAndExit(node, args, options = {}) {
  process.exit(await run(node, args, options))
}

/** As runAndExit, but resolves with the exit code (128 + signal number when a signal ended it). */
export function run(node, args, { env = {}, ipc = false } = {}) {
  const child = spawn(node, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ipc ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
  })
  const stayForChild = () => {}
  const passOn = (signal) => child.kill(signal)
  process.on('SIGINT', stayForChild)
  process.on('SIGTERM', passOn)
  process.on('SIGHUP', passOn)
  return new Promise((resolve) => {
    child.once('error', (error) => fail(`Cannot start ${node}: ${error.message}`))
    child.once('close', (code, signal) => {
      process.off('SIGINT', stayForChild)
      process.off('SIGTERM', passOn)
      process.off('SIGHUP', passOn)
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
}
