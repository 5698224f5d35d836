// Signing in by password, by one-time link and by what an OpenID provider said; first set-up; sessions that begin, turn into others and end.
// Wrong passwords lock a name for a while, whether it exists or not, at every console of the store. Everything is audited. [M-080] docs/security.md

import type { Clock } from '#base/clock.ts'
import { isTroupeError, TroupeError } from '#base/errors.ts'
import {
  CONSOLE_FAILURES_MAX,
  CONSOLE_LINK_MS,
  CONSOLE_LOCK_MS,
  CONSOLE_LOCK_MS_MAX,
  CONSOLE_UNKNOWN_NAMES_MAX,
} from '#base/limits.ts'
import type { AccountRecord, Lock, SessionRecord } from '#store/account-records.ts'
import type { Store } from '#store/store.ts'
import type { Role } from '../api/words.ts'
import { invalidFields } from '../error-answer.ts'
import type { ConsoleEvents } from '../events.ts'
import { type ConsoleParts, OWN_ACCOUNT } from '../parts.ts'
import type { Visitor } from '../route.ts'
import { SESSION_COOKIE, type SessionTimes, VISIT_COOKIE } from './authenticate.ts'
import type { Passwords } from './passwords.ts'
import { hashOf, newSecret } from './secrets.ts'

export interface SignInParts {
  readonly store: Pick<Store, 'accounts' | 'unknownNames' | 'sessions' | 'links'>
  readonly clock: Clock
  readonly passwords: Passwords
  readonly times: SessionTimes
  readonly events: ConsoleEvents
  readonly audit: ConsoleParts['audit']
}

/** Somebody an OpenID provider vouches for. */
export interface Vouched {
  /** Issuer and its name for the person, e.g. `https://sso.example.com 248289761001`. */
  readonly subject: string
  /** Account name to have, e.g. `alice`. */
  readonly name: string
  readonly displayName: string
  readonly role: Role
}

export interface SignIn {
  /** Each answers the session that has begun. Throws CONSOLE_NOT_SIGNED_IN, CONSOLE_LOCKED, CONSOLE_NOT_ALLOWED (disabled) and CONSOLE_TOO_MANY. */
  byPassword(visitor: Visitor, name: string, password: string): Promise<SessionRecord>
  /** Throws CONSOLE_NOT_SIGNED_IN when the link is not, or no longer, good. */
  byLink(visitor: Visitor, token: string): Promise<SessionRecord>
  /** Throws CONSOLE_NOT_ALLOWED for disabled accounts, CONSOLE_CONFLICT when the name is somebody else's. */
  byProvider(visitor: Visitor, who: Vouched): Promise<SessionRecord>
  /** The first administrator. Throws CONSOLE_NOT_ALLOWED without a link for it, CONSOLE_CONFLICT when there are accounts. */
  firstAccount(visitor: Visitor, name: string, password: string): Promise<SessionRecord>
  /** One's own password; the session gets another id and keeps its CSRF token. Throws CONSOLE_INVALID when the old one is wrong, CONSOLE_NOT_ALLOWED when there is none to change. */
  changePassword(visitor: Visitor, account: string, old: string, fresh: string): Promise<void>
  signOut(visitor: Visitor): Promise<void>
  /** Ends every session of an account but `except` (its hash); browsers hear of it. */
  endSessions(account: string, except?: string): Promise<void>
}

/** Purpose of a link that makes the first account. */
export const SETUP = 'setup'

