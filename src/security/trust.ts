// Whether a certificate is to be believed today: signed by an authority this process knows, within its time, not revoked. The
// costly part, the signature, is done once per certificate; time and revocation are looked at every time.

import type { KeyObject } from 'node:crypto'
import { TroupeError } from '#base/errors.ts'
import { CERTIFICATES_KEPT_MAX } from '#base/limits.ts'
import {
  authorityIdOf,
  type Certificate,
  importPublicKey,
  isSignedBy,
  parseCertificate,
  rawPublicKey,
} from './certificate.ts'

/** A certificate that was believed when it was checked, with its keys. */
export interface TrustedCertificate extends Certificate {
  readonly verifyKey: () => KeyObject
  readonly encryptKey: () => KeyObject
}

export interface TrustOptions {
  /** Ed25519 public keys; several while the fleet changes from one authority to the next. */
  readonly authorities: readonly KeyObject[]
  /** By serial, 32 hex digits. */
  readonly isRevoked: (serial: string) => boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface Trust {
  /**
   * Throws SECURITY_BAD_KEY, SECURITY_UNKNOWN_AUTHORITY, SECURITY_BAD_SIGNATURE, SECURITY_CERTIFICATE_REVOKED or
   * SECURITY_CERTIFICATE_ENDED.
   */
  check(bytes: Uint8Array): TrustedCertificate
}

export function createTrust({ authorities, isRevoked, now }: TrustOptions): Trust {
  const byId = new Map(authorities.map((key) => [authorityIdOf(rawPublicKey(key)), key]))
  /** Only what an authority signed gets in, so strangers cannot push others out. */
  const known = new Map<string, TrustedCertificate>()

  const verified = (bytes: Uint8Array): TrustedCertificate => {
    const certificate = parseCertificate(bytes)
    const authority = byId.get(certificate.authorityId)
    if (!authority) {
      const has = byId.size === 0 ? 'none' : [...byId.keys()].join(', ')
      throw distrusted(
        'SECURITY_UNKNOWN_AUTHORITY',
        certificate,
        `authority ${certificate.authorityId} signed it, this process knows ${has}`,
      )
    }
    if (!isSignedBy(certificate, authority)) {
      throw distrusted('SECURITY_BAD_SIGNATURE', certificate, 'its signature does not fit')
    }
    return {
      ...certificate,
      verifyKey: once(() => importPublicKey('ed25519', certificate.ed25519)),
      encryptKey: once(() => importPublicKey('x25519', certificate.x25519)),
    }
  }

  return {
    check(bytes) {
      const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
      let certificate = known.get(key)
      if (!certificate) {
        certificate = verified(bytes)
        if (known.size >= CERTIFICATES_KEPT_MAX) known.delete(known.keys().next().value!)
        known.set(key, certificate)
      }
      if (isRevoked(certificate.serial)) {
        throw distrusted('SECURITY_CERTIFICATE_REVOKED', certificate, `serial ${certificate.serial} is revoked`)
      }
      const { notBeforeMs, notAfterMs } = certificate
      if (now() > notAfterMs) {
        throw distrusted('SECURITY_CERTIFICATE_ENDED', certificate, `it ended ${new Date(notAfterMs).toISOString()}`)
      }
      if (now() < notBeforeMs) {
        const start = new Date(notBeforeMs).toISOString()
        throw distrusted('SECURITY_CERTIFICATE_ENDED', certificate, `it is valid from ${start} on`)
      }
      return certificate
    },
  }
}

function distrusted(
  code: `SECURITY_${'UNKNOWN_AUTHORITY' | 'BAD_SIGNATURE' | 'CERTIFICATE_REVOKED' | 'CERTIFICATE_ENDED'}`,
  { role, name, serial }: Certificate,
  why: string,
): TroupeError {
  return new TroupeError(code, `cannot trust the ${role} certificate of ${name || 'every collective'}: ${why}`, {
    details: { role, name, serial },
  })
}

function once(make: () => KeyObject): () => KeyObject {
  let key: KeyObject | undefined
  return () => {
    key ??= make()
    return key
  }
}
