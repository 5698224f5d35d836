// The psk scheme of a process, from its settings or from the files they name. Files are looked at again while the process runs, so that a
// changed password needs no restart: every second at most, and at once when a message names a key that is not known. A file
// that cannot be used any more leaves the keys as they were. [R-016, R-017, B-018] docs/decisions/0008-credentials.md

import { statSync } from 'node:fs'
import { isTroupeError, messageOf, TroupeError } from '#base/errors.ts'
import type { Log } from '#base/log.ts'
import type { SecuritySettings } from '#config/settings.ts'
import { readCredentials, readPreviousCredentials } from '#security/credentials-text.ts'
import { derivePskKey } from '#security/keys.ts'
import { createPskScheme, type PreviousKey } from '#security/psk.ts'
import type { SecurityScheme } from '#security/security.ts'
import { readKeyFile } from './read-key-file.ts'

const LOOK_AGAIN_MS = 1_000
/**
 * Before the end of a grace period from which on messages are sealed with the new key: by the clock of a node that is a minute ahead, a request
 * that is valid for a minute must still arrive in time.
 */
const SEAL_NEW_BEFORE_END_MS = 120_000
const FILE_SETTING = 'plugin.psk.file'
const PREVIOUS_SETTING = 'plugin.psk.previous_file'

export interface PskMember {
  readonly psk: SecuritySettings['psk']
  /** Of the configuration, for messages. */
  readonly configFile: string
  /** e.g. `uid=0`. */
  readonly caller: string
  readonly log: Log
  /** Milliseconds since 1970. */
  readonly now: () => number
}

interface Keys {
  readonly psk: string
  readonly previous: PreviousKey | undefined
}

/** Throws CONFIG_INCOMPLETE without a key, CONFIG_UNREADABLE and SECURITY_WEAK_KEY with the file's name. */
export function pskFromFiles(member: PskMember): SecurityScheme {
  const { psk, caller, log, now } = member
  const make = (): { scheme: SecurityScheme; keys: Keys } => {
    const keys = readKeys(member)
    const previous = keys.previous ? [keys.previous] : []
    return { keys, scheme: createPskScheme({ psk: keys.psk, previous, caller, now }) }
  }
  if (psk.key !== undefined || psk.keyFile === undefined) return make().scheme
  const files = [psk.keyFile, ...(psk.previousFile === undefined ? [] : [psk.previousFile])]
  let state = stateOf(files)
  let { scheme } = make()
  let lookedAtMs = now()

  /** true: the keys are others now. */
  const look = (): boolean => {
    lookedAtMs = now()
    const current = stateOf(files)
    if (current === state) return false
    state = current
    try {
      const made = make()
      scheme = made.scheme
      log.info(`read ${files.join(' and ')} again: ${inWords(made.keys)}`)
      return true
    } catch (error) {
      log.error(`keeping the password as it was: ${messageOf(error)}`)
      return false
    }
  }
  const fresh = (): SecurityScheme => {
    if (Math.abs(now() - lookedAtMs) >= LOOK_AGAIN_MS) look()
    return scheme
  }
  /** Who changed the key first must not wait until it is noticed. */
  const orOnceMore = <Result>(open: (scheme: SecurityScheme) => Result): Result => {
    try {
      return open(fresh())
    } catch (error) {
      if (!isTroupeError(error, 'SECURITY_UNKNOWN_KEY') || !look()) throw error
      return open(scheme)
    }
  }
  return {
    name: 'psk',
    callerId: () => caller,
    encodeRequest: (request, recipients) => fresh().encodeRequest(request, recipients),
    decodeRequest: (bytes) => orOnceMore((opener) => opener.decodeRequest(bytes)),
    encodeReply: (reply, request) => fresh().encodeReply(reply, request),
    decodeReply: (bytes, awaited) => orOnceMore((opener) => opener.decodeReply(bytes, awaited)),
  }
}

