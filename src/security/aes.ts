// The aes scheme: every caller and every node has keys of its own. Requests are signed by their caller and encrypted to the nodes
// they are for, or to the group key of the collective; replies are signed by their node and encrypted to the caller. Certificates
// travel inside, so that who receives needs only the authority's public key.
//
//    offset  size  content
//         0     4  "TRP" and the version, 0x01
//         4     1  kind: 0x01 request, 0x02 reply
//         5     1  scheme: 0x02 aes
//         6    16  reply: proof of the request it answers; request: zeros
//        22     2  number of wraps, w, big-endian: 1 to RECIPIENTS_MAX; a reply has 1
//        24    32  X25519 public key made for this message alone
//        56   56w  wraps: 8 bytes id of a recipient's key, 48 bytes content key for it (key-wrap.ts); over them bytes 0 to 56
//    56+56w     n  AES-256-GCM under the content key, over it bytes 0 to 56+56w:
//                    certificate of the sender (certificate.ts)
//                    64 bytes Ed25519 signature of the digest
//                    JSON, UTF-8
//  56+56w+n    16  its tag
//
// The digest is SHA-256 over "troupe aes v1 message", a zero byte, bytes 0 to 56+56w, certificate and JSON; its first 16 bytes are
// the proof. Recipients are under the signature, so nobody can hand a request on to others in its caller's name; ciphertext and
// signature are not part of the proof, so nobody can make a second request of one.
// Order: shape, decryption, certificate, signature, role, and only then JSON. Limits: docs/decisions/0006-aes-scheme.md

