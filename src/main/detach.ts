// Going to the background: the program is started once more in a session of its own, and this one ends when that one is in
// service, or says why it is not. Node cannot fork; for who looks on it is the same. [agents 16]

import { spawn } from 'node:child_process'
import { TroupeError } from '#base/errors.ts'

const DETACHED = 'TROUPE_DETACHED'

/** Whether this is the background process, which must not go there once more. */
export const wasDetached = (): boolean => process.env[DETACHED] !== undefined

/** In the background process: true, and lets go of the directory it was started in. Asked once, when relative paths are done with. */
export function isDetached(): boolean {
  if (process.env[DETACHED] === undefined) return false
  delete process.env[DETACHED]
  process.chdir('/')
  return true
}

/** A node without a broker in reach keeps trying; that is no reason not to go to the background. */
const READY_WITHIN_MS = 5_000

/**
 * Resolves when the program runs on its own, with its process id and what it announced (undefined: it takes longer). Throws SETUP_PROGRAM_FAILED
 * with what it printed when it ended instead.
 */
export async function runDetached(args: readonly string[]): Promise<{ readonly pid: number; readonly said: unknown }> {
  const [program = ''] = process.argv.slice(1)
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    detached: true,
    env: { ...process.env, [DETACHED]: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4096)
  })
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const late = setTimeout(resolve, READY_WITHIN_MS, undefined)
  child.once('message', resolve)
  child.once('error', reject)
  child.once('exit', (code) => {
    const why = said.trim().replace(/^(?:mcollectived: |The \w+ application failed to run(?:, use -v [\w ]+)?: )/, '')
    reject(
      new TroupeError('SETUP_PROGRAM_FAILED', `cannot go to the background: ${why || `it ended with code ${code}`}`),
    )
  })
  const announced = await promise.finally(() => clearTimeout(late))
  child.removeAllListeners()
  child.disconnect()
  child.stderr?.destroy()
  child.unref()
  return { pid: child.pid ?? 0, said: announced }
}
