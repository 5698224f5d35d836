// Keys and certificates of the aes scheme as text: PEM blocks, PKCS #8 for private keys, SPKI for public ones, our own label for
// certificates; text around the blocks is for people. The list of revoked certificates: one serial a line, `#` begins a comment.
// Reading and writing files is for others.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { TroupeError } from '#base/errors.ts'
import type { Certificate } from './certificate.ts'

const CERTIFICATE = 'TROUPE CERTIFICATE'

/** A certificate with a line that says what it is. */
export function certificateText({ role, name, serial, notAfterMs, bytes }: Certificate): string {
  const about = `${role} ${name || '(every collective)'}, serial ${serial}, until ${new Date(notAfterMs).toISOString()}`
  const lines = bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `# ${about}\n-----BEGIN ${CERTIFICATE}-----\n${lines}\n-----END ${CERTIFICATE}-----\n`
}

export function privateKeyText(...keys: KeyObject[]): string {
  return keys.map((key) => key.export({ type: 'pkcs8', format: 'pem' })).join('')
}

export function publicKeyText(key: KeyObject): string {
  return String(key.export({ type: 'spki', format: 'pem' }))
}

/** The bytes of the one certificate in a text; what they say is certificate.ts. Throws SECURITY_BAD_KEY. */
export function readCertificate(text: string): Buffer {
  const found = blocks(text, CERTIFICATE)
  if (found.length !== 1) throw badKey(`there are ${found.length} certificates in it, there should be one`)
  return Buffer.from(found[0]!.replace(/-----.*-----/g, ''), 'base64')
}

/** The one private key of that type in a text, e.g. `readPrivateKey(text, 'ed25519')`. Throws SECURITY_BAD_KEY. */
export function readPrivateKey(text: string, type: 'ed25519' | 'x25519'): KeyObject {
  const found = blocks(text, 'PRIVATE KEY')
    .map((block) => imported(() => createPrivateKey(block)))
    .filter((key) => key.asymmetricKeyType === type)
  if (found.length !== 1)
    throw badKey(`there are ${found.length} private keys of type ${type} in it, there should be one`)
  return found[0]!
}

/** The public keys of authorities in a text, at least one. Throws SECURITY_BAD_KEY. */
export function readAuthorities(text: string): KeyObject[] {
  const keys = blocks(text, 'PUBLIC KEY').map((block) => imported(() => createPublicKey(block)))
  if (keys.length === 0) throw badKey('there is no public key in it')
  const other = keys.find((key) => key.asymmetricKeyType !== 'ed25519')
  if (other) throw badKey(`the key of an authority is of type ed25519, there is one of type ${other.asymmetricKeyType}`)
  return keys
}

/** Serials, 32 hex digits each. Throws SECURITY_BAD_KEY with the number of a line that is none. */
export function readRevocations(text: string): ReadonlySet<string> {
  const serials = new Set<string>()
  for (const [index, line] of text.split('\n').entries()) {
    const serial = line.replace(/#.*/, '').trim().toLowerCase()
    if (serial === '') continue
    if (!/^[0-9a-f]{32}$/.test(serial)) {
      throw badKey(`line ${index + 1} is no serial of a certificate; a serial has 32 hexadecimal digits`)
    }
    serials.add(serial)
  }
  return serials
}

/** The blocks with this label, their BEGIN and END lines included. */
function blocks(text: string, label: string): string[] {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`]
  const found: string[] = []
  for (let at = text.indexOf(begin); at !== -1; ) {
    const last = text.indexOf(end, at)
    if (last === -1) throw badKey(`a block ${label} in it has no end`)
    found.push(text.slice(at, last + end.length))
    at = text.indexOf(begin, last)
  }
  return found
}

function imported(make: () => KeyObject): KeyObject {
  try {
    return make()
  } catch {
    throw badKey('a key in it cannot be read')
  }
}

function badKey(why: string): TroupeError {
  return new TroupeError('SECURITY_BAD_KEY', `cannot use a text with keys: ${why}`)
}