import { createHash, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { TroupeError } from '#base/errors.ts'
import { ENVELOPE_BYTES_MAX, RECIPIENTS_MAX } from '#base/limits.ts'
import { parseReply, parseRequest } from '#message/decode.ts'
import type { Reply } from '#message/reply.ts'
import type { Request } from '#message/request.ts'
import { createRecipients } from './aes-recipients.ts'
import { certificateLength, parseCertificate, rawPublicKey } from './certificate.ts'
import { decodeJson, encodeJson, KIND, PREAMBLE, SCHEME_NUMBERS } from './envelope.ts'
import {
  CONTENT_KEY_BYTES,
  KEY_ID_BYTES,
  newEphemeral,
  type OpeningKey,
  open,
  openingKey,
  type Recipient,
  seal,
  TAG_BYTES,
  unwrapKey,
  WRAP_BYTES,
  wrapKey,
} from './key-wrap.ts'
import type { OpenedRequest, SealedRequest, SecurityScheme } from './security.ts'
import { createTrust, type TrustedCertificate } from './trust.ts'

const PROOF_BYTES = 16
const PROOF_AT = 6
const COUNT_AT = 22
const EPHEMERAL_AT = 24
const HEADER_BYTES = 56
const SIGNATURE_BYTES = 64
const LABEL = Buffer.from('troupe aes v1 message\0')
const NO_PROOF = '00'.repeat(PROOF_BYTES)
type Kind = keyof typeof KIND

export interface AesOptions {
  /** Who this process is: a certificate of role client or node with its private keys. */
  readonly identity: {
    readonly certificate: Uint8Array
    /** Ed25519, private. */
    readonly signingKey: KeyObject
    /** X25519, private. */
    readonly decryptionKey: KeyObject
  }
  /** X25519 keys this process had before; messages encrypted to them are still read. */
  readonly previousDecryptionKeys?: readonly KeyObject[]
  /** Ed25519 public keys of the authorities whose certificates are believed. */
  readonly authorities: readonly KeyObject[]
  /** Group keys. Of several for a collective the first is used to encrypt; nodes read with all whose private key they have. */
  readonly groups: readonly GroupKey[]
  /** By serial of the certificate, 32 hex digits. */
  readonly isRevoked: (serial: string) => boolean
  /** Certificate of a node, so that what is for it can be encrypted to it alone; certificates seen in replies come before. */
  readonly certificateOf?: (identity: string) => Uint8Array | undefined
  /** Milliseconds since 1970: certificates are judged by it. */
  readonly now: () => number
}

export interface GroupKey {
  /** Of role group; its name is the collective, empty for every collective. */
  readonly certificate: Uint8Array
  /** X25519, private; nodes have it, clients do not. */
  readonly decryptionKey?: KeyObject
}

/** Makes the aes scheme. Throws SECURITY_BAD_KEY for keys and certificates that do not belong together. */
export function createAesScheme(options: AesOptions): SecurityScheme {
  const { signingKey } = options.identity
  const own = ownCertificate(options)
  const trust = createTrust(options)
  const groups = options.groups.map(groupCertificate)
  const recipients = createRecipients({ trust, groups, certificateOf: options.certificateOf })
  const personal = keysById([options.identity.decryptionKey, ...(options.previousDecryptionKeys ?? [])])
  const shared = keysById(options.groups.flatMap(({ decryptionKey }) => decryptionKey ?? []))
  const openers = { request: new Map([...shared, ...personal]), reply: personal }

  /** Says which certificate has ended here, before the nodes refuse in silence what was sealed with it. */
  const inUse = (): void => void trust.check(own.bytes)

  /** Decrypts, then verifies who signed; nothing of the content has been looked at when this returns it. */
  function opened(received: Uint8Array, kind: Kind) {
    const bytes = Buffer.from(received.buffer, received.byteOffset, received.byteLength)
    const contentAt = framed(bytes, kind)
    const plain = decrypted(bytes, contentAt, kind, openers[kind])
    const length = certificateLength(plain)
    if (length === undefined || plain.length < length + SIGNATURE_BYTES) {
      throw malformed('it holds no certificate and signature')
    }
    const certificate = trust.check(plain.subarray(0, length))
    if (certificate.role === 'group') throw wrongRole('a group key cannot speak')
    const json = plain.subarray(length + SIGNATURE_BYTES)
    const digest = digestOf(bytes.subarray(0, contentAt), certificate.bytes, json)
    const signature = plain.subarray(length, length + SIGNATURE_BYTES)
    if (!verify(null, digest, certificate.verifyKey(), signature)) {
      const message = `cannot trust a message in the name of ${certificate.name}: its signature does not fit`
      throw new TroupeError('SECURITY_BAD_SIGNATURE', message)
    }
    return { certificate, json, proof: proofOf(digest), answers: bytes.toString('hex', PROOF_AT, COUNT_AT) }
  }

  return {
    name: 'aes',
    callerId: () => `cert=${own.name}`,
    encodeRequest(request: Request, identities?: readonly string[]): SealedRequest {
      inUse()
      const chosen = recipients.choose(request.collective, identities)
      return sealed('request', NO_PROOF, chosen, own.bytes, signingKey, request)
    },
    decodeRequest(received: Uint8Array): OpenedRequest {
      const { certificate, json, proof } = opened(received, 'request')
      const request = parseRequest(decodeJson(json))
      checkCaller(request, certificate)
      return { request, proof, keyId: certificate.serial, certificate }
    },
    encodeReply(reply: Reply, { proof, certificate }: OpenedRequest): Uint8Array {
      if (!certificate) {
        const message = `cannot encrypt the reply to request ${reply.requestId}: it came without a certificate`
        throw new TroupeError('SECURITY_NO_RECIPIENT_KEY', message)
      }
      inUse()
      return sealed('reply', proof, [certificate], own.bytes, signingKey, reply).bytes
    },
    decodeReply(received: Uint8Array, awaited): Reply {
      const { certificate, json, answers } = opened(received, 'reply')
      const reply = parseReply(decodeJson(json))
      checkAnswerer(reply, certificate)
      if (!awaited(reply.requestId)?.some((sent) => sent.proof === answers)) {
        throw new TroupeError(
          'SECURITY_NOT_AWAITED',
          `cannot accept a reply from ${reply.sender}: it answers request ${reply.requestId}, which is not awaited here`,
          { details: { sender: reply.sender, requestId: reply.requestId } },
        )
      }
      recipients.meet(certificate)
      return reply
    },
  }
}

function ownCertificate({ identity }: AesOptions) {
  const certificate = parseCertificate(identity.certificate)
  if (certificate.role === 'group') {
    throw badKey(`the certificate of this process is one of a group key (${certificate.serial})`)
  }
  const { signingKey, decryptionKey } = identity
  const fits = rawPublicKey(signingKey).equals(certificate.ed25519) && belongs(decryptionKey, certificate)
  if (!fits) throw badKey(`the private keys do not belong to the certificate of ${certificate.name}`)
  return certificate
}

function groupCertificate(group: GroupKey) {
  const certificate = parseCertificate(group.certificate)
  if (certificate.role !== 'group') throw badKey(`the certificate of ${certificate.name} is none of a group key`)
  if (group.decryptionKey && !belongs(group.decryptionKey, certificate)) {
    throw badKey(`the private key does not belong to the group certificate ${certificate.serial}`)
  }
  return certificate
}

function belongs(decryptionKey: KeyObject, { x25519 }: { x25519: Uint8Array }): boolean {
  return rawPublicKey(decryptionKey).equals(x25519)
}

function keysById(keys: readonly KeyObject[]): Map<string, OpeningKey> {
  return new Map(keys.map(openingKey).map((key) => [key.id, key]))
}

/** Clients ask, in the name of their certificate; nodes say only what they are themselves. */
function checkCaller({ body, caller, sender }: Request, { role, name }: TrustedCertificate): void {
  const isRegistration = body.kind === 'registration'
  if (role !== (isRegistration ? 'node' : 'client')) {
    throw wrongRole(`${name} is a ${role} and sent a ${isRegistration ? 'registration' : 'request'}`)
  }
  if (caller !== `cert=${name}`) throw wrongName('request', name, caller)
  if (isRegistration && sender !== name) throw wrongName('registration', name, sender)
}

function checkAnswerer({ sender }: Reply, { role, name }: TrustedCertificate): void {
  if (role !== 'node') throw wrongRole(`${name} is a ${role} and sent a reply`)
  if (sender !== name) throw wrongName('reply', name, sender)
}

function sealed(
  kind: Kind,
  answers: string,
  recipients: readonly Recipient[],
  certificate: Buffer,
  signingKey: KeyObject,
  message: Request | Reply,
): SealedRequest {
  const json = encodeJson(message)
  const overhead = HEADER_BYTES + WRAP_BYTES * recipients.length + certificate.length + SIGNATURE_BYTES + TAG_BYTES
  if (overhead + json.length > ENVELOPE_BYTES_MAX) {
    const message = `cannot send a message of ${overhead + json.length} bytes: at most ${ENVELOPE_BYTES_MAX} are allowed`
    throw new TroupeError('MESSAGE_TOO_LARGE', message)
  }
  const ephemeral = newEphemeral()
  const header = headerOf(kind, answers, recipients.length, ephemeral.publicKey)
  const contentKey = randomBytes(CONTENT_KEY_BYTES)
  const wraps = recipients.map((recipient) => wrapKey(contentKey, recipient, ephemeral, kind, header))
  const head = Buffer.concat([header, ...wraps])
  const digest = digestOf(head, certificate, json)
  const plain = Buffer.concat([certificate, sign(null, digest, signingKey), json])
  return { bytes: Buffer.concat([head, seal(contentKey, head, plain)]), proof: proofOf(digest) }
}

function headerOf(kind: Kind, answers: string, wraps: number, ephemeralKey: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  PREAMBLE.copy(header)
  header[4] = KIND[kind]
  header[5] = SCHEME_NUMBERS.aes
  header.write(answers, PROOF_AT, PROOF_BYTES, 'hex')
  header.writeUInt16BE(wraps, COUNT_AT)
  ephemeralKey.copy(header, EPHEMERAL_AT)
  return header
}

function digestOf(head: Buffer, certificate: Buffer, json: Buffer): Buffer {
  return createHash('sha256').update(LABEL).update(head).update(certificate).update(json).digest()
}

function proofOf(digest: Buffer): string {
  return digest.toString('hex', 0, PROOF_BYTES)
}

/** Where the encrypted content begins, once the bytes have the shape of an aes envelope of this kind. */
function framed(bytes: Buffer, kind: Kind): number {
  if (bytes.length < HEADER_BYTES + WRAP_BYTES + TAG_BYTES || bytes.length > ENVELOPE_BYTES_MAX) {
    throw malformed(`it has ${bytes.length} bytes`)
  }
  if (PREAMBLE.compare(bytes, 0, PREAMBLE.length) !== 0) throw malformed('it does not begin with TRP and version 1')
  if (bytes[5] !== SCHEME_NUMBERS.aes) {
    throw malformed(`it was made by security scheme number ${bytes[5]}, aes is ${SCHEME_NUMBERS.aes}`)
  }
  if (bytes[4] !== KIND[kind]) {
    throw new TroupeError('SECURITY_WRONG_KIND', `cannot read a message: a ${kind} is due, it is of kind ${bytes[4]}`)
  }
  const wraps = bytes.readUInt16BE(COUNT_AT)
  const wrapsMax = kind === 'reply' ? 1 : RECIPIENTS_MAX
  if (wraps < 1 || wraps > wrapsMax) throw malformed(`it has ${wraps} recipients, 1 to ${wrapsMax} are allowed`)
  const contentAt = HEADER_BYTES + WRAP_BYTES * wraps
  if (bytes.length < contentAt + TAG_BYTES) throw malformed('it ends before its content')
  return contentAt
}

function decrypted(bytes: Buffer, contentAt: number, kind: Kind, keys: ReadonlyMap<string, OpeningKey>): Buffer {
  const header = bytes.subarray(0, HEADER_BYTES)
  for (let at = HEADER_BYTES; at < contentAt; at += WRAP_BYTES) {
    const key = keys.get(bytes.toString('hex', at, at + KEY_ID_BYTES))
    if (!key) continue
    try {
      const ephemeral = bytes.subarray(EPHEMERAL_AT, HEADER_BYTES)
      const contentKey = unwrapKey(bytes.subarray(at, at + WRAP_BYTES), key, ephemeral, kind, header)
      return open(contentKey, bytes.subarray(0, contentAt), bytes.subarray(contentAt))
    } catch {
      // What node:crypto says of it is no use to anybody, and one text for all causes tells a prober nothing.
      throw new TroupeError(
        'SECURITY_CANNOT_DECRYPT',
        'cannot decrypt a message: it was changed on the way or badly made',
      )
    }
  }
  const first = bytes.toString('hex', HEADER_BYTES, HEADER_BYTES + KEY_ID_BYTES)
  throw new TroupeError(
    'SECURITY_CANNOT_DECRYPT',
    `cannot decrypt a message: it is encrypted to key ${first}, this process has ${[...keys.keys()].join(', ')}`,
    { details: { keyId: first } },
  )
}

function malformed(why: string): TroupeError {
  return new TroupeError('SECURITY_MALFORMED', `cannot read a message as an aes envelope: ${why}`)
}

function badKey(why: string): TroupeError {
  return new TroupeError('SECURITY_BAD_KEY', `cannot use the keys of the aes scheme: ${why}`)
}

function wrongRole(why: string): TroupeError {
  return new TroupeError(
    'SECURITY_WRONG_ROLE',
    `cannot accept a message: ${why}; clients ask, nodes answer and register`,
  )
}

function wrongName(what: string, name: string, claimed: string): TroupeError {
  return new TroupeError(
    'SECURITY_WRONG_NAME',
    `cannot accept a ${what}: it speaks for ${claimed}, its certificate is of ${name}`,
    { details: { name, claimed } },
  )
}
