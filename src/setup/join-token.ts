// The token with which one machine may join: where the master waits, how to know it again, and a secret that is good once and for minutes.
// One word of base64url, so that it survives being copied. docs/decisions/0008-credentials.md
//
//   offset  size  content                              offset  size  content
//        0     1  version, 0x01                             39    32  secret
//        1     4  end, seconds since 1970, big-endian       71     n  host, UTF-8
//        5     2  port                                    71+n     4  first bytes of SHA-256 over bytes 0 to 71+n
//        7    32  SHA-256 of the authority's PEM text

import { createHash } from 'node:crypto'
import { TroupeError } from '#base/errors.ts'

export interface JoinToken {
  /** e.g. `puppetmaster.example.com`. */
  readonly host: string
  readonly port: number
  /** SHA-256 of the text of the authority's certificate, hex. */
  readonly authority: string
  /** base64url. */
  readonly secret: string
  /** Milliseconds since 1970, whole seconds. */
  readonly untilMs: number
}

/** Tokens begin with it: scanners for forgotten secrets can find them. */
export const TOKEN_PREFIX = 'troupe-join_'
const VERSION = 1
const HEAD_BYTES = 71
const CHECK_BYTES = 4
const HOST_BYTES_MAX = 253

export function joinTokenText({ host, port, authority, secret, untilMs }: JoinToken): string {
  const head = Buffer.alloc(HEAD_BYTES)
  head[0] = VERSION
  head.writeUInt32BE(Math.floor(untilMs / 1000), 1)
  head.writeUInt16BE(port, 5)
  head.write(authority, 7, 'hex')
  head.write(secret, 39, 'base64url')
  const body = Buffer.concat([head, Buffer.from(host)])
  return `${TOKEN_PREFIX}${Buffer.concat([body, checkOf(body)]).toString('base64url')}`
}

/** Throws SETUP_BAD_TOKEN for what is no token, or not all of one. The error does not repeat it. */
export function readJoinToken(text: string): JoinToken {
  const word = text.trim()
  const bytes = Buffer.from(word.slice(TOKEN_PREFIX.length), 'base64url')
  const hostBytes = bytes.length - HEAD_BYTES - CHECK_BYTES
  if (!word.startsWith(TOKEN_PREFIX) || !/^[\w-]+$/.test(word) || hostBytes < 1 || hostBytes > HOST_BYTES_MAX) {
    throw bad(`it must be one word that begins with ${TOKEN_PREFIX}`)
  }
  const body = bytes.subarray(0, -CHECK_BYTES)
  if (!checkOf(body).equals(bytes.subarray(-CHECK_BYTES))) throw bad('it is not whole, or was changed')
  if (body[0] !== VERSION) throw bad(`it is of version ${body[0]}, this program knows version ${VERSION}`)
  return {
    host: body.toString('utf8', HEAD_BYTES),
    port: body.readUInt16BE(5),
    authority: body.toString('hex', 7, 39),
    secret: body.toString('base64url', 39, HEAD_BYTES),
    untilMs: body.readUInt32BE(1) * 1000,
  }
}

/** What a token says of the authority: the digest of its PEM text. */
export function authorityDigest(pem: string): string {
  return createHash('sha256').update(pem).digest('hex')
}

function checkOf(body: Buffer): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, CHECK_BYTES)
}

function bad(why: string): TroupeError {
  return new TroupeError('SETUP_BAD_TOKEN', `cannot join with this token: ${why}; was it copied as a whole?`)
}