export function createSignIn(parts: SignInParts): SignIn {
  const { store, clock, passwords, times, events, audit } = parts

  /** A session of its own for what is known from now on; the one before, if any, is no longer good. */
  async function begin(
    visitor: Visitor,
    account: string | undefined,
    { byLink = false, csrfSecret = newSecret() } = {},
  ): Promise<SessionRecord> {
    if (visitor.session) await store.sessions.remove(visitor.session.idHash)
    const secret = newSecret()
    const nowMs = clock.now()
    const session: SessionRecord = {
      idHash: hashOf(secret),
      ...(account === undefined ? {} : { account }),
      ...{ csrfSecret, createdAtMs: nowMs, lastUsedMs: nowMs, byLink },
      expiresAtMs: nowMs + (account === undefined ? CONSOLE_LINK_MS : times.longestMs),
    }
    await store.sessions.insert(session)
    visitor.keep(SESSION_COOKIE, secret)
    visitor.keep(VISIT_COOKIE, undefined)
    return session
  }

  async function fail(visitor: Visitor, name: string, why: string): Promise<void> {
    await audit({ account: name, address: visitor.address }, 'sign-in-failed', { why })
  }

  async function signedIn(visitor: Visitor, account: string, by: string): Promise<void> {
    await store.accounts.update(account, { failedAttempts: 0, lockedUntilMs: null, lastSignInMs: clock.now() })
    await audit({ account, address: visitor.address }, 'sign-in', { by })
  }

  /** Names that nobody has are looked up and locked as those that somebody has. Throws CONSOLE_LOCKED. */
  async function unlocked(
    name: string,
  ): Promise<{ readonly account: AccountRecord | undefined; readonly failures: number }> {
    const [account, unknown] = await Promise.all([store.accounts.get(name), store.unknownNames.get(hashOf(name))])
    const { failedAttempts = 0, lockedUntilMs = 0 } = account ?? unknown ?? {}
    if (lockedUntilMs > clock.now()) throw locked(lockedUntilMs - clock.now())
    return { account, failures: failedAttempts }
  }

  function lockAfter(failures: number): Lock {
    const nowMs = clock.now()
    return { attempts: CONSOLE_FAILURES_MAX, untilMs: nowMs + lockMs(failures + 1), nowMs }
  }

  async function refuseDisabled(visitor: Visitor, account: AccountRecord): Promise<void> {
    if (!account.disabled) return
    await fail(visitor, account.name, 'disabled')
    throw new TroupeError(
      'CONSOLE_NOT_ALLOWED',
      `cannot sign in: the account ${account.name} is disabled; an administrator can enable it`,
    )
  }

  return {
    async byPassword(visitor, name, password) {
      const { account, failures } = await unlocked(name)
      const isRight = await passwords.verify(password, account?.passwordHash)
      const lock = lockAfter(failures)
      // Right or wrong: of many at once only so many are told, whatever consoles they come to. A right one forgets them again.
      const counted = account
        ? await store.accounts.addFailure(name, lock)
        : await store.unknownNames.addFailure(hashOf(name), { ...lock, namesMax: CONSOLE_UNKNOWN_NAMES_MAX })
      if (!counted) throw locked(lock.untilMs - lock.nowMs)
      if (!isRight) {
        await fail(visitor, name, 'wrong name or password')
        throw new TroupeError('CONSOLE_NOT_SIGNED_IN', 'cannot sign in: name or password are wrong')
      }
      await refuseDisabled(visitor, account!)
      const session = await begin(visitor, name)
      await signedIn(visitor, name, 'password')
      return session
    },

    async byLink(visitor, token) {
      const link = await store.links.use(hashOf(token), clock.now())
      const account = link?.account === undefined ? undefined : await store.accounts.get(link.account)
      const isSetup = link?.purpose === SETUP && (await store.accounts.count()) === 0
      if (!link || (!account && !isSetup)) {
        await fail(visitor, link?.account ?? '', 'the link is unknown, used or too old')
        const message =
          'cannot sign in: the link was used before, or is older than 15 minutes; `mco console link` makes a new one'
        throw new TroupeError('CONSOLE_NOT_SIGNED_IN', message)
      }
      if (account) await refuseDisabled(visitor, account)
      const session = await begin(visitor, account?.name, { byLink: true })
      if (account) await signedIn(visitor, account.name, 'link')
      return session
    },

    async byProvider(visitor, who) {
      const nowMs = clock.now()
      const known = await store.accounts.bySubject(who.subject)
      if (known) {
        await refuseDisabled(visitor, known)
        await store.accounts.update(known.name, { role: who.role, displayName: who.displayName, changedAtMs: nowMs })
        if (known.role !== who.role) events.recheck(known.name)
      } else {
        await insertVouched(who, nowMs)
      }
      const name = known?.name ?? who.name
      const session = await begin(visitor, name)
      await signedIn(visitor, name, 'oidc')
      return session
    },

    async firstAccount(visitor, name, password) {
      if (!visitor.session?.byLink || visitor.session.account !== undefined) {
        throw new TroupeError(
          'CONSOLE_NOT_ALLOWED',
          'cannot make the first account without its one-time link: `mco console link` prints one',
        )
      }
      refuseReserved(name)
      if ((await store.accounts.count()) > 0) {
        throw new TroupeError('CONSOLE_CONFLICT', 'cannot make the first account: there is one; sign in with it')
      }
      const passwordHash = await passwords.hash(checkedPassword(name, password))
      await store.accounts.insert(
        newAccount({ name, displayName: name, role: 'administrator', passwordHash }, clock.now()),
      )
      const session = await begin(visitor, name)
      await audit({ account: name, address: visitor.address }, 'account-made', {
        name,
        role: 'administrator',
        first: true,
      })
      await signedIn(visitor, name, 'setup')
      return session
    },

    async changePassword(visitor, name, old, fresh) {
      const account = await store.accounts.get(name)
      if (account?.source !== 'local') {
        throw new TroupeError(
          'CONSOLE_NOT_ALLOWED',
          `cannot change the password of ${name}: it is the OpenID provider's`,
        )
      }
      if (!cameByLink(visitor, clock.now()) && !(await passwords.verify(old, account.passwordHash))) {
        await fail(visitor, name, 'wrong old password')
        const counted = await store.accounts.addFailure(name, lockAfter(account.failedAttempts))
        // Whoever has got hold of somebody's session must not guess on.
        if (!counted || counted.failedAttempts >= CONSOLE_FAILURES_MAX) await endSessions(name)
        throw new TroupeError('CONSOLE_INVALID', 'cannot change the password: the old one is wrong', {
          details: { fields: { old: 'is not the password' } },
        })
      }
      const passwordHash = await passwords.hash(checkedPassword(name, fresh))
      await store.accounts.update(name, {
        passwordHash,
        changedAtMs: clock.now(),
        failedAttempts: 0,
        lockedUntilMs: null,
      })
      const { csrfToken: csrfSecret } = visitor
      const session = await begin(visitor, name, { csrfSecret })
      await endSessions(name, session.idHash)
      await audit({ account: name, address: visitor.address }, 'password-changed', { name })
    },

    async signOut(visitor) {
      visitor.keep(SESSION_COOKIE, undefined)
      const { session } = visitor
      if (!session) return
      await store.sessions.remove(session.idHash)
      if (session.account === undefined) return
      events.recheck(session.account)
      await audit({ account: session.account, address: visitor.address }, 'sign-out', {})
    },

    endSessions,
  }

  async function endSessions(account: string, except?: string): Promise<void> {
    await store.sessions.removeAllOf(account, except)
    events.recheck(account)
  }

  async function insertVouched({ name, subject, displayName, role }: Vouched, nowMs: number): Promise<void> {
    refuseReserved(name)
    const taken = new TroupeError(
      'CONSOLE_CONFLICT',
      `cannot sign in as ${name}: the console has another account of that name; an administrator must remove one`,
    )
    if (await store.accounts.get(name)) throw taken
    try {
      await store.accounts.insert({ ...newAccount({ name, displayName, role }, nowMs), source: 'oidc', subject })
    } catch (error) {
      throw isTroupeError(error, 'STORE_CONFLICT') ? taken : error
    }
  }
}

