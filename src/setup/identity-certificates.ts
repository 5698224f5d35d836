// Keys and certificates of the aes scheme: an authority, what it issues to callers, nodes and groups, renewal, revocation. Texts in
// and out; where they are kept is up to the caller, private ones with mode 0600. The authority's key is needed for issuing alone
// and belongs on the master, or off-line. docs/decisions/0006-aes-scheme.md

import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { type CertificateRole, parseCertificate, rawPublicKey, signCertificate } from '#security/certificate.ts'
import {
  certificateText,
  privateKeyText,
  publicKeyText,
  readCertificate,
  readPrivateKey,
  readRevocations,
} from '#security/key-text.ts'

export interface Validity {
  /** Milliseconds since 1970. */
  readonly nowMs: number
  /** Days from `nowMs` on. Default 825 for identities, 3650 for groups. */
  readonly days?: number
}

/** Private keys and certificate, as texts of files. */
export interface IssuedIdentity {
  readonly key: string
  readonly certificate: string
  /** 32 hex digits: what `revoke` takes. */
  readonly serial: string
}

const DAY_MS = 86_400_000
/** Clocks of nodes lag: certificates are valid from a day before they are made. */
const BACKDATED_MS = DAY_MS
const IDENTITY_DAYS = 825
const GROUP_DAYS = 3650

/** A new authority: `key` signs certificates, `publicKey` goes to every client and node. */
export function createIdentityAuthority(): { readonly key: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { key: privateKeyText(privateKey), publicKey: publicKeyText(publicKey) }
}

/** The public half of an authority's key, when its file was lost. */
export function authorityPublicKey(key: string): string {
  return publicKeyText(createPublicKey(readPrivateKey(key, 'ed25519')))
}

/** Public halves of the keys of a caller or node, hex. */
export interface PublicKeys {
  readonly ed25519: string
  readonly x25519: string
}

/** New private keys, as the text of a file, and their public halves: what an authority certifies without seeing the private ones. */
export function createIdentityKeys(): { readonly key: string; readonly publicKeys: PublicKeys } {
  const signing = generateKeyPairSync('ed25519')
  const encryption = generateKeyPairSync('x25519')
  return {
    key: privateKeyText(signing.privateKey, encryption.privateKey),
    publicKeys: {
      ed25519: Buffer.from(rawPublicKey(signing.publicKey)).toString('hex'),
      x25519: Buffer.from(rawPublicKey(encryption.publicKey)).toString('hex'),
    },
  }
}

type Named = Validity & { readonly role: 'client' | 'node'; readonly name: string }

/**
 * The certificate of an operator (`{ role: 'client', name: 'admin' }`: caller id `cert=admin`) or of a node (`{ role: 'node',
 * name: 'web1.example.com' }`: its identity). Throws SECURITY_BAD_KEY for names that cannot be.
 */
export function certifyIdentity(
  authorityKey: string,
  { role, name, nowMs, days = IDENTITY_DAYS, publicKeys }: Named & { readonly publicKeys: PublicKeys },
): Omit<IssuedIdentity, 'key'> {
  const keys = { ed25519: Buffer.from(publicKeys.ed25519, 'hex'), x25519: Buffer.from(publicKeys.x25519, 'hex') }
  return issue(authorityKey, role, name, keys, nowMs, days)
}

/** Keys and certificate in one. Throws as certifyIdentity. */
export function issueIdentity(authorityKey: string, named: Named): IssuedIdentity {
  const { key, publicKeys } = createIdentityKeys()
  return { key, ...certifyIdentity(authorityKey, { ...named, publicKeys }) }
}

/**
 * A group key: what requests to a whole collective are encrypted to. `key` holds the private key and goes to nodes; `certificate`
 * goes to clients and nodes. `collective` undefined: for every collective without a key of its own.
 */
export function issueGroupKey(
  authorityKey: string,
  { collective = '', nowMs, days = GROUP_DAYS }: Validity & { collective?: string },
): IssuedIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  const keys = { ed25519: new Uint8Array(32), x25519: rawPublicKey(publicKey) }
  const issued = issue(authorityKey, 'group', collective, keys, nowMs, days)
  return { key: `${privateKeyText(privateKey)}${issued.certificate}`, ...issued }
}

/** A new certificate for the keys of an old one. */
export function renewIdentity(
  authorityKey: string,
  certificate: string,
  { nowMs, days }: Validity,
): Omit<IssuedIdentity, 'key'> {
  const { role, name, ...keys } = parseCertificate(readCertificate(certificate))
  return issue(authorityKey, role, name, keys, nowMs, days ?? (role === 'group' ? GROUP_DAYS : IDENTITY_DAYS))
}

/** The list of revoked certificates with one more, e.g. `revoke(list, readFileSync('node.pem', 'utf8'))`. A stolen node also had the
 * group key: issue a new one. Throws SECURITY_BAD_KEY for a list or certificate that cannot be read. */
export function revoke(list: string, certificate: string): string {
  const { role, name, serial } = parseCertificate(readCertificate(certificate))
  if (readRevocations(list).has(serial)) return list
  const before = list === '' || list.endsWith('\n') ? list : `${list}\n`
  return `${before}${serial} # ${role} ${name}\n`
}

/** Whole days until a certificate ends, negative when it has. */
export function identityDaysLeft(certificate: string, nowMs: number): number {
  return Math.floor((parseCertificate(readCertificate(certificate)).notAfterMs - nowMs) / DAY_MS)
}

function issue(
  authorityKey: string,
  role: CertificateRole,
  name: string,
  { ed25519, x25519 }: { ed25519: Uint8Array; x25519: Uint8Array },
  nowMs: number,
  days: number,
): Omit<IssuedIdentity, 'key'> {
  const authority: KeyObject = readPrivateKey(authorityKey, 'ed25519')
  const validity = { notBeforeMs: nowMs - BACKDATED_MS, notAfterMs: nowMs + days * DAY_MS }
  const serial = randomBytes(16).toString('hex')
  const certificate = signCertificate({ role, name, serial, ed25519, x25519, ...validity }, authority)
  return { certificate: certificateText(certificate), serial }
}
