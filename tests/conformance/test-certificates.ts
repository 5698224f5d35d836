// Throw-away authorities and certificates for tests of TLS.

import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) }

export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

export interface TestAuthority {
  readonly ca: string
  /** A certificate naming these hosts or addresses; `expired`: until an hour ago. */
  issue(names: readonly string[], expired?: boolean): Promise<TestCertificate>
}

export async function createTestAuthority(name: string): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto as never)
  const keys = await newKeys()
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  })
  return {
    ca: ca.toString('pem'),
    async issue(names, expired = false) {
      const own = await newKeys()
      const cert = await x509.X509CertificateGenerator.create({
        subject: `CN=${names[0]}`,
        issuer: ca.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        notBefore: validity.notBefore,
        notAfter: expired ? new Date(Date.now() - 3_600_000) : validity.notAfter,
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
          ),
        ],
      })
      const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey))
      const key = x509.PemConverter.encode(der, 'PRIVATE KEY')
      return { cert: cert.toString('pem'), key }
    },
  }
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
}
