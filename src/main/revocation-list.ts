// The list of revoked certificates as a file that may change while a process runs: looked at again every few seconds, so that
// casting somebody out needs no restart. A list that cannot be read any more goes on being the last one that could.

import { statSync } from 'node:fs'
import { messageOf } from '#base/errors.ts'
import { REVOCATION_FILE_BYTES_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import { readRevocations } from '#security/key-text.ts'
import { readKeyFile } from './read-key-file.ts'

const LOOK_AGAIN_MS = 5_000
const SETTING = 'plugin.aes.revoked'

/** Makes `isRevoked(serial)`. `now` is milliseconds. Throws CONFIG_UNREADABLE and SECURITY_BAD_KEY when the list cannot be read at first. */
export function openRevocationList(file: string, log: Log, now: () => number): (serial: string) => boolean {
  const read = (): ReadonlySet<string> =>
    readRevocations(readKeyFile(file, SETTING, { bytesMax: REVOCATION_FILE_BYTES_MAX }))
  let state = stateOf(file)
  let serials = read()
  let lookedAtMs = now()
  const look = (): void => {
    lookedAtMs = now()
    const current = stateOf(file)
    if (current === state) return
    state = current
    try {
      const before = serials.size
      serials = read()
      log.info(`read ${file} again: ${serials.size} certificates are revoked, ${before} were`)
    } catch (error) {
      log.error(`keeping the list of revoked certificates as it was: ${messageOf(error)}`)
    }
  }
  return (serial) => {
    if (Math.abs(now() - lookedAtMs) >= LOOK_AGAIN_MS) look()
    return serials.has(serial)
  }
}

/** What is different when the file was written or replaced. */
function stateOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file)
    return `${ino} ${size} ${mtimeMs}`
  } catch {
    return 'unreadable'
  }
}
