// The folder with keys and certificates of the aes scheme in a state directory: what is missing is made, what nears its end is
// renewed, nothing else changes.
//
//   authority.key, authority.pem   signs; known to all         group.key, group.pem   for nodes; for clients
//   client.key, client.pem         the operator's              revoked                serials, empty at first
//   nodes/IDENTITY.key             of each node                certificates/IDENTITY.pem

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TroupeError } from '#base/errors.ts'
import {
  authorityPublicKey,
  createIdentityAuthority,
  type IssuedIdentity,
  identityDaysLeft,
  issueGroupKey,
  issueIdentity,
  renewIdentity,
} from './identity-certificates.ts'
import { makeFolder, save } from './private-files.ts'

/** Absolute paths, as settings name them. */
export interface IdentityFiles {
  readonly key: string
  readonly certificate: string
  readonly authority: string
  readonly group: string
  readonly revoked: string
  /** Clients: where certificates of nodes are. */
  readonly certificates?: string
}

export interface IdentityFolder {
  readonly client: IdentityFiles
  node(identity: string): IdentityFiles
}

export interface IdentityFolderOptions {
  /** Absolute path. */
  readonly folder: string
  /** Name of the operator: `admin` has the caller id `cert=admin`. */
  readonly operator: string
  readonly nodes: readonly string[]
  /** Milliseconds since 1970. */
  readonly nowMs: number
  readonly notes: string[]
}

const RENEW_BEFORE_DAYS = 30

/** Throws SETUP_DAMAGED when a key or its certificate is missing, SECURITY_BAD_KEY when one cannot be read. */
export function prepareIdentityFolder({
  folder,
  operator,
  nodes,
  nowMs,
  notes,
}: IdentityFolderOptions): IdentityFolder {
  const at = (...path: string[]): string => join(folder, ...path)
  for (const one of ['nodes', 'certificates']) makeFolder(at(one))
  const authority = ensureAuthority(at('authority.key'), at('authority.pem'))
  const identity = (key: string, certificate: string, what: string, issue: () => IssuedIdentity): void => {
    if (ensure(key, certificate, issue)) return
    const text = readFileSync(certificate, 'utf8')
    const days = identityDaysLeft(text, nowMs)
    if (days >= RENEW_BEFORE_DAYS) return
    const renewed = renewIdentity(authority, text, { nowMs })
    save(certificate, renewed.certificate)
    notes.push(`renewed the certificate of ${what}: it ${days < 0 ? 'had ended' : `ended in ${days} days`}`)
  }
  ensure(at('group.key'), at('group.pem'), () => issueGroupKey(authority, { nowMs }))
  identity(at('client.key'), at('client.pem'), `the operator ${operator}`, () =>
    issueIdentity(authority, { role: 'client', name: operator, nowMs }),
  )
  for (const name of nodes) {
    identity(at('nodes', `${name}.key`), at('certificates', `${name}.pem`), `the node ${name}`, () =>
      issueIdentity(authority, { role: 'node', name, nowMs }),
    )
  }
  if (!existsSync(at('revoked'))) save(at('revoked'), '')
  const known = { authority: at('authority.pem'), revoked: at('revoked') }
  return {
    client: {
      ...known,
      ...{ key: at('client.key'), certificate: at('client.pem'), group: at('group.pem') },
      certificates: at('certificates'),
    },
    node: (name) => ({
      ...known,
      ...{ key: at('nodes', `${name}.key`), certificate: at('certificates', `${name}.pem`), group: at('group.key') },
    }),
  }
}

/** Never made anew while its public half is there: everything would have to be issued again. */
function ensureAuthority(keyFile: string, publicFile: string): string {
  if (!existsSync(keyFile)) {
    if (existsSync(publicFile)) throw damaged(publicFile, keyFile, 'move the folder away and start again with new keys')
    save(keyFile, createIdentityAuthority().key)
  }
  const authority = readFileSync(keyFile, 'utf8')
  if (!existsSync(publicFile)) save(publicFile, authorityPublicKey(authority))
  return authority
}

/** false: both files are there. The certificate is written last: without it the pair is made anew. */
function ensure(keyFile: string, certificateFile: string, make: () => { key: string; certificate: string }): boolean {
  if (existsSync(certificateFile)) {
    if (existsSync(keyFile)) return false
    throw damaged(certificateFile, keyFile, 'delete the certificate to have both made anew')
  }
  const { key, certificate } = make()
  save(keyFile, key)
  save(certificateFile, certificate)
  return true
}

function damaged(file: string, keyFile: string, otherwise: string): TroupeError {
  const message = `cannot use ${file}: its key ${keyFile} is missing; restore it from a backup, or ${otherwise}`
  return new TroupeError('SETUP_DAMAGED', message)
}
