// Who asks: by the API token of a script or the session cookie of a browser. Account, role and session are looked up for every request, so
// that what an administrator changes holds from the next request on, on every console of a shared store. Signing in is sign-in.ts's.

import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import type { SessionRecord } from '#store/account-records.ts'
import type { Store } from '#store/store.ts'
import { lowerOf } from '../roles.ts'
import type { Caller, Visitor } from '../route.ts'
import { hashOf, newSecret, sameText } from './secrets.ts'

/** `__Host-`: browsers take these from this very host over TLS alone. */
export const SESSION_COOKIE = '__Host-troupe'
/** Of browsers that are not signed in: what their CSRF token is made of. */
export const VISIT_COOKIE = '__Host-troupe-visit'
export const TOKEN_PREFIX = 'troupe_'

export interface Credentials {
  readonly address: string
  readonly authorization: string | undefined
  cookie(name: string): string | undefined
  keep(name: string, value: string | undefined, seconds?: number): void
}

export interface Visit {
  /** Absent: nobody is signed in. */
  readonly caller?: Caller
  readonly visitor: Visitor
  /** Whether this value of the header `x-csrf-token` shows that a page of ours asks; scripts with a token need none. */
  provesOrigin(header: string | string[] | undefined): boolean
}

export interface Authenticator {
  /** Throws CONSOLE_NOT_SIGNED_IN for a token that is not, or no longer, good. */
  visit(credentials: Credentials): Promise<Visit>
}

export interface SessionTimes {
  /** Without a request for so long a session ends. */
  readonly idleMs: number
  /** However it is used, it ends then. */
  readonly longestMs: number
}

/** A session's last use is written no more often than this. */
const TOUCH_MS = 60_000
const TOKEN_LENGTH_MAX = 200

export function createAuthenticator(parts: {
  readonly store: Pick<Store, 'accounts' | 'sessions' | 'tokens'>
  readonly clock: Clock
  readonly times: SessionTimes
}): Authenticator {
  const { store, clock, times } = parts

  async function byToken(credentials: Credentials): Promise<Visit> {
    const refuse = (): TroupeError =>
      new TroupeError(
        'CONSOLE_NOT_SIGNED_IN',
        'cannot do this: the API token is not known, has ended, or its account is disabled',
      )
    const { authorization = '', address } = credentials
    const [, secret] = /^Bearer (\S+)$/i.exec(authorization) ?? []
    if (!secret?.startsWith(TOKEN_PREFIX) || secret.length > TOKEN_LENGTH_MAX) throw refuse()
    const token = await store.tokens.byHash(hashOf(secret))
    const nowMs = clock.now()
    if (!token || (token.expiresAtMs !== undefined && token.expiresAtMs <= nowMs)) throw refuse()
    const account = await store.accounts.get(token.account)
    if (!account || account.disabled) throw refuse()
    if (nowMs - (token.lastUsedMs ?? 0) > TOUCH_MS) await store.tokens.touch(token.id, nowMs)
    return {
      caller: { account: account.name, role: lowerOf(token.role, account.role), by: 'token', address },
      visitor: { ...visitorOf(credentials, undefined, ''), token },
      provesOrigin: () => true,
    }
  }

  /** The session of a cookie, when it is still good. */
  async function sessionOf(cookie: string | undefined): Promise<SessionRecord | undefined> {
    if (cookie === undefined || cookie.length > TOKEN_LENGTH_MAX) return undefined
    const session = await store.sessions.get(hashOf(cookie))
    const nowMs = clock.now()
    if (!session || session.expiresAtMs <= nowMs || session.lastUsedMs + times.idleMs <= nowMs) return undefined
    if (nowMs - session.lastUsedMs > TOUCH_MS) await store.sessions.update(session.idHash, { lastUsedMs: nowMs })
    return session
  }

  return {
    async visit(credentials) {
      if (credentials.authorization !== undefined) return byToken(credentials)
      const { address } = credentials
      const session = await sessionOf(credentials.cookie(SESSION_COOKIE))
      const account = session?.account === undefined ? undefined : await store.accounts.get(session.account)
      const signedIn = account !== undefined && !account.disabled
      const kept = session && (session.account === undefined || signedIn) ? session : undefined
      const visit = credentials.cookie(VISIT_COOKIE)
      const csrfToken = kept ? kept.csrfSecret : visit === undefined ? '' : csrfOfVisit(visit)
      return {
        ...(signedIn && kept ? { caller: { account: account.name, role: account.role, by: 'session', address } } : {}),
        visitor: visitorOf(credentials, kept, csrfToken),
        provesOrigin: (header) => typeof header === 'string' && csrfToken !== '' && sameText(header, csrfToken),
      }
    },
  }
}

/** For a browser without a session: a new value for its cookie, and the CSRF token that goes with it. */
export function newVisit(): { readonly cookie: string; readonly csrfToken: string } {
  const cookie = newSecret()
  return { cookie, csrfToken: csrfOfVisit(cookie) }
}

/** Nobody else can know the cookie, so nobody else can know this. */
function csrfOfVisit(cookie: string): string {
  return hashOf(`csrf ${cookie}`)
}

function visitorOf(credentials: Credentials, session: SessionRecord | undefined, csrfToken: string): Visitor {
  return {
    address: credentials.address,
    csrfToken,
    cookie: credentials.cookie,
    keep: credentials.keep,
    ...(session ? { session } : {}),
  }
}
