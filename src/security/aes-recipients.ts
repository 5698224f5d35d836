// Whom a request of the aes scheme is encrypted to: each node when all their certificates are known, else the group key of the
// collective; never a revoked node. Certificates come from replies and from a look-up.

import { isTroupeError, TroupeError } from '#base/errors.ts'
import { CERTIFICATES_KEPT_MAX, RECIPIENTS_MAX } from '#base/limits.ts'
import type { Certificate } from './certificate.ts'
import type { Recipient } from './key-wrap.ts'
import type { Trust, TrustedCertificate } from './trust.ts'

export interface RecipientsOptions {
  readonly trust: Trust
  /** Of role group; the first for a collective counts. */
  readonly groups: readonly Certificate[]
  /** The certificate of a node, whatever it is worth. */
  readonly certificateOf?: ((identity: string) => Uint8Array | undefined) | undefined
}

export interface Recipients {
  /**
   * `identities` undefined: whoever is in the collective. Throws MESSAGE_TOO_LARGE for more than RECIPIENTS_MAX,
   * SECURITY_NO_RECIPIENT_KEY, SECURITY_CERTIFICATE_REVOKED when nobody is left.
   */
  choose(collective: string, identities: readonly string[] | undefined): readonly Recipient[]
  /** Remembers the certificate of a node whose reply was believed. */
  meet(node: TrustedCertificate): void
}

export function createRecipients({ trust, groups, certificateOf }: RecipientsOptions): Recipients {
  const met = new Map<string, TrustedCertificate>()

  function nodeKey(identity: string): TrustedCertificate | 'unknown' | 'revoked' {
    let answer: 'unknown' | 'revoked' = 'unknown'
    for (const bytes of [met.get(identity)?.bytes, certificateOf?.(identity)]) {
      if (bytes === undefined) continue
      try {
        const certificate = trust.check(bytes)
        if (certificate.role === 'node' && certificate.name === identity) return certificate
      } catch (error) {
        if (isTroupeError(error, 'SECURITY_CERTIFICATE_REVOKED')) answer = 'revoked'
      }
    }
    return answer
  }

  function groupFor(collective: string): Recipient {
    const group = groups.find(({ name }) => name === collective) ?? groups.find(({ name }) => name === '')
    if (!group) {
      const message = `cannot encrypt a request for the nodes of ${collective}: there is no group key for it here`
      throw new TroupeError('SECURITY_NO_RECIPIENT_KEY', message)
    }
    return trust.check(group.bytes)
  }

  return {
    choose(collective, identities) {
      if (identities === undefined || identities.length === 0) return [groupFor(collective)]
      if (identities.length > RECIPIENTS_MAX) {
        const message = `cannot encrypt a request for ${identities.length} nodes at once: at most ${RECIPIENTS_MAX} are allowed`
        throw new TroupeError('MESSAGE_TOO_LARGE', message)
      }
      const keys = identities.map(nodeKey)
      if (keys.includes('unknown')) return [groupFor(collective)]
      const able = keys.filter((key) => typeof key !== 'string')
      if (able.length === 0) {
        const message = `cannot encrypt a request for ${identities.join(', ')}: the certificates are revoked`
        throw new TroupeError('SECURITY_CERTIFICATE_REVOKED', message)
      }
      return able
    },
    meet(node) {
      if (met.size < CERTIFICATES_KEPT_MAX || met.has(node.name)) met.set(node.name, node)
    },
  }
}
