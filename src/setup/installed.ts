// What an installation is: where its files lie, and the record of what was chosen, so that a second run needs no options and keeps what is
// there.
//
//   setup.json             choices, digests of configuration files written
//   credentials            the password; credentials.previous: the former one
//   broker-passwords       of the broker's accounts: `client = ...` and `node = ...`; the master alone has it
//   {server,client,broker}.cfg
//   ssl/                   ca.pem, ca-key.pem, cert.pem and key.pem of the broker; a node has ca.pem alone
//   aes/                   keys of the aes scheme (identity-files.ts); a node has its own alone

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import { damaged } from './kept-files.ts'
import { makeFolder, type Owner, save } from './private-files.ts'

export const DEFAULT_DIRECTORY = '/etc/puppetlabs/mcollective'
export const DEFAULT_STATE_DIRECTORY = '/var/lib/mcollective'
const DEFAULT_LOG_DIRECTORY = '/var/log/puppetlabs/mcollective'
/** For plugins of the site, and for those of packages. */
const LIBDIRS = ['/usr/local/share/mcollective', '/usr/share/mcollective']

export type Scheme = 'psk' | 'aes'

/** One thing that setup looked after. */
export interface Item {
  /** e.g. `certificate of the broker`. */
  readonly what: string
  readonly path: string
  readonly fate: 'made' | 'kept' | 'changed' | 'edited'
  /** Why it was changed. */
  readonly reason?: string
}

/** Puppet's certificate of this host: absolute paths. */
export interface PuppetCertificate {
  readonly name: string
  readonly certificate: string
  readonly key: string
  readonly authority: string
}

/** The account that may use mco, and where its files go. */
export interface Operator {
  readonly account: string
  /** Absolute path. */
  readonly home: string
  /** true: the account was made now. */
  readonly isNew?: boolean
  /** Absent: the files belong to whoever runs setup. */
  readonly owner?: Owner
}

export interface Choices {
  readonly identity: string
  readonly port: number
  /** The first is the main one. */
  readonly collectives: readonly string[]
  readonly names: readonly string[]
  readonly security: Scheme
  readonly stateDirectory: string
  readonly puppetCertificates: boolean
  /** null: nobody gets files. */
  readonly operator: OperatorChoice | null
}

export interface OperatorChoice {
  readonly account: string
  /** Absolute path; absent: the home of the account. */
  readonly home?: string
  /** true: no account is looked for; the files belong to whoever runs setup. */
  readonly isForeign?: boolean
}

export interface MasterRecord extends Choices {
  readonly version: 1
  readonly role: 'master'
  /** Everything was written once. */
  complete: boolean
  /** File -> SHA-256 of the text last written there. */
  readonly written: Record<string, string>
}

export interface NodeRecord {
  readonly version: 1
  readonly role: 'node'
  readonly identity: string
  readonly written: Record<string, string>
}

export interface Layout {
  at(...path: string[]): string
  readonly record: string
  readonly brokerPasswords: string
  readonly ca: { readonly certificate: string; readonly key: string }
  readonly broker: { readonly certificate: string; readonly key: string }
  readonly logs: string
  readonly libdir: string
  readonly rosterFile: string
  readonly stateDirectory: string
}

export function layoutOf(directory: string, stateDirectory: string): Layout {
  const at = (...path: string[]): string => join(directory, ...path)
  return {
    at,
    record: at('setup.json'),
    brokerPasswords: at('broker-passwords'),
    ca: { certificate: at('ssl', 'ca.pem'), key: at('ssl', 'ca-key.pem') },
    broker: { certificate: at('ssl', 'cert.pem'), key: at('ssl', 'key.pem') },
    logs: stateDirectory === DEFAULT_STATE_DIRECTORY ? DEFAULT_LOG_DIRECTORY : join(stateDirectory, 'log'),
    libdir: LIBDIRS.join(':'),
    rosterFile: join(stateDirectory, 'roster.json'),
    stateDirectory,
  }
}

/** Makes the directory, or refuses one that others may write. Throws SETUP_UNSAFE_DIRECTORY. */
export function claimDirectory(directory: string): void {
  if (!existsSync(directory)) makeFolder(directory)
  const { uid, mode } = statSync(directory)
  const others = (mode & 0o022) !== 0
  if (!others && (uid === 0 || uid === process.geteuid?.())) return
  const what = others ? `others may write there (mode ${(mode & 0o777).toString(8)})` : `it belongs to user ${uid}`
  throw new TroupeError('SETUP_UNSAFE_DIRECTORY', `will not keep keys in ${directory}: ${what}; mend that first`)
}

/** The record of a directory; undefined: setup was not here. Throws SETUP_DAMAGED. */
export function readRecord(file: string): MasterRecord | NodeRecord | undefined {
  if (!existsSync(file)) return undefined
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as MasterRecord | NodeRecord
    if (record.version === 1 && record.identity && record.written) return record
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw error
  }
  throw damaged(file, 'it is not what setup wrote')
}

/** The record of the master. Throws SETUP_NOT_HERE when this machine is none. */
export function masterRecord(directory: string): MasterRecord {
  const record = readRecord(join(directory, 'setup.json'))
  if (record?.role === 'master') return record
  const is = record ? 'is the directory of a node' : 'holds no collective'
  const message = `this needs what \`mco setup master\` makes, and ${directory} ${is}: run it on the master`
  throw new TroupeError('SETUP_NOT_HERE', message)
}

export function saveRecord(file: string, record: MasterRecord | NodeRecord): void {
  save(file, `${JSON.stringify(record, null, 2)}\n`)
}
