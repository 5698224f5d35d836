// Operators and nodes with keys of the aes scheme, and envelopes made by hand after the drawing in aes.ts, for its tests.

import { createHash, createPublicKey, randomBytes, sign } from 'node:crypto'
import { type AesOptions, createAesScheme, type GroupKey } from '#security/aes.ts'
import { parseCertificate } from '#security/certificate.ts'
import { readAuthorities, readCertificate, readPrivateKey } from '#security/key-text.ts'
import { newEphemeral, seal, wrapKey } from '#security/key-wrap.ts'
import type { SecurityScheme } from '#security/security.ts'
import {
  createIdentityAuthority,
  type IssuedIdentity,
  issueGroupKey,
  issueIdentity,
} from '#setup/identity-certificates.ts'

export const NOW_MS = 1_795_324_648_123
export const NODE = 'agent.example.com'

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

/** An envelope for the group of a realm around what `contentOf` makes, given the bytes before it: what anybody could send. */
export function encryptedByHand(
  { group }: Realm,
  contentOf: (head: Buffer) => Buffer,
  { kind = 1, wraps = 1 } = {},
): Buffer {
  const ephemeral = newEphemeral()
  const { certificate, decryptionKey } = privateGroup(group)
  const { x25519 } = parseCertificate(certificate)
  const start = [Buffer.from([0x54, 0x52, 0x50, 1, kind, 2]), Buffer.alloc(16), Buffer.from([0, wraps])]
  const header = Buffer.concat([...start, ephemeral.publicKey])
  const contentKey = randomBytes(32)
  const recipient = { x25519, encryptKey: () => createPublicKey(decryptionKey!) }
  const wrap = wrapKey(contentKey, recipient, ephemeral, 'request', header)
  const head = Buffer.concat([header, ...Array.from({ length: wraps }, () => wrap)])
  return Buffer.concat([head, seal(contentKey, head, contentOf(head))])
}

/** Certificate, signature and JSON: what the owner of these keys could put into an envelope. */
export function signedByHand(
  by: { readonly key: string },
  certificate: Buffer,
  head: Buffer,
  json: Buffer,
  label = 'troupe aes v1 message\0',
): Buffer {
  const digest = createHash('sha256')
    .update(Buffer.concat([Buffer.from(label), head, certificate, json]))
    .digest()
  return Buffer.concat([certificate, sign(null, digest, readPrivateKey(by.key, 'ed25519')), json])
}