/** Whoever came by a link proved to have the machine, and may have come because the password is forgotten. */
function cameByLink({ session }: Visitor, nowMs: number): boolean {
  return session?.byLink === true && nowMs - session.createdAtMs < CONSOLE_LINK_MS
}

export function newAccount(
  about: Pick<AccountRecord, 'name' | 'displayName' | 'role' | 'passwordHash'>,
  nowMs: number,
): AccountRecord {
  return { ...about, source: 'local', disabled: false, failedAttempts: 0, createdAtMs: nowMs, changedAtMs: nowMs }
}

/** The console's own name on the nodes must not be anybody's. Throws CONSOLE_INVALID. */
export function refuseReserved(name: string): void {
  if (name !== OWN_ACCOUNT) return
  throw invalidFields(`cannot make the account ${name}: the console itself has that name`, {
    name: 'is the name of the console itself',
  })
}

const DIFFERENT_LETTERS_MIN = 5

/** Throws CONSOLE_INVALID for passwords that are guessed first. Length is the schema's. */
export function checkedPassword(name: string, password: string): string {
  const why =
    password.toLowerCase().includes(name.toLowerCase()) && password.length < name.length + 8
      ? 'is little more than the name'
      : new Set(password).size < DIFFERENT_LETTERS_MIN
        ? `must have ${DIFFERENT_LETTERS_MIN} different characters at least`
        : undefined
  if (why !== undefined) throw invalidFields(`cannot use the password: it ${why}`, { password: why })
  return password
}

/** Nothing for the first few, then half a minute, doubled each time. */
function lockMs(failures: number): number {
  return Math.min(CONSOLE_LOCK_MS * 2 ** Math.max(0, failures - CONSOLE_FAILURES_MAX), CONSOLE_LOCK_MS_MAX)
}

function locked(leftMs: number): TroupeError {
  const seconds = Math.ceil(leftMs / 1000)
  return new TroupeError(
    'CONSOLE_LOCKED',
    `cannot sign in with this name for another ${seconds} s: there were too many wrong passwords`,
  )
}
