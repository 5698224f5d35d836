// One content key handed to several recipients: for each, X25519 between the message's ephemeral key and the recipient's key,
// HKDF-SHA-256 [RFC 5869] bound to both, AES-256-GCM around the content key. Every derived key seals once, so nonces are zeros.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { importPublicKey, rawPublicKey } from './certificate.ts'

export const TAG_BYTES = 16
export const CONTENT_KEY_BYTES = 32
export const KEY_ID_BYTES = 8
/** Key id, content key, tag. */
export const WRAP_BYTES = KEY_ID_BYTES + CONTENT_KEY_BYTES + TAG_BYTES
export const NO_NONCE = Buffer.alloc(12)
const SALT = Buffer.from('troupe aes v1')

/** Whom a message is encrypted to. */
export interface Recipient {
  /** Raw X25519 public key, 32 bytes. */
  readonly x25519: Uint8Array
  readonly encryptKey: () => KeyObject
}

/** A private X25519 key that messages may have been encrypted to. */
export interface OpeningKey {
  /** 16 hex digits. */
  readonly id: string
  readonly x25519: Buffer
  readonly privateKey: KeyObject
}

export function openingKey(privateKey: KeyObject): OpeningKey {
  const x25519 = rawPublicKey(privateKey)
  return { id: wrapKeyId(x25519).toString('hex'), x25519, privateKey }
}

/** What names a recipient's key in an envelope: 8 bytes. */
export function wrapKeyId(x25519: Uint8Array): Buffer {
  return createHash('sha256').update('troupe key id\0').update(x25519).digest().subarray(0, KEY_ID_BYTES)
}

export interface Ephemeral {
  readonly publicKey: Buffer
  readonly privateKey: KeyObject
}

export function newEphemeral(): Ephemeral {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  return { publicKey: rawPublicKey(publicKey), privateKey }
}

/** WRAP_BYTES for one recipient. `purpose` keeps requests and replies apart, `header` is authenticated with it. */
export function wrapKey(
  contentKey: Buffer,
  recipient: Recipient,
  ephemeral: Ephemeral,
  purpose: string,
  header: Buffer,
): Buffer {
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient.encryptKey() })
  const key = wrappingKey(shared, ephemeral.publicKey, recipient.x25519, purpose)
  return Buffer.concat([wrapKeyId(recipient.x25519), seal(key, header, contentKey)])
}

/** The content key of a wrap. Throws whatever node:crypto throws when it does not fit, e.g. for an ephemeral key of low order. */
export function unwrapKey(
  wrap: Buffer,
  own: OpeningKey,
  ephemeralPublicKey: Buffer,
  purpose: string,
  header: Buffer,
): Buffer {
  const publicKey = importPublicKey('x25519', ephemeralPublicKey)
  const shared = diffieHellman({ privateKey: own.privateKey, publicKey })
  return open(wrappingKey(shared, ephemeralPublicKey, own.x25519, purpose), header, wrap.subarray(KEY_ID_BYTES))
}

/** AES-256-GCM with a key that is used once: ciphertext and tag. */
export function seal(key: Buffer, associated: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, NO_NONCE).setAAD(associated)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** The other way round; throws when the tag does not fit. */
export function open(key: Buffer, associated: Buffer, sealed: Buffer): Buffer {
  const end = sealed.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, NO_NONCE, { authTagLength: TAG_BYTES }).setAAD(associated)
  decipher.setAuthTag(sealed.subarray(end))
  const plain = decipher.update(sealed.subarray(0, end))
  decipher.final()
  return plain
}

function wrappingKey(shared: Buffer, ephemeral: Buffer, recipient: Uint8Array, purpose: string): Buffer {
  const info = Buffer.concat([Buffer.from(`${purpose} key\0`), ephemeral, recipient])
  return Buffer.from(hkdfSync('sha256', shared, SALT, info, CONTENT_KEY_BYTES))
}
