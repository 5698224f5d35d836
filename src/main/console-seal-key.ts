// The key that seals secrets in the console's before-states: made at the first start, in a file of its own, so that the database alone, or a
// copy of it, tells no secret.

import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import { SEAL_KEY_BYTES } from '#console/resources/sealer.ts'
import { makeFolder } from '#setup/private-files.ts'
import { readKeyFile } from './read-key-file.ts'

/** Throws CONFIG_UNREADABLE, and CONFIG_UNSAFE_KEY_FILE when others may read it. */
export function consoleSealKey(directory: string): Uint8Array {
  const file = join(directory, 'seal.key')
  makeFolder(directory)
  try {
    const text = `${randomBytes(SEAL_KEY_BYTES).toString('base64')}\n`
    writeFileSync(file, text, { mode: 0o600, flag: 'wx', flush: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const key = Buffer.from(readKeyFile(file, 'the seal of before-states', { isPrivate: true }).trim(), 'base64')
  if (key.length === SEAL_KEY_BYTES) return key
  const message = `cannot use ${file}: it holds ${key.length} bytes in base64, not ${SEAL_KEY_BYTES}; without it, passwords in before-states are lost: remove it and a new one is made`
  throw new TroupeError('CONFIG_UNREADABLE', message)
}
