// `mco setup node`: this machine as a node of a collective, from what the master granted for a token, or with the certificate Puppet gave it;
// and the master's side of a grant. A second run keeps what somebody edited.

import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import { makeFolders } from '#base/make-folders.ts'
import { parseCertificate } from '#security/certificate.ts'
import { readCertificate } from '#security/key-text.ts'
import { type BrokerAccess, NODE_ACCOUNT, serverConfig } from './configuration-files.ts'
import { credentialFiles, previousCredentials } from './credentials.ts'
import { certifyIdentity, revoke } from './identity-certificates.ts'
import type { IdentityFiles } from './identity-files.ts'
import {
  claimDirectory,
  type Item,
  type Layout,
  layoutOf,
  masterRecord,
  type NodeRecord,
  type PuppetCertificate,
  readRecord,
  type Scheme,
  saveRecord,
} from './installed.ts'
import type { JoinGrant, JoinRequest } from './join-desk.ts'
import { writeUnlessEdited } from './kept-files.ts'
import { readBrokerPasswords } from './master.ts'
import { makeFolder, save } from './private-files.ts'

export interface NodeOptions {
  /** Absolute paths. */
  readonly directory: string
  readonly stateDirectory: string
  readonly identity: string
  readonly from:
    | {
        readonly grant: JoinGrant
        readonly authority: string
        /** The private keys whose public halves were certified. */
        readonly key: string | undefined
        /** The login, where the broker asks for certificates. */
        readonly puppet?: PuppetCertificate
      }
    | {
        readonly puppet: PuppetCertificate
        readonly broker: { readonly host: string; readonly port: number }
        readonly collectives: readonly string[]
        readonly security: Scheme
      }
}

export interface NodeMade {
  readonly items: readonly Item[]
  readonly broker: { readonly host: string; readonly port: number }
  readonly collectives: readonly string[]
  readonly security: Scheme
  /** The password or keys of messages, which Puppet brings, are not here yet. */
  readonly awaits: readonly string[]
}

const REGISTER_INTERVAL_SECONDS = 300

/** Throws USAGE_INVALID on the master, SETUP_UNSAFE_DIRECTORY and SETUP_DAMAGED. */
export function prepareNode({ directory, stateDirectory, identity, from }: NodeOptions): NodeMade {
  const layout = layoutOf(directory, stateDirectory)
  refuseOnMaster(directory)
  const before = readRecord(layout.record)
  claimDirectory(directory)
  for (const folder of [layout.stateDirectory, layout.logs]) makeFolders(folder, 0o755)
  const record: NodeRecord = { version: 1, role: 'node', identity, written: { ...before?.written } }
  const items: Item[] = []
  const put = (what: string, path: string, text: string): void => {
    const current = existsSync(path) ? readFileSync(path, 'utf8') : undefined
    makeFolder(dirname(path))
    if (current !== text) save(path, text)
    items.push({ what, path, fate: current === undefined ? 'made' : current === text ? 'kept' : 'changed' })
  }
  const aes = aesFiles(layout)
  const psk = { file: credentialFiles(directory).current, previousFile: credentialFiles(directory).previous }
  let collectives: readonly string[]
  let broker: BrokerAccess
  let security: Scheme
  if ('grant' in from) {
    const { grant } = from
    put('certificate authority', layout.ca.certificate, from.authority)
    putKeys(grant, from.key, { aes, psk }, put)
    const { host, port, user, password } = grant.broker
    const login = from.puppet ? { certificate: from.puppet } : password === null ? {} : { password }
    broker = { host, port, user, caFile: layout.ca.certificate, ...login }
    collectives = grant.collectives
    security = grant.key.scheme
  } else {
    const { puppet } = from
    broker = { ...from.broker, user: NODE_ACCOUNT, caFile: puppet.authority, certificate: puppet }
    collectives = from.collectives
    security = from.security
  }
  const config = serverConfig({
    ...{ identity, broker, collectives, stateDirectory, libdir: layout.libdir, rosterFile: layout.rosterFile },
    key: security === 'aes' ? { aes } : psk,
    ...{ keepsRoster: false, registerIntervalSeconds: REGISTER_INTERVAL_SECONDS, factSource: 'auto' },
    ...{ logFile: `${layout.logs}/mcollective.log`, auditFile: `${layout.logs}/mcollective-audit.log` },
  })
  const fate = writeUnlessEdited(layout.at('server.cfg'), config, record.written, 'server.cfg')
  items.push({ what: 'configuration', path: layout.at('server.cfg'), fate })
  saveRecord(layout.record, record)
  const needed = security === 'aes' ? Object.values(aes) : [psk.file]
  return { items, broker, collectives, security, awaits: needed.filter((file) => !existsSync(file)) }
}