/**
 * A scheme with one of the keys alone, also the former one after its end: to find out who has which. Throws CONFIG_INCOMPLETE when there is no
 * such key.
 */
export function pskWithOneKey(member: PskMember, which: 'current' | 'previous'): SecurityScheme {
  const { psk, previous } = readKeys(member)
  const key = which === 'current' ? psk : previous?.psk
  if (key === undefined) {
    const message = `no former password is known: neither plugin.psk.previous nor ${PREVIOUS_SETTING} of ${member.configFile} gives one`
    throw new TroupeError('CONFIG_INCOMPLETE', message)
  }
  return createPskScheme({ psk: key, caller: member.caller, now: member.now })
}

export interface KeyNames {
  /** 8 hex digits. */
  readonly keyId: string
  readonly previous?: { readonly keyId: string; readonly untilMs?: number }
}

/** What the keys are called in logs. Throws as pskFromFiles. */
export function keyNames(member: PskMember): KeyNames {
  const { psk, previous } = readKeys(member)
  return { keyId: derivePskKey(psk).id, ...(previous ? { previous: namesOf(previous) } : {}) }
}

function namesOf({ psk, untilMs }: PreviousKey): NonNullable<KeyNames['previous']> {
  return { keyId: derivePskKey(psk).id, ...(untilMs === undefined ? {} : { untilMs }) }
}

function readKeys({ psk, configFile, log }: PskMember): Keys {
  const file = psk.keyFile
  const key = psk.key?.reveal() ?? (file === undefined ? undefined : fromFile(file, FILE_SETTING, readCredentials, log))
  if (key === undefined) {
    const message = `cannot authenticate messages: neither plugin.psk nor plugin.psk.file is set in ${configFile}`
    throw new TroupeError('CONFIG_INCOMPLETE', message)
  }
  const previous = psk.previous?.reveal()
  if (previous !== undefined) return { psk: key, previous: inGrace(previous, psk.previousUntilMs) }
  if (psk.key !== undefined || psk.previousFile === undefined) return { psk: key, previous: undefined }
  return { psk: key, previous: previousFromFile(psk.previousFile, key, log) }
}

/** A grace period that cannot be understood is none: better fewer nodes that answer than a key without an end. */
function previousFromFile(file: string, key: string, log: Log): PreviousKey | undefined {
  try {
    const { psk, untilMs } = fromFile(file, PREVIOUS_SETTING, readPreviousCredentials, log)
    return psk === key ? undefined : inGrace(psk, untilMs)
  } catch (error) {
    const isAbsent = isTroupeError(error) && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
    if (!isAbsent) log.error(`the former password is not accepted: ${messageOf(error)}`)
    return undefined
  }
}

function inGrace(psk: string, untilMs: number | undefined): PreviousKey {
  return untilMs === undefined ? { psk } : { psk, untilMs, sealUntilMs: untilMs - SEAL_NEW_BEFORE_END_MS }
}

function fromFile<T>(file: string, setting: string, parse: (text: string) => T, log: Log): T {
  const text = readKeyFile(file, setting, { onExposed: (complaint) => log.warn(complaint) })
  try {
    return parse(text)
  } catch (error) {
    if (!isTroupeError(error)) throw error
    throw new TroupeError(error.code, `cannot use ${file} (${setting}): ${error.message}`, { cause: error })
  }
}

function inWords({ psk, previous }: Keys): string {
  const current = `the key is ${derivePskKey(psk).id}`
  if (!previous) return current
  const { keyId, untilMs } = namesOf(previous)
  return `${current}, the former key ${keyId} is accepted${untilMs === undefined ? '' : ` until ${new Date(untilMs).toISOString()}`}`
}

/** What is different when one of the files was written, replaced, made or removed. */
function stateOf(files: readonly string[]): string {
  const one = (file: string): string => {
    try {
      const { ino, size, mtimeMs } = statSync(file)
      return `${ino} ${size} ${mtimeMs}`
    } catch {
      return 'absent'
    }
  }
  return files.map(one).join(', ')
}
