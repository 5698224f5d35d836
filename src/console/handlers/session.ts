// Signing in and out, and who one is.

import Type from 'typebox'
import type { Clock } from '#base/clock.ts'
import { messageOf, TroupeError } from '#base/errors.ts'
import { CONSOLE_OIDC_MS, CONSOLE_SIGN_INS_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import type { SessionRecord } from '#store/account-records.ts'
import type { Store } from '#store/store.ts'
import { FirstAccount, PasswordChange, Session, SignIn, SignInByLink } from '../api/session.ts'
import { Empty } from '../api/words.ts'
import { newVisit, VISIT_COOKIE } from '../auth/authenticate.ts'
import type { Provider } from '../auth/oidc.ts'
import { hashOf, newSecret } from '../auth/secrets.ts'
import type { SignIn as SignInService } from '../auth/sign-in.ts'
import type { ConsoleParts, SettingsShelf } from '../parts.ts'
import { type Route, raw, route, type Visitor } from '../route.ts'

export interface SessionRoutesParts {
  readonly store: Pick<Store, 'accounts' | 'sessions'>
  readonly signIn: SignInService
  /** Absent: there is no OpenID provider. */
  readonly provider?: Provider
  readonly settings: SettingsShelf
  readonly audit: ConsoleParts['audit']
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly collective: string
}

const OIDC_COOKIE = '__Host-troupe-oidc'
/** Pages of the console alone: `//elsewhere` and `/\elsewhere` are other sites to browsers. */
const OwnAddress = Type.String({ maxLength: 2000, pattern: '^/([^/\\\\\\u0000-\\u0020][^\\u0000-\\u0020]*)?$' })
const Callback = Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 8000 }))

export function sessionRoutes(parts: SessionRoutesParts): readonly Route[] {
  const { signIn, store } = parts
  const tag = 'session'

  async function sessionOf(visitor: Visitor, session: SessionRecord | undefined): Promise<Session> {
    const account = session?.account === undefined ? undefined : await store.accounts.get(session.account)
    let csrfToken = session?.csrfSecret ?? visitor.csrfToken
    if (csrfToken === '') {
      const visit = newVisit()
      visitor.keep(VISIT_COOKIE, visit.cookie)
      csrfToken = visit.csrfToken
    }
    const withoutPassword = account?.source === 'local' && account.passwordHash === undefined
    return {
      ...(account
        ? {
            account: {
              name: account.name,
              displayName: account.displayName,
              role: account.role,
              source: account.source,
            },
          }
        : {}),
      csrfToken,
      ...(session ? { expiresAtMs: session.expiresAtMs } : {}),
      needsSetup: (await store.accounts.count()) === 0,
      mustChoosePassword: session?.byLink === true && (account === undefined || withoutPassword),
      ...(parts.provider ? { oidcName: parts.provider.name } : {}),
      liveManagement: parts.settings.get().liveManagement,
      version: parts.version,
      collective: parts.collective,
    }
  }

  return [
    route({
      ...{ method: 'GET', path: '/api/session', role: 'anonymous', tag },
      summary: 'Who one is, and the CSRF token to send with everything but GET',
      answer: Session,
      handle: ({ visitor }) => sessionOf(visitor, visitor.session),
    }),
    route({
      ...{ method: 'POST', path: '/api/session', role: 'anonymous', tag },
      summary: 'Sign in with name and password',
      attemptsMax: CONSOLE_SIGN_INS_MAX,
      body: SignIn,
      answer: Session,
      async handle({ visitor, body }) {
        return sessionOf(visitor, await signIn.byPassword(visitor, body.name, body.password))
      },
    }),
    route({
      ...{ method: 'DELETE', path: '/api/session', role: 'anonymous', tag },
      summary: 'Sign out; with everywhere=true on all computers',
      query: Type.Object({ everywhere: Type.Optional(Type.Boolean()) }),
      answer: Empty,
      async handle({ visitor, query, caller }) {
        await signIn.signOut(visitor)
        if (query.everywhere && caller) await signIn.endSessions(caller.account)
        return {}
      },
    }),
    route({
      ...{ method: 'POST', path: '/api/session/link', role: 'anonymous', tag },
      summary: 'Sign in with the token of a one-time link',
      attemptsMax: CONSOLE_SIGN_INS_MAX,
      body: SignInByLink,
      answer: Session,
      async handle({ visitor, body }) {
        return sessionOf(visitor, await signIn.byLink(visitor, body.token))
      },
    }),
    route({
      ...{ method: 'POST', path: '/api/session/setup', role: 'anonymous', tag },
      summary: 'Make the first account, an administrator, having come by a one-time link',
      attemptsMax: CONSOLE_SIGN_INS_MAX,
      body: FirstAccount,
      answer: Session,
      async handle({ visitor, body }) {
        return sessionOf(visitor, await signIn.firstAccount(visitor, body.name, body.password))
      },
    }),
    route({
      ...{ method: 'POST', path: '/api/session/password', role: 'viewer', tag },
      summary: 'Change the own password; sessions on other computers end',
      attemptsMax: CONSOLE_SIGN_INS_MAX,
      body: PasswordChange,
      answer: Empty,
      async handle({ caller, visitor, body }) {
        if (caller.by === 'token')
          throw new TroupeError('CONSOLE_NOT_ALLOWED', 'cannot change a password with an API token: sign in')
        await signIn.changePassword(visitor, caller.account, body.old, body.new)
        return {}
      },
    }),
    ...(parts.provider ? providerRoutes(parts, parts.provider) : []),
  ]
}

