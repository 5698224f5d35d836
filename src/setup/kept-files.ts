// Files that setup makes once and leaves alone afterwards: configuration that somebody edited, secrets, certificates that still fit. Every
// function says what it did, so that the operator can be told.

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import { type CertifiedKey, createAuthority, issueServerCertificate, reasonToRenew } from './certificates.ts'
import { makeFolder, save } from './private-files.ts'

/** What became of a file: made now, as it was, written with other content, or left as somebody edited it. */
export type Fate = 'made' | 'kept' | 'changed' | 'edited'

const CERTIFICATE_DAYS = 825
const RENEW_BEFORE_DAYS = 30

/**
 * As packages treat configuration files: what nobody edited may change, what somebody edited stays. `written` is the SHA-256 of what was last
 * written, by `key`; it is brought up to date.
 */
export function writeUnlessEdited(file: string, text: string, written: Record<string, string>, key: string): Fate {
  const current = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  const digest = digestOf(text)
  if (current === text) {
    written[key] = digest
    return 'kept'
  }
  if (current !== undefined && digestOf(current) !== written[key]) return 'edited'
  save(file, text)
  written[key] = digest
  return current === undefined ? 'made' : 'changed'
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A random password, e.g. `newSecret(32)`: 256 bits in 43 characters. */
export function newSecret(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}

export interface PairFiles {
  /** Absolute paths. */
  readonly certificate: string
  readonly key: string
}

export interface AuthorityOptions {
  /** e.g. `puppetmaster.example.com`. */
  readonly identity: string
  /** true: it was there before, so a missing half is a loss and not a beginning. */
  readonly complete: boolean
  readonly nowMs: number
}

/** Throws SETUP_DAMAGED. */
export async function ensureAuthority(
  files: PairFiles,
  { identity, complete, nowMs }: AuthorityOptions,
): Promise<{ authority: CertifiedKey; fate: Fate }> {
  if (existsSync(files.certificate) && existsSync(files.key)) return { authority: readPair(files), fate: 'kept' }
  if (complete) throw damaged(existsSync(files.certificate) ? files.key : files.certificate, 'it is missing')
  const authority = await createAuthority(`Troupe CA of ${identity}`.slice(0, 64), { nowMs })
  makeFolder(join(files.key, '..'))
  save(files.key, authority.key)
  save(files.certificate, authority.certificate)
  return { authority, fate: 'made' }
}

export interface BrokerCertificateOptions {
  readonly names: readonly [string, ...string[]]
  readonly nowMs: number
}

/** `reason`: why it was renewed. */
export async function ensureBrokerCertificate(
  files: PairFiles,
  authority: CertifiedKey,
  { names, nowMs }: BrokerCertificateOptions,
): Promise<{ fate: Fate; reason?: string }> {
  let reason: string | undefined
  if (existsSync(files.certificate) && existsSync(files.key)) {
    const wanted = { authority: authority.certificate, names, nowMs, daysMin: RENEW_BEFORE_DAYS }
    reason = reasonToRenew(readPair(files), wanted)
    if (reason === undefined) return { fate: 'kept' }
  }
  const issued = await issueServerCertificate(authority, { names, nowMs, days: CERTIFICATE_DAYS })
  // The key first: a crash in between leaves a pair that does not match, which the next start renews.
  save(files.key, issued.key)
  save(files.certificate, issued.certificate)
  return reason === undefined ? { fate: 'made' } : { fate: 'changed', reason }
}

/** Throws SETUP_DAMAGED when a key that was there is gone. */
export function ensurePresharedKey(file: string, complete: boolean): Fate {
  if (existsSync(file)) return 'kept'
  if (complete) throw damaged(file, 'it is missing')
  save(file, `${newSecret(32)}\n`)
  return 'made'
}

export function damaged(file: string, why: string): TroupeError {
  return new TroupeError(
    'SETUP_DAMAGED',
    `cannot use ${file}: ${why}; restore it from a backup, or move the state directory away and start again with new keys`,
  )
}

function readPair({ certificate, key }: PairFiles): CertifiedKey {
  return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
}
