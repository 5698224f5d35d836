// Files with keys and certificates: bounded, and private ones for their owner alone.

import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { messageOf, TroupeError } from '#base/errors.ts'
import { KEY_FILE_BYTES_MAX } from '#base/limits.ts'

export interface KeyFileOptions {
  /** true: others may not read it. */
  readonly isPrivate?: boolean
  /** Called with what is wrong when everybody may read it, or its group may write it. */
  readonly onExposed?: (complaint: string) => void
  readonly bytesMax?: number
}

/**
 * The text of a file, e.g. `readKeyFile('/etc/x/node.key', 'plugin.aes.key', { isPrivate: true })`. Throws CONFIG_UNREADABLE, and
 * CONFIG_UNSAFE_KEY_FILE for a private one whose mode is not 0600 or stricter.
 */
export function readKeyFile(
  file: string,
  setting: string,
  { isPrivate = false, onExposed, bytesMax = KEY_FILE_BYTES_MAX }: KeyFileOptions = {},
): string {
  const failed = (why: string, cause?: unknown): TroupeError =>
    new TroupeError('CONFIG_UNREADABLE', `cannot read ${setting} from ${file}: ${why}`, { cause })
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch (cause) {
    throw failed(messageOf(cause), cause)
  }
  try {
    const { mode, size } = fstatSync(fd)
    const has = (mode & 0o777).toString(8).padStart(4, '0')
    if ((mode & 0o027) !== 0) {
      onExposed?.(`the mode of ${file} (${setting}) is ${has} and must be 0600: who can read it can command every node`)
    }
    if (isPrivate && (mode & 0o077) !== 0) {
      throw new TroupeError(
        'CONFIG_UNSAFE_KEY_FILE',
        `will not use the private keys in ${file} (${setting}): its mode is ${has}, it must be 0600; others may have read them`,
      )
    }
    if (size > bytesMax) throw failed(`it has ${size} bytes, at most ${bytesMax} are read`)
    return readFileSync(fd, 'utf8')
  } catch (cause) {
    throw cause instanceof TroupeError ? cause : failed(messageOf(cause), cause)
  } finally {
    closeSync(fd)
  }
}
