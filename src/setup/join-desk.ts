// The master's side of joining: which tokens are good, and what their holders are given. Values in and out; the channel is
// main's, and has proven the master to the node before anything comes here. Only digests of tokens are kept, in
// memory: when the program that waits ends, its tokens end. docs/decisions/0008-credentials.md

import { createHash, timingSafeEqual } from 'node:crypto'
import { messageOf, TroupeError } from '#base/errors.ts'
import { IDENTITY_PATTERN } from '#base/id.ts'
import { CERTIFICATE_NAME_LENGTH_MAX } from '#base/limits.ts'
import { newSecret } from './kept-files.ts'

/** What a node is given: everything it needs besides the authority's certificate, which it has by then. Texts of files. */
export interface JoinGrant {
  readonly master: string
  readonly broker: {
    readonly host: string
    readonly port: number
    readonly user: string
    /** null: the node's certificate is its login. */
    readonly password: string | null
  }
  /** The first is the main one. */
  readonly collectives: readonly string[]
  readonly key:
    | { readonly scheme: 'psk'; readonly credentials: string; readonly previous?: string }
    | {
        readonly scheme: 'aes'
        readonly certificate: string
        readonly authority: string
        readonly group: string
        readonly revoked: string
      }
}

export interface JoinRequest {
  readonly identity: string
  /** Public halves of the keys the node has made, hex; for the aes scheme. */
  readonly keys?: { readonly ed25519: string; readonly x25519: string }
}

export type JoinAnswer =
  | { readonly grant: JoinGrant }
  | { readonly refused: 'unknown' | 'used' | 'ended' | 'invalid'; readonly message: string }

export interface JoinDesk {
  /** Secrets, base64url, one for each token. */
  readonly secrets: readonly string[]
  /** Tokens that can still be used. */
  open(): number
  answer(asked: unknown): JoinAnswer
}

export interface JoinDeskOptions {
  readonly count: number
  /** The only identity that may join; undefined: any that is not taken. */
  readonly identity?: string | undefined
  /** Milliseconds since 1970. */
  readonly untilMs: number
  readonly now: () => number
  /** Makes what the node is given. May throw a TroupeError: then the token stays good and the node is told why. */
  readonly grant: (request: JoinRequest) => JoinGrant
}

const SECRET_BYTES = 32

export function createJoinDesk({ count, identity, untilMs, now, grant }: JoinDeskOptions): JoinDesk {
  const secrets = Array.from({ length: count }, () => newSecret(SECRET_BYTES))
  const tokens = secrets.map((secret) => ({ digest: digestOf(secret), isUsed: false }))
  const ended = (): boolean => now() >= untilMs
  return {
    secrets,
    open: () => (ended() ? 0 : tokens.filter((token) => !token.isUsed).length),
    answer(asked) {
      const { secret, ...request } = readRequest(asked)
      const digest = digestOf(secret ?? '')
      // Every digest is compared, so that the time tells nothing.
      const [token] = tokens.filter((one) => timingSafeEqual(one.digest, digest))
      if (!token) return refusal('unknown', 'the token is not one that is waited for')
      if (token.isUsed) return refusal('used', 'the token has been used: each lets one machine join')
      if (ended()) return refusal('ended', `the token ended ${new Date(untilMs).toISOString()}`)
      if (request.identity === undefined) return refusal('invalid', 'the request names no identity that can be')
      if (identity !== undefined && request.identity !== identity) {
        return refusal('invalid', `the token is for ${identity}, not for ${request.identity}`)
      }
      try {
        const granted = grant({ ...request, identity: request.identity })
        token.isUsed = true
        return { grant: granted }
      } catch (error) {
        if (!(error instanceof TroupeError)) throw error
        return { refused: 'invalid', message: messageOf(error) }
      }
    },
  }
}

function refusal(refused: Extract<JoinAnswer, { refused: string }>['refused'], why: string): JoinAnswer {
  return { refused, message: `cannot join: ${why}` }
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** What of a foreign value is in order; the rest is undefined. */
function readRequest(asked: unknown): Partial<JoinRequest> & { readonly secret?: string } {
  const fields = new Map<string, unknown>(Object.entries(objectOf(asked)))
  const text = (name: string, pattern: RegExp): string | undefined => {
    const value = fields.get(name)
    return typeof value === 'string' && pattern.test(value) ? value : undefined
  }
  const [secret, identity] = [text('secret', /^[\w-]{43}$/), text('identity', IDENTITY_PATTERN)]
  const [ed25519, x25519] = [text('ed25519', /^[0-9a-f]{64}$/), text('x25519', /^[0-9a-f]{64}$/)]
  return {
    ...(secret === undefined ? {} : { secret }),
    ...(identity === undefined || identity.length > CERTIFICATE_NAME_LENGTH_MAX ? {} : { identity }),
    ...(ed25519 === undefined || x25519 === undefined ? {} : { keys: { ed25519, x25519 } }),
  }
}

/** The grant in an answer of a master, which has proven itself; what is not as it must be is refused all the same. Throws SETUP_JOIN_REFUSED. */
export function readGrant(answer: unknown): JoinGrant {
  const { grant, message } = objectOf(answer)
  if (grant === undefined)
    throw refusedBy(typeof message === 'string' ? message : 'the master gave no answer that makes sense')
  const { master, broker, collectives, key } = objectOf(grant)
  const { host, port, user, password } = objectOf(broker)
  const names: unknown[] = Array.isArray(collectives) ? collectives : []
  const isWhole =
    [master, host, user, ...names].every((word) => typeof word === 'string' && /^[\w.:-]+$/.test(word)) &&
    names.length > 0 &&
    Number.isInteger(port) &&
    (password === null || (typeof password === 'string' && /^[\x21-\x7e]+$/.test(password)))
  const { scheme, previous, ...texts } = objectOf(key)
  const needed = scheme === 'psk' ? ['credentials'] : ['certificate', 'authority', 'group', 'revoked']
  if (!isWhole || (scheme !== 'psk' && scheme !== 'aes') || !needed.every((name) => typeof texts[name] === 'string')) {
    throw refusedBy('what the master gave is of another version')
  }
  if (previous !== undefined && typeof previous !== 'string') throw refusedBy('the former password is no text')
  return grant as JoinGrant
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function refusedBy(message: string): TroupeError {
  return new TroupeError('SETUP_JOIN_REFUSED', message.startsWith('cannot join') ? message : `cannot join: ${message}`)
}
