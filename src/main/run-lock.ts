// Only one collective runs from a state directory: a file with the process id of the one that does. A file left by a process
// that was killed does not count, nor does one whose process id has since gone to another program.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolders } from '#base/make-folders.ts'

/** Process id of the living holder of the lock file, e.g. 4711; undefined: nobody. */
export function lockHolder(file: string): number | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const [pid, startedAt] = text.trim().split(' ')
  if (!/^\d+$/.test(pid ?? '') || Number(pid) === process.pid) return undefined
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  return startTimeOf(Number(pid)) === (startedAt ?? '') ? Number(pid) : undefined
}

/** Takes the lock and returns its release; undefined: another process has it. */
export function takeLock(file: string): (() => void) | undefined {
  makeFolders(dirname(file))
  const mine = `${process.pid} ${startTimeOf(process.pid)}\n`
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (lockHolder(file) !== undefined) return undefined
      rmSync(file, { force: true })
    }
  }
  return undefined
}

/** When a process started, in ticks since boot; empty where the system does not tell. */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
