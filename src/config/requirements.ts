// What must be set before a process can talk: brokers and the key. Kept apart from load.ts, because `mco help` and
// `mco plugin doc` need neither.

import { TroupeError } from '#base/errors.ts'
import { PSK_FILE_CHARACTERS_MAX } from '#base/limits.ts'
import type { ConfigFiles } from './load.ts'
import { Secret } from './secret.ts'
import type { MemberSettings, PoolMember } from './settings.ts'

/** The pool of brokers; throws CONFIG_INCOMPLETE when it is empty. */
export function requirePool(settings: MemberSettings): readonly PoolMember[] {
  const { connector, pool } = settings.connection
  if (pool.length > 0) return pool
  throw new TroupeError(
    'CONFIG_INCOMPLETE',
    `cannot connect: ${settings.file} names no broker; set plugin.${connector}.pool.1.host`,
  )
}

/**
 * The pre-shared key: `plugin.psk` (or MCOLLECTIVE_PSK), else the text of `plugin.psk.file` without the line end. Throws
 * CONFIG_INCOMPLETE when neither is set or the file is empty, CONFIG_UNREADABLE when it cannot be read.
 */
export function readPsk(settings: MemberSettings, files: Pick<ConfigFiles, 'read'>): Secret {
  const { key, keyFile } = settings.security.psk
  if (key) return key
  if (keyFile === undefined) {
    throw new TroupeError(
      'CONFIG_INCOMPLETE',
      `cannot secure messages: ${settings.file} sets neither plugin.psk nor plugin.psk.file`,
    )
  }
  let text: string
  try {
    text = files
      .read(keyFile)
      .replace(/^\uFEFF/, '')
      .replace(/(\r?\n)+$/, '')
  } catch (cause) {
    const code = String((cause as { code?: unknown }).code ?? cause)
    throw new TroupeError('CONFIG_UNREADABLE', `cannot read the key file ${keyFile} (plugin.psk.file): ${code}`, {
      cause,
    })
  }
  if (text.trim() === '')
    throw new TroupeError(
      'CONFIG_INCOMPLETE',
      `cannot secure messages: the key file ${keyFile} (plugin.psk.file) is empty`,
    )
  if (text.length > PSK_FILE_CHARACTERS_MAX || /[\r\n\0]/.test(text)) {
    throw new TroupeError(
      'CONFIG_INCOMPLETE',
      `cannot secure messages: the key file ${keyFile} must hold one line of at most ${PSK_FILE_CHARACTERS_MAX} characters`,
    )
  }
  return new Secret(text)
}
