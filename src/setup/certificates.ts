// X.509: a certificate authority, certificates of brokers, nodes and clients signed by it, and when they end. PEM text in and
// out; files are state-directory.ts. EC P-256: an RSA key costs a broker a third more per connection. The library is loaded
// when first needed, because programs that only check dates must not pay for it. [R-009, R-010, B-020]

import { createPrivateKey, randomBytes, type webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** A certificate and its private key, both PEM; the key is PKCS #8. */
export interface CertifiedKey {
  readonly certificate: string
  readonly key: string
}

export interface Validity {
  /** Milliseconds since 1970. */
  readonly nowMs: number
  /** Days from `nowMs` on; a certificate never outlives its authority. */
  readonly days: number
}

const DAY_MS = 86_400_000
/** Clocks of nodes lag: certificates are valid from a day before they are made. */
const BACKDATED_MS = DAY_MS
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const AUTHORITY_DAYS = 3650

/** A new self-signed authority, e.g. `createAuthority('Troupe CA of puppetmaster.example.com', { nowMs })`; 10 years. */
export async function createAuthority(
  name: string,
  { nowMs, days = AUTHORITY_DAYS }: Partial<Validity> & { nowMs: number },
) {
  const x509 = await loadX509()
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: [{ CN: [name] }],
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + days * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    certificate: pem(certificate.toString('pem')),
    key: await privateKeyPem(keys.privateKey),
  } satisfies CertifiedKey
}

/**
 * A certificate for a program that listens. `names` are what clients may call it by, DNS names and IP addresses alike, e.g.
 * `['localhost', '127.0.0.1', 'puppetmaster.example.com']`; the first is its common name.
 */
export function issueServerCertificate(
  authority: CertifiedKey,
  { names, ...validity }: Validity & { names: readonly [string, ...string[]] },
): Promise<CertifiedKey> {
  return issue(authority, names[0], names, 'server', validity)
}

/** A certificate that says who connects: a node or a client; `identity` is its common name, e.g. `agent.example.com`. */
export function issueClientCertificate(
  authority: CertifiedKey,
  { identity, ...validity }: Validity & { identity: string },
): Promise<CertifiedKey> {
  return issue(authority, identity, [], 'client', validity)
}

/** Whole days until a certificate ends, negative when it has; `nowMs` is milliseconds since 1970. */
export function daysLeft(certificate: string, nowMs: number): number {
  return Math.floor((Date.parse(new X509Certificate(certificate).validTo) - nowMs) / DAY_MS)
}

/** Why a certificate cannot go on being used, in words; undefined: all is well. */
export function reasonToRenew(
  { certificate, key }: CertifiedKey,
  { authority, names, nowMs, daysMin }: { authority: string; names: readonly string[]; nowMs: number; daysMin: number },
): string | undefined {
  let parsed: X509Certificate
  try {
    parsed = new X509Certificate(certificate)
    if (!parsed.checkPrivateKey(createPrivateKey(key))) return 'its key belongs to another certificate'
  } catch {
    return 'it cannot be read'
  }
  if (!parsed.verify(new X509Certificate(authority).publicKey)) return 'another authority signed it'
  const missing = names.find((name) => (isIP(name) ? !parsed.checkIP(name) : !parsed.checkHost(name)))
  if (missing !== undefined) return `it does not name ${missing}`
  const days = daysLeft(certificate, nowMs)
  return days < daysMin ? (days < 0 ? 'it has ended' : `it ends in ${days} days`) : undefined
}

async function issue(
  authority: CertifiedKey,
  commonName: string,
  names: readonly string[],
  usage: 'server' | 'client',
  { nowMs, days }: Validity,
): Promise<CertifiedKey> {
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.certificate)
  const der = x509.PemConverter.decodeFirst(authority.key)
  const signingKey = await crypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const alternatives = names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }))
  const extensions = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage === 'server' ? 'serverAuth' : 'clientAuth']]),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
  ]
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: [{ CN: [commonName] }],
    issuer: issuer.subjectName,
    notBefore: new Date(Math.max(nowMs - BACKDATED_MS, issuer.notBefore.getTime())),
    notAfter: new Date(Math.min(nowMs + days * DAY_MS, issuer.notAfter.getTime())),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions,
  })
  return { certificate: pem(certificate.toString('pem')), key: await privateKeyPem(keys.privateKey) }
}

async function loadX509() {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

/** 16 random bytes, positive and without leading zero: what DER and -x509_strict ask for. */
function newSerialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes.toString('hex')
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const x509 = await loadX509()
  return pem(x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY'))
}

/** One line end, at the end: files are concatenated into chains. */
function pem(text: string): string {
  return `${text.trimEnd()}\n`
}
