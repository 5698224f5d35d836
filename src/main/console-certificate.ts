// The certificate a console shows to browsers: the operator's own files; or one made here, signed by the authority of the collective when its
// key is on this machine, else by an authority of the console's own. Looked at again while the console runs, so that a renewed one
// needs no restart.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, TroupeError } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { ClientSettings } from '#config/settings.ts'
import { type CertifiedKey, createAuthority, issueServerCertificate, reasonToRenew } from '#setup/certificates.ts'
import { makeFolder, save } from '#setup/private-files.ts'
import { readKeyFile } from './read-key-file.ts'

const DAYS = 397
const RENEW_BEFORE_DAYS = 30

export interface ConsoleTls {
  readonly key: string
  readonly cert: string
  /** File of the authority that people may have their browsers trust; absent: the operator's own certificate. */
  readonly authorityFile?: string
}

/** Throws CONFIG_UNREADABLE, CONFIG_UNSAFE_KEY_FILE, SETUP_DAMAGED. */
export async function consoleCertificate(settings: ClientSettings, log: Log, nowMs: number): Promise<ConsoleTls> {
  const { certFile, keyFile, directory, names } = settings.console
  if (certFile !== undefined && keyFile !== undefined) {
    const key = readKeyFile(keyFile, 'console.tls.key', { isPrivate: true })
    return { key, cert: readText(certFile, 'console.tls.cert') }
  }
  makeFolder(directory)
  const authority = await findAuthority(settings, nowMs)
  const all = [...new Set([...names, 'localhost', '127.0.0.1', '::1'])] as [string, ...string[]]
  const files = { cert: join(directory, 'tls.pem'), key: join(directory, 'tls.key') }
  const wanted = { authority: authority.certificate, names: all, nowMs, daysMin: RENEW_BEFORE_DAYS }
  if (existsSync(files.cert) && existsSync(files.key)) {
    const kept = { certificate: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') }
    const reason = reasonToRenew(kept, wanted)
    if (reason === undefined) return { key: kept.key, cert: kept.certificate, authorityFile: authority.file }
    log.info(`renewed the certificate of the console: ${reason}`)
  }
  const issued = await issueServerCertificate(authority, { names: all, nowMs, days: DAYS })
  // The key first: a crash in between leaves a pair that does not match, which the next start renews.
  save(files.key, issued.key)
  save(files.cert, issued.certificate)
  return { key: issued.key, cert: issued.certificate, authorityFile: authority.file }
}

/** As `npm start` lays it out, and as `mco setup master` does. */
const AUTHORITIES = [
  ['ca/ca.pem', 'ca/ca.key'],
  ['ssl/ca.pem', 'ssl/ca-key.pem'],
] as const

async function findAuthority(settings: ClientSettings, nowMs: number): Promise<CertifiedKey & { file: string }> {
  for (const place of [settings.directory, '/etc/puppetlabs/mcollective']) {
    for (const [certificate, key] of AUTHORITIES) {
      const found = readPair(join(place, certificate), join(place, key))
      if (found) return found
    }
  }
  const [file, keyFile] = [join(settings.console.directory, 'ca.pem'), join(settings.console.directory, 'ca.key')]
  const own = readPair(file, keyFile)
  if (own) return own
  const made = await createAuthority(`Troupe console CA of ${settings.identity}`.slice(0, 64), { nowMs })
  save(keyFile, made.key)
  save(file, made.certificate)
  return { ...made, file }
}

/** undefined: not there, or not for this user to read. */
function readPair(file: string, keyFile: string): (CertifiedKey & { file: string }) | undefined {
  try {
    return { certificate: readFileSync(file, 'utf8'), key: readFileSync(keyFile, 'utf8'), file }
  } catch {
    return undefined
  }
}

function readText(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TroupeError('CONFIG_UNREADABLE', `cannot read ${file} (${setting}): ${messageOf(cause)}`, { cause })
  }
}
