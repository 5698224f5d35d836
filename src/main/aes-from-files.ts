// The aes scheme from the files that the settings name. Reads and checks; what keys mean is security's.

import { join } from 'node:path'
import { isTroupeError, messageOf, TroupeError } from '#base/errors.ts'
import { IDENTITY_PATTERN } from '#base/id.ts'
import type { Log } from '#base/log.ts'
import type { AesSettings } from '#config/settings.ts'
import { type AesOptions, createAesScheme, type GroupKey } from '#security/aes.ts'
import { parseCertificate } from '#security/certificate.ts'
import { readAuthorities, readCertificate, readPrivateKey } from '#security/key-text.ts'
import type { SecurityScheme } from '#security/security.ts'
import { type KeyFileOptions, readKeyFile } from './read-key-file.ts'
import { openRevocationList } from './revocation-list.ts'

const DAY_MS = 86_400_000
/** Days before its end from which on every start says that a certificate must be renewed. */
const RENEW_BEFORE_DAYS = 30

export interface AesMember {
  readonly kind: 'client' | 'server'
  readonly identity: string
  readonly aes: AesSettings
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Throws CONFIG_UNREADABLE, CONFIG_UNSAFE_KEY_FILE and SECURITY_BAD_KEY, each with the file's name. */
export function aesFromFiles({ kind, identity, aes, log, now }: AesMember): SecurityScheme {
  const keyFile = required(aes.keyFile, 'plugin.aes.key')
  const key = (file: string, setting: string, type: 'ed25519' | 'x25519') =>
    from(file, setting, (text) => readPrivateKey(text, type), { isPrivate: true })
  const certificate = ownCertificate(aes, kind, identity, log, now)
  const groups = aes.groupFiles.map((file): GroupKey => {
    const group = from(file, 'plugin.aes.group', readCertificate)
    return kind === 'client'
      ? { certificate: group }
      : { certificate: group, decryptionKey: key(file, 'plugin.aes.group', 'x25519') }
  })
  const { revokedFile, certificatesDirectory } = aes
  return createAesScheme({
    identity: {
      certificate,
      signingKey: key(keyFile, 'plugin.aes.key', 'ed25519'),
      decryptionKey: key(keyFile, 'plugin.aes.key', 'x25519'),
    },
    previousDecryptionKeys: aes.previousKeyFiles.map((file) => key(file, 'plugin.aes.previous_keys', 'x25519')),
    authorities: aes.authorityFiles.flatMap((file) => from(file, 'plugin.aes.authority', readAuthorities)),
    groups,
    isRevoked: revokedFile === undefined ? () => false : openRevocationList(revokedFile, log, now),
    ...(certificatesDirectory === undefined ? {} : { certificateOf: certificatesIn(certificatesDirectory, log) }),
    now,
  })
}

/** What a wrong certificate would make nodes and clients refuse without a word is said at the start. */
function ownCertificate(
  aes: AesSettings,
  kind: AesMember['kind'],
  identity: string,
  log: Log,
  now: () => number,
): Uint8Array {
  const file = required(aes.certificateFile, 'plugin.aes.certificate')
  return from(file, 'plugin.aes.certificate', (text) => {
    const bytes = readCertificate(text)
    const { role, name, notAfterMs } = parseCertificate(bytes)
    const wanted = kind === 'client' ? 'client' : 'node'
    if (role !== wanted || (wanted === 'node' && name !== identity)) {
      const due = wanted === 'client' ? 'one of role client' : `that of the node ${identity}`
      throw new TroupeError('SECURITY_BAD_KEY', `it is the certificate of the ${role} ${name}, it must be ${due}`)
    }
    const days = Math.floor((notAfterMs - now()) / DAY_MS)
    if (days < RENEW_BEFORE_DAYS) {
      const end = new Date(notAfterMs).toISOString()
      log.warn(`the certificate in ${file} ${days < 0 ? 'ended' : 'ends'} ${end}: renew it`)
    }
    return bytes
  })
}

/** Certificates of nodes by identity, read when first asked for. */
function certificatesIn(directory: string, log: Log): NonNullable<AesOptions['certificateOf']> {
  const read = new Map<string, Uint8Array | undefined>()
  return (identity) => {
    if (!read.has(identity)) read.set(identity, certificateFile(directory, identity, log))
    return read.get(identity)
  }
}

function certificateFile(directory: string, identity: string, log: Log): Uint8Array | undefined {
  if (!IDENTITY_PATTERN.test(identity)) return undefined
  try {
    return from(join(directory, `${identity}.pem`), 'plugin.aes.certificates', readCertificate)
  } catch (error) {
    const isMissing = isTroupeError(error) && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
    if (!isMissing) log.warn(messageOf(error))
    return undefined
  }
}

function from<T>(file: string, setting: string, parse: (text: string) => T, options: KeyFileOptions = {}): T {
  const text = readKeyFile(file, setting, options)
  try {
    return parse(text)
  } catch (error) {
    if (!isTroupeError(error)) throw error
    throw new TroupeError(error.code, `cannot use ${file} (${setting}): ${error.message}`, { cause: error })
  }
}

function required(file: string | undefined, setting: string): string {
  if (file !== undefined) return file
  throw new TroupeError('CONFIG_INCOMPLETE', `cannot use the scheme aes: ${setting} is not set`)
}
