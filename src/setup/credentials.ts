// The password of a collective in its two files: changed with a grace period in which the former one stays good, and that period ended.
// What reads them notices by itself. [R-014, R-015, R-016, B-018] docs/decisions/0008-credentials.md

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import {
  type PreviousCredentials,
  previousCredentialsText,
  readCredentials,
  readPreviousCredentials,
  replaceCredentials,
} from '#security/credentials-text.ts'
import { derivePskKey } from '#security/keys.ts'
import { newSecret } from './kept-files.ts'
import { save } from './private-files.ts'

export interface CredentialFiles {
  /** Absolute paths. */
  readonly current: string
  readonly previous: string
}

export interface RotateOptions {
  /** Milliseconds since 1970. */
  readonly nowMs: number
  /** How long the former password stays good. */
  readonly graceMs: number
  /** true: also while a grace period runs; who has only the password before the former one is cut off. */
  readonly force: boolean
}

export interface Rotated {
  /** 8 hex digits, as in log lines. */
  readonly keyId: string
  readonly previousKeyId: string
  readonly untilMs: number
}

const PASSWORD_BYTES = 32

export function credentialFiles(directory: string): CredentialFiles {
  return { current: join(directory, 'credentials'), previous: join(directory, 'credentials.previous') }
}

/**
 * Makes a new password. Throws SETUP_NOT_HERE without a password to change, SETUP_GRACE_RUNNING, SECURITY_WEAK_KEY for a file without a
 * password.
 */
export function rotateCredentials(files: CredentialFiles, { nowMs, graceMs, force }: RotateOptions): Rotated {
  if (!existsSync(files.current)) {
    const message = `cannot change the password: there is no ${files.current}; on the master, \`mco setup master\` makes it`
    throw new TroupeError('SETUP_NOT_HERE', message)
  }
  const text = readFileSync(files.current, 'utf8')
  const former = readCredentials(text)
  const running = runningGrace(files, nowMs)
  if (running && !force) {
    throw new TroupeError(
      'SETUP_GRACE_RUNNING',
      `will not change the password: the grace period of the last change runs until ${new Date(running.untilMs).toISOString()}, and nodes that have only the password before it would be cut off; \`mco credentials status\` names them, \`mco credentials finish\` ends the period, --force changes the password all the same`,
    )
  }
  const fresh = newSecret(PASSWORD_BYTES)
  const untilMs = nowMs + graceMs
  // The former one first: whoever reads in between has one password twice, never one too few.
  save(files.previous, previousCredentialsText({ psk: former, untilMs }))
  save(files.current, replaceCredentials(text, fresh))
  return { keyId: derivePskKey(fresh).id, previousKeyId: derivePskKey(former).id, untilMs }
}

/** The former password, also after its end; undefined: there is none, or it cannot be understood. */
export function previousCredentials({ current, previous }: CredentialFiles): PreviousCredentials | undefined {
  if (!existsSync(previous)) return undefined
  try {
    const found = readPreviousCredentials(readFileSync(previous, 'utf8'))
    // Left by a change that was cut off half-way.
    return found.psk === readCredentials(readFileSync(current, 'utf8')) ? undefined : found
  } catch (error) {
    if (isTroupeError(error)) return undefined
    throw error
  }
}

function runningGrace(files: CredentialFiles, nowMs: number): PreviousCredentials | undefined {
  const previous = previousCredentials(files)
  return previous && previous.untilMs > nowMs ? previous : undefined
}

/** The former password is forgotten; false: there was none. */
export function endGrace({ previous }: CredentialFiles): boolean {
  const was = existsSync(previous)
  rmSync(previous, { force: true })
  return was
}
