// The small certificates of the aes scheme: which keys belong to which name, in which role, for how long, signed by an authority.
// Bytes to value and back; whether one is to be believed today is trust.ts. Not X.509, because a canonical fixed layout has one
// encoding, no extensions to misread, and fits into every message. docs/decisions/0006-aes-scheme.md
//
//   offset  size  content
//        0     1  version, 0x01
//        1     1  role: 0x01 client, 0x02 node, 0x03 group
//        2    16  serial, random
//       18     6  valid from, milliseconds since 1970, big-endian
//       24     6  valid until, likewise
//       30     4  id of the authority's key: first bytes of its SHA-256
//       34    32  Ed25519 public key; group: zeros
//       66    32  X25519 public key
//       98     1  length of the name, n: 1 to 251; group: 0 stands for every collective
//       99     n  name: of the caller, identity of the node, or collective, ASCII
//     99+n    64  Ed25519 signature of the authority over "troupe certificate v1", a zero byte and bytes 0 to 99+n

import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { TroupeError } from '#base/errors.ts'
import { IDENTITY_PATTERN } from '#base/id.ts'
import { CERTIFICATE_NAME_LENGTH_MAX } from '#base/limits.ts'

export type CertificateRole = 'client' | 'node' | 'group'

export interface CertificateFields {
  readonly role: CertificateRole
  /** e.g. `admin` (its caller id is `cert=admin`), `web1.example.com`, `mcollective`. */
  readonly name: string
  /** 32 hex digits. */
  readonly serial: string
  /** Milliseconds since 1970. */
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Raw public keys, 32 bytes each. `ed25519` of a group: zeros. */
  readonly ed25519: Uint8Array
  readonly x25519: Uint8Array
}

export interface Certificate extends CertificateFields {
  /** 8 hex digits. */
  readonly authorityId: string
  readonly bytes: Buffer
}

export const PUBLIC_KEY_BYTES = 32
const FIXED_BYTES = 99
const SIGNATURE_BYTES = 64
const ROLES = [undefined, 'client', 'node', 'group'] as const
const LABEL = Buffer.from('troupe certificate v1\0')
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex')

/** The certificate with these fields, signed. `authorityKey` is an Ed25519 private key. Throws SECURITY_BAD_KEY for fields that do not fit. */
export function signCertificate(fields: CertificateFields, authorityKey: KeyObject): Certificate {
  if (fields.name.length > CERTIFICATE_NAME_LENGTH_MAX) throw invalid(`its name has ${fields.name.length} characters`)
  const bytes = Buffer.alloc(FIXED_BYTES + fields.name.length + SIGNATURE_BYTES)
  bytes[0] = 1
  bytes[1] = ROLES.indexOf(fields.role)
  bytes.write(fields.serial, 2, 16, 'hex')
  bytes.writeUIntBE(fields.notBeforeMs, 18, 6)
  bytes.writeUIntBE(fields.notAfterMs, 24, 6)
  bytes.write(authorityIdOf(rawPublicKey(authorityKey)), 30, 4, 'hex')
  bytes.set(fields.ed25519, 34)
  bytes.set(fields.x25519, 66)
  bytes[98] = fields.name.length
  bytes.write(fields.name, FIXED_BYTES, 'latin1')
  const unsigned = bytes.subarray(0, bytes.length - SIGNATURE_BYTES)
  sign(null, Buffer.concat([LABEL, unsigned]), authorityKey).copy(bytes, unsigned.length)
  return parseCertificate(bytes)
}

/** True when `authorityKey`, an Ed25519 public key, signed it. */
export function isSignedBy({ bytes }: Certificate, authorityKey: KeyObject): boolean {
  const unsigned = bytes.subarray(0, bytes.length - SIGNATURE_BYTES)
  return verify(null, Buffer.concat([LABEL, unsigned]), authorityKey, bytes.subarray(unsigned.length))
}

/** How many of these bytes are the certificate they begin with; undefined: they begin with none. */
export function certificateLength(bytes: Uint8Array): number | undefined {
  const nameLength = bytes[98]
  if (nameLength === undefined) return undefined
  const length = FIXED_BYTES + nameLength + SIGNATURE_BYTES
  return length <= bytes.length ? length : undefined
}

/** Throws SECURITY_BAD_KEY for bytes that are not exactly one certificate. Believes nothing: see trust.ts. */
export function parseCertificate(source: Uint8Array): Certificate {
  const bytes = Buffer.from(source)
  if (bytes.length === 0 || certificateLength(bytes) !== bytes.length) throw invalid(`it has ${bytes.length} bytes`)
  if (bytes[0] !== 1) throw invalid(`it is of version ${bytes[0]}, known is 1`)
  const role = ROLES[bytes[1]!]
  if (role === undefined) throw invalid(`its role is number ${bytes[1]}`)
  const name = bytes.toString('latin1', FIXED_BYTES, bytes.length - SIGNATURE_BYTES)
  const isEveryCollective = name === '' && role === 'group'
  if (!isEveryCollective && (!IDENTITY_PATTERN.test(name) || name.length > CERTIFICATE_NAME_LENGTH_MAX)) {
    throw invalid(`its name is not 1 to ${CERTIFICATE_NAME_LENGTH_MAX} letters, digits, '_', '.' and '-'`)
  }
  return {
    ...{ role, name, bytes, serial: bytes.toString('hex', 2, 18) },
    notBeforeMs: bytes.readUIntBE(18, 6),
    notAfterMs: bytes.readUIntBE(24, 6),
    authorityId: bytes.toString('hex', 30, 34),
    ed25519: bytes.subarray(34, 66),
    x25519: bytes.subarray(66, 98),
  }
}

/** `9f86d081`: names an authority's key, given as 32 raw bytes. */
export function authorityIdOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 8)
}

/** A raw public key of 32 bytes as something node:crypto takes. */
export function importPublicKey(type: 'ed25519' | 'x25519', raw: Uint8Array): KeyObject {
  const prefix = type === 'ed25519' ? ED25519_SPKI : X25519_SPKI
  return createPublicKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'spki' })
}

/** The 32 bytes of a public key, or of the public half of a private one. */
export function rawPublicKey(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-PUBLIC_KEY_BYTES)
}

function invalid(why: string): TroupeError {
  return new TroupeError('SECURITY_BAD_KEY', `cannot read a certificate: ${why}`)
}
