// TLS of the connector: TLS 1.2 at least, certificate and host name of the broker verified unless the operator says
// otherwise. Knows no STOMP; key material comes in as PEM text, never as files. [wire 1.6] [B-020]

import { isIP } from 'node:net'
import { type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls'
import { messageOf, TroupeError } from '#base/errors.ts'

/** One object may serve many connectors: they then share one context and its memory. Not to be changed after first use. */
export interface TlsSettings {
  /** Certificates of the authorities to trust, PEM, one or more a text; absent: those node.js trusts. */
  readonly ca?: readonly string[]
  /** Certificate (chain) and private key offered when the broker asks for one, PEM. */
  readonly cert?: string
  readonly key?: string
  /** OpenSSL cipher string. */
  readonly ciphers?: string
  /** `none`: encrypted, but to whoever answers: anyone between node and broker can read and change all. Default `host`. */
  readonly verify?: 'host' | 'none'
}

const contexts = new WeakMap<TlsSettings, SecureContext>()

/** Throws TRANSPORT_TLS when the PEM texts or the cipher string are of no use. */
export function secureContextOf(settings: TlsSettings): SecureContext {
  const known = contexts.get(settings)
  if (known) return known
  const { ca, cert, key, ciphers } = settings
  try {
    const context = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca && { ca: [...ca] }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(ciphers !== undefined && { ciphers }),
    })
    contexts.set(settings, context)
    return context
  } catch (cause) {
    throw new TroupeError(
      'TRANSPORT_TLS',
      `cannot use the TLS settings of the broker connection: ${messageOf(cause)}; ` +
        'CA, certificate and key must be PEM, the key must belong to the certificate',
      { cause },
    )
  }
}

/** Options for tls.connect to `host`; SNI is sent unless it is an address. */
export function tlsConnectOptions(settings: TlsSettings, host: string, session: Buffer | undefined): ConnectionOptions {
  return {
    secureContext: secureContextOf(settings),
    rejectUnauthorized: settings.verify !== 'none',
    ...(isIP(host) === 0 && { servername: host }),
    ...(session && { session }),
  }
}

/** Says what `verify: none` means; logged at every connection. */
export function unverifiedWarning(to: string): string {
  return (
    `connecting to ${to} without verifying its certificate: the traffic is encrypted, but whoever answers at this address ` +
    'can read and change it; set ssl.ca, and ssl.verify = host'
  )
}

// X.509 verification results as node.js names them.
const UNTRUSTED = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** What a failed connection means when TLS is to blame; undefined when it is not. */
export function describeTlsFailure(to: string, error: unknown): TroupeError | undefined {
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return undefined
  const text = messageOf(error).split('\n', 1)[0]!.trim()
  const certificate = (hint: string): TroupeError =>
    new TroupeError('TRANSPORT_CERTIFICATE', `cannot trust the certificate of ${to}: ${text}; ${hint}`, {
      cause: error,
      details: { reason: code },
    })
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return certificate('it must name the host as written in the pool setting')
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return certificate('renew it, or set the clock of this machine')
  }
  if (UNTRUSTED.has(code)) return certificate('it must be signed by a CA of the ssl.ca setting')
  if (!/^(ERR_SSL_|ERR_TLS_|EPROTO)/.test(code)) return undefined
  const hint = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|BAD_RECORD_TYPE|HTTP_REQUEST/.test(code)
    ? 'the port seems to speak plain STOMP, not TLS'
    : /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/.test(code)
      ? 'the broker may want a client certificate, or another one, or other ciphers'
      : 'broker and connector must share a TLS version of 1.2 or later and a cipher'
  return new TroupeError('TRANSPORT_TLS', `cannot negotiate TLS with ${to}: ${text}; ${hint}`, {
    cause: error,
    details: { reason: code },
  })
}
