// Operators and nodes with keys of the aes scheme, for its tests.

import { type AesOptions, createAesScheme, type GroupKey } from '#security/aes.ts'
import { parseCertificate } from '#security/certificate.ts'
import { readAuthorities, readCertificate, readPrivateKey } from '#security/key-text.ts'
import type { SecurityScheme } from '#security/security.ts'
import {
  createIdentityAuthority,
  type IssuedIdentity,
  issueGroupKey,
  issueIdentity,
} from '#setup/identity-certificates.ts'
import { sampleReply } from './security.ts'

export const NOW_MS = 1_795_324_648_123
export const NODE = sampleReply.sender

/** An authority with a group key and the means to issue more. */
export function newRealm() {
  const authority = createIdentityAuthority()
  return {
    authority,
    group: issueGroupKey(authority.key, { nowMs: NOW_MS }),
    issue: (role: 'client' | 'node', name: string, days = 30) =>
      issueIdentity(authority.key, { role, name, nowMs: NOW_MS, days }),
  }
}
export type Realm = ReturnType<typeof newRealm>

/** As clients have it: no private key. */
export function publicGroup({ certificate }: { certificate: string }): GroupKey {
  return { certificate: readCertificate(certificate) }
}

/** As nodes have it. */
export function privateGroup({ key, certificate }: IssuedIdentity): GroupKey {
  return { certificate: readCertificate(certificate), decryptionKey: readPrivateKey(key, 'x25519') }
}

/** The scheme of who has these keys in this realm. */
export function schemeOf(
  issued: IssuedIdentity,
  realms: readonly Realm[],
  more: Partial<AesOptions> = {},
): SecurityScheme {
  const certificate = readCertificate(issued.certificate)
  const isNode = parseCertificate(certificate).role === 'node'
  return createAesScheme({
    identity: {
      certificate,
      signingKey: readPrivateKey(issued.key, 'ed25519'),
      decryptionKey: readPrivateKey(issued.key, 'x25519'),
    },
    authorities: realms.flatMap(({ authority }) => readAuthorities(authority.publicKey)),
    groups: realms.map(({ group }) => (isNode ? privateGroup(group) : publicGroup(group))),
    isRevoked: () => false,
    now: () => NOW_MS,
    ...more,
  })
}
