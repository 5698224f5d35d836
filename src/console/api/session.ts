// Signing in and out, accounts and tokens. [issue: accounts and roles] [live 1]

import Type, { type Static } from 'typebox'
import { Id, Milliseconds, Role } from './words.ts'

/** e.g. `alice`; becomes the caller id `user=alice` on the nodes, so it has the letters of one. [wire 2.3] */
export const AccountName = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-z0-9][a-z0-9._-]*$' })
export const Password = Type.String({ minLength: 12, maxLength: 256 })

/** GET /api/session: who one is. Answers anonymous callers as well. */
export const Session = Type.Object({
  /** Absent: not signed in. */
  account: Type.Optional(
    Type.Object({
      name: AccountName,
      displayName: Type.String(),
      role: Role,
      source: Type.Union([Type.Literal('local'), Type.Literal('oidc')]),
    }),
  ),
  /** To be sent back as header `x-csrf-token` with everything but GET. */
  csrfToken: Type.String(),
  expiresAtMs: Type.Optional(Milliseconds),
  /** true: there is no account yet; signing in takes the one-time link of the console's first screen. */
  needsSetup: Type.Boolean(),
  /**
   * true: came by a one-time link and must choose a password now: without `account` a name as well (POST /api/session/setup), else
   * POST /api/session/password with an empty `old`.
   */
  mustChoosePassword: Type.Boolean(),
  /** How one may sign in besides a password, e.g. `Example SSO`: by a link to /api/session/oidc?to=/jobs. Afterwards `/sign-in?problem=oidc-failed` or `oidc-refused`. */
  oidcName: Type.Optional(Type.String()),
  /** M-081: false: Live Management is switched off. */
  liveManagement: Type.Boolean(),
  version: Type.String(),
  collective: Type.String(),
})
export type Session = Static<typeof Session>

export const SignIn = Type.Object(
  { name: AccountName, password: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
)
export type SignIn = Static<typeof SignIn>
/** POST /api/session/link: the token of a one-time link, `https://.../sign-in#token=TOKEN` (behind #, so it is in no log). */
export const SignInByLink = Type.Object(
  { token: Type.String({ minLength: 16, maxLength: 256 }) },
  { additionalProperties: false },
)
export type SignInByLink = Static<typeof SignInByLink>
/** POST /api/session/setup: the first administrator. */
export const FirstAccount = Type.Object({ name: AccountName, password: Password }, { additionalProperties: false })
export type FirstAccount = Static<typeof FirstAccount>

export const Account = Type.Object({
  name: AccountName,
  displayName: Type.String({ maxLength: 200 }),
  role: Role,
  source: Type.Union([Type.Literal('local'), Type.Literal('oidc')]),
  disabled: Type.Boolean(),
  /** Locked by wrong passwords until then. */
  lockedUntilMs: Type.Optional(Milliseconds),
  createdAtMs: Milliseconds,
  lastSignInMs: Type.Optional(Milliseconds),
})
export type Account = Static<typeof Account>
export const NewAccount = Type.Object(
  { name: AccountName, displayName: Type.Optional(Type.String({ maxLength: 200 })), role: Role, password: Password },
  { additionalProperties: false },
)
export type NewAccount = Static<typeof NewAccount>
export const AccountChange = Type.Object(
  {
    displayName: Type.Optional(Type.String({ maxLength: 200 })),
    role: Type.Optional(Role),
    disabled: Type.Optional(Type.Boolean()),
    password: Type.Optional(Password),
  },
  { additionalProperties: false },
)
export type AccountChange = Static<typeof AccountChange>
/** GET /api/accounts, by name. */
export const Accounts = Type.Object({ accounts: Type.Array(Account) })
export type Accounts = Static<typeof Accounts>
/** POST /api/session/password: one's own. `old` may be empty just after signing in by a one-time link. */
export const PasswordChange = Type.Object(
  { old: Type.String({ maxLength: 256 }), new: Password },
  { additionalProperties: false },
)
export type PasswordChange = Static<typeof PasswordChange>

/** For scripts: header `Authorization: Bearer troupe_...`. */
export const ApiToken = Type.Object({
  id: Id,
  label: Type.String({ minLength: 1, maxLength: 100 }),
  account: AccountName,
  /** At most the account's own. */
  role: Role,
  createdAtMs: Milliseconds,
  expiresAtMs: Type.Optional(Milliseconds),
  lastUsedMs: Type.Optional(Milliseconds),
})
export type ApiToken = Static<typeof ApiToken>
export const NewApiToken = Type.Object(
  {
    label: Type.String({ minLength: 1, maxLength: 100 }),
    role: Role,
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
  },
  { additionalProperties: false },
)
export type NewApiToken = Static<typeof NewApiToken>
/** GET /api/tokens: one's own; for administrators everybody's. Newest first. */
export const ApiTokens = Type.Object({ tokens: Type.Array(ApiToken) })
export type ApiTokens = Static<typeof ApiTokens>
/** The only time the secret is shown. */
export const MadeApiToken = Type.Object({ token: ApiToken, secret: Type.String() })
export type MadeApiToken = Static<typeof MadeApiToken>