/** Before anything is asked of a master: a token that is used up must not be in vain. Throws USAGE_INVALID. */
export function refuseOnMaster(directory: string): void {
  if (readRecord(layoutOf(directory, '').record)?.role !== 'master') return
  const message = `will not make a node in ${directory}: this machine is the master of a collective, and a node of it already`
  throw new TroupeError('USAGE_INVALID', message)
}

function aesFiles({ at }: Layout): IdentityFiles {
  const file = (name: string): string => at('aes', name)
  return {
    ...{ key: file('node.key'), certificate: file('node.pem'), authority: file('authority.pem') },
    ...{ group: file('group.key'), revoked: file('revoked') },
  }
}

function putKeys(
  { key }: JoinGrant,
  ownKey: string | undefined,
  { aes, psk }: { aes: IdentityFiles; psk: { file: string; previousFile: string } },
  put: (what: string, path: string, text: string) => void,
): void {
  if (key.scheme === 'psk') {
    if (key.previous !== undefined) put('former password', psk.previousFile, key.previous)
    put('password of the collective', psk.file, key.credentials)
    return
  }
  if (ownKey !== undefined) put('private keys of this node', aes.key, ownKey)
  put('certificate of this node', aes.certificate, key.certificate)
  put('public key of the authority', aes.authority, key.authority)
  put('group key', aes.group, key.group)
  put('revoked certificates', aes.revoked, key.revoked)
}

export interface GrantOptions {
  /** Absolute path of the master's directory. */
  readonly directory: string
  /** true: the token was made for that very identity, so keys it had are replaced and cast out. */
  readonly mayReplace: boolean
  readonly nowMs: number
}

/** What the master gives a node. Throws SETUP_NOT_HERE, SETUP_JOIN_REFUSED, SETUP_DAMAGED. */
export function grantFor({ identity, keys }: JoinRequest, { directory, mayReplace, nowMs }: GrantOptions): JoinGrant {
  const record = masterRecord(directory)
  const layout = layoutOf(directory, record.stateDirectory)
  if (identity === record.identity) throw refused(`${identity} is the master itself`)
  const read = (file: string): string => readFileSync(file, 'utf8')
  const password = record.puppetCertificates ? null : readBrokerPasswords(layout.brokerPasswords).node
  const broker = { host: record.identity, port: record.port, user: NODE_ACCOUNT, password }
  const given = { master: record.identity, broker, collectives: record.collectives }
  if (record.security === 'psk') {
    const files = credentialFiles(directory)
    const isRunning = (previousCredentials(files)?.untilMs ?? 0) > nowMs
    const former = isRunning ? { previous: read(files.previous) } : {}
    return { ...given, key: { scheme: 'psk', credentials: read(files.current), ...former } }
  }
  if (!keys) throw refused('this collective uses the scheme aes, and the request brings no public keys')
  const at = (...path: string[]): string => layout.at('aes', ...path)
  const file = at('certificates', `${identity}.pem`)
  if (existsSync(file)) replaceIdentity(file, at('revoked'), identity, mayReplace)
  const { certificate } = certifyIdentity(read(at('authority.key')), {
    role: 'node',
    name: identity,
    nowMs,
    publicKeys: keys,
  })
  save(file, certificate)
  const group = { authority: read(at('authority.pem')), group: read(at('group.key')), revoked: read(at('revoked')) }
  return { ...given, key: { scheme: 'aes', certificate, ...group } }
}

function replaceIdentity(file: string, revokedFile: string, identity: string, mayReplace: boolean): void {
  if (!mayReplace) {
    throw refused(
      `${identity} has keys already; \`mco setup token --for ${identity}\` lets it join anew, and casts the old ones out`,
    )
  }
  const certificate = readFileSync(file, 'utf8')
  parseCertificate(readCertificate(certificate))
  save(revokedFile, revoke(readFileSync(revokedFile, 'utf8'), certificate))
}

function refused(why: string): TroupeError {
  return new TroupeError('SETUP_JOIN_REFUSED', `cannot join: ${why}`)
}