function providerRoutes(
  { store, signIn, audit, clock, log }: SessionRoutesParts,
  provider: Provider,
): readonly Route[] {
  const tag = 'session'
  const back = (to: string) => raw({ status: 303, headers: { location: to }, body: '' })
  return [
    route({
      ...{ method: 'GET', path: '/api/session/oidc', role: 'anonymous', tag },
      summary: 'Sign in at the OpenID provider; a page to open, not to fetch',
      attemptsMax: CONSOLE_SIGN_INS_MAX,
      query: Type.Object({ to: Type.Optional(OwnAddress) }),
      answer: Empty,
      async handle({ visitor, query }) {
        const begun = await provider.begin().catch((error) => {
          log.error(`cannot sign anybody in by ${provider.name}: ${messageOf(error)}`)
          return undefined
        })
        if (!begun) return back('/sign-in?problem=oidc-failed')
        const secret = newSecret()
        const nowMs = clock.now()
        await store.sessions.insert({
          ...{ idHash: hashOf(secret), csrfSecret: newSecret(), byLink: false },
          ...{ createdAtMs: nowMs, lastUsedMs: nowMs, expiresAtMs: nowMs + CONSOLE_OIDC_MS },
          data: { ...begun.checks, to: query.to ?? '/' },
        })
        visitor.keep(OIDC_COOKIE, secret, CONSOLE_OIDC_MS / 1000)
        return back(begun.url)
      },
    }),
    route({
      ...{ method: 'GET', path: '/api/session/oidc/callback', role: 'anonymous', tag },
      summary: 'Where the OpenID provider sends browsers back to',
      fromElsewhere: true,
      attemptsMax: CONSOLE_SIGN_INS_MAX,
      query: Callback,
      answer: Empty,
      async handle({ visitor, query }) {
        const cookie = visitor.cookie(OIDC_COOKIE)
        visitor.keep(OIDC_COOKIE, undefined)
        const idHash = hashOf(cookie ?? '')
        const pending = cookie === undefined ? undefined : await store.sessions.get(idHash)
        // Whatever comes of it, it cannot be tried a second time.
        if (pending) await store.sessions.remove(idHash)
        if (!pending?.data || pending.account !== undefined || pending.expiresAtMs <= clock.now())
          return back('/sign-in?problem=oidc-failed')
        const { to, ...checks } = pending.data as { to: string; state: string; nonce: string; verifier: string }
        try {
          await signIn.byProvider(visitor, await provider.finish(query, checks))
          return back(to)
        } catch (error) {
          const refused = error instanceof TroupeError && error.code !== 'CONSOLE_OIDC'
          log.warn(`a sign-in by ${provider.name} from ${visitor.address} did not work: ${messageOf(error)}`)
          await audit({ account: '', address: visitor.address }, 'sign-in-failed', {
            by: 'oidc',
            why: messageOf(error).slice(0, 500),
          })
          return back(`/sign-in?problem=${refused ? 'oidc-refused' : 'oidc-failed'}`)
        }
      },
    }),
  ]
}
