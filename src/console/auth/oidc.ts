// Signing in at an OpenID provider: authorization code flow with PKCE, state and nonce, by openid-client. The provider says who somebody is
// and in which groups; which role that makes is decided here. Accounts and sessions are sign-in.ts's. [M-080] [issue: OpenID Connect]

import * as oidc from 'openid-client'
import { messageOf, TroupeError } from '#base/errors.ts'
import type { Role } from '../api/words.ts'
import { ROLES } from '../roles.ts'
import type { Vouched } from './sign-in.ts'

export interface ProviderOptions {
  /** On the button: `Example SSO`. */
  readonly name: string
  /** e.g. `https://sso.example.com/realms/main`; plain HTTP for this machine alone. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  /** e.g. `['openid', 'profile', 'groups']`. */
  readonly scopes: readonly string[]
  /** e.g. `https://console.example.com/api/session/oidc/callback`. */
  readonly redirectUrl: string
  /** Claim that names the account, e.g. `preferred_username`. */
  readonly nameClaim: string
  /** Claim with groups or roles, e.g. `groups`. */
  readonly groupsClaim: string
  /** Groups whose members get a role; `*`: everybody. The highest role counts; who is in none may not sign in. */
  readonly groups: Readonly<Record<Role, readonly string[]>>
}

/** What must come back. Secret. */
export interface Checks {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

export interface Provider {
  readonly name: string
  /** Where to send the browser. Throws CONSOLE_OIDC when the provider cannot be asked. */
  begin(): Promise<{ readonly url: string; readonly checks: Checks }>
  /** `query`: what the browser came back with. Throws CONSOLE_OIDC, and CONSOLE_NOT_ALLOWED for people without a role. */
  finish(query: Readonly<Record<string, string>>, checks: Checks): Promise<Vouched>
}

const TIMEOUT_SECONDS = 10
const DISPLAY_NAME_MAX = 200

export function createProvider(options: ProviderOptions): Provider {
  let known: Promise<oidc.Configuration> | undefined
  /** Asked when first needed, and again after it failed: the provider may start after the console. */
  const configuration = (): Promise<oidc.Configuration> => {
    known ??= discover(options).catch((error) => {
      known = undefined
      throw failed(`the provider ${options.issuer} cannot be asked`, error)
    })
    return known
  }
  return {
    name: options.name,
    async begin() {
      const config = await configuration()
      const verifier = oidc.randomPKCECodeVerifier()
      const checks = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier }
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: options.redirectUrl,
        scope: options.scopes.join(' '),
        response_type: 'code',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: checks.state,
        nonce: checks.nonce,
      })
      return { url: url.href, checks }
    },
    async finish(query, { state, nonce, verifier }) {
      const config = await configuration()
      const came = new URL(options.redirectUrl)
      for (const [name, value] of Object.entries(query)) came.searchParams.set(name, value)
      const claims = await granted(config, came, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
      })
      return vouched(options, claims)
    },
  }
}

async function discover({ issuer, clientId, clientSecret }: ProviderOptions): Promise<oidc.Configuration> {
  const url = new URL(issuer)
  const isHere = url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  // Without a secret the client is a public one; PKCE protects the code in both cases.
  const method = clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret)
  return oidc.discovery(url, clientId, clientSecret, method, {
    timeout: TIMEOUT_SECONDS,
    ...(isHere ? { execute: [oidc.allowInsecureRequests] } : {}),
  })
}

type Claims = Readonly<Record<string, unknown>>

async function granted(
  config: oidc.Configuration,
  came: URL,
  checks: oidc.AuthorizationCodeGrantChecks,
): Promise<Claims & { iss: string; sub: string }> {
  try {
    const tokens = await oidc.authorizationCodeGrant(config, came, { ...checks, idTokenExpected: true })
    const claims = tokens.claims()!
    const hasUserinfo = config.serverMetadata().userinfo_endpoint !== undefined
    // Many providers keep the ID token small and tell groups only there.
    const more = hasUserinfo ? await oidc.fetchUserInfo(config, tokens.access_token, claims.sub) : {}
    return { ...more, ...claims }
  } catch (error) {
    throw failed('the provider did not confirm the sign-in', error)
  }
}

/** Throws CONSOLE_NOT_ALLOWED when no group gives a role, CONSOLE_OIDC when the name cannot be an account's. */
export function vouched(
  options: Pick<ProviderOptions, 'nameClaim' | 'groupsClaim' | 'groups'>,
  claims: Claims & { iss: string; sub: string },
): Vouched {
  const name = accountName(claimAt(claims, options.nameClaim))
  if (name === undefined) {
    const message = `cannot sign in: the claim ${options.nameClaim} of the provider is no name for an account (letters, digits, '.', '_', '-')`
    throw new TroupeError('CONSOLE_OIDC', message)
  }
  const groups = claimAt(claims, options.groupsClaim)
  const memberOf = new Set((Array.isArray(groups) ? groups : [groups]).filter((group) => typeof group === 'string'))
  const isIn = (wanted: string): boolean => wanted === '*' || memberOf.has(wanted)
  const role = ROLES.toReversed().find((one) => options.groups[one].some(isIn))
  if (role === undefined) {
    throw new TroupeError(
      'CONSOLE_NOT_ALLOWED',
      `cannot sign in as ${name}: none of the groups of the provider gives a role here`,
    )
  }
  const shown = typeof claims.name === 'string' && claims.name !== '' ? claims.name : name
  return { subject: `${claims.iss} ${claims.sub}`, name, displayName: shown.slice(0, DISPLAY_NAME_MAX), role }
}

/** `groups`, or a path as Keycloak has it: `realm_access.roles`. */
function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  let value: unknown = claims
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Claims)[key]
  }
  return value
}

/** `Alice@Example.com` is `alice`: the caller id on the nodes has no @, and the subject keeps people of the same name apart. */
function accountName(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined
  const name = claim.toLowerCase().replace(/@.*$/, '')
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) ? name : undefined
}

function failed(what: string, error: unknown): TroupeError {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return new TroupeError('CONSOLE_OIDC', `cannot sign in: ${what}: ${messageOf(error)}${cause}`, { cause: error })
}
